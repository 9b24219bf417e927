"""One page from the network, without an archive: asked for as `btl crawl` asks, and refused as there."""

from collections.abc import Callable
from urllib.parse import urlsplit

from scrapy.http import Response
from scrapy.settings import Settings

from belowtheline.archive.store.runs import now
from belowtheline.jobs.contact import NEEDED, check_contact, is_web_address
from belowtheline.jobs.request_rules import RequestRules, settings_for
from belowtheline.reading.barriers import is_barrier
from belowtheline.reading.errors import BelowTheLineError, BlockedPage, FetchFailed, WrongUsage
from belowtheline.reading.hosts import pair_of
from belowtheline.reading.items import Link
from belowtheline.reading.outcomes import UNKNOWN_SITE
from belowtheline.reading.page import Page
from belowtheline.scraper.politeness import Deferred
from belowtheline.scraper.single import ask
from belowtheline.scraper.spiders.single import Answer, Question
from belowtheline.scraper.unfetched import in_a_sentence, why_not
from belowtheline.sites.articles import Lead

_OTHER_WAYS = "save the page in a browser, copy its text or take a WARC capture, and give that file"


def fetch(
    link: Link, rules: RequestRules, site: str = UNKNOWN_SITE, lead: Callable[[Page], Lead] | None = None
) -> Page:
    """Return the page at a link, or the one that it leads to.

    Raises BlockedPage where it is refused, FetchFailed where it cannot be had, and what `lead` raises.
    """
    url = link.url
    _check(url, rules)

    def follow(response: Response) -> Question | None:
        assert lead is not None
        found = lead(_page(response))
        return Question(found.link, found.site) if found.link else None

    question = Question(link, site, follow if lead else None)
    answer = ask(question, _settings(rules, url, site))
    if answer.response is None:
        raise _refusal(answer.url or url, answer)
    return _page(answer.response)


def _page(response: Response) -> Page:
    if not response.body.strip():
        raise FetchFailed(f"{response.url} is an empty page: check the address, or {_OTHER_WAYS}.")
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1") or None
    return Page(response.url, response.body, content_type, now())


def check_barrier(page: Page) -> None:
    """Raise BlockedPage where a page stands before the one that was asked for."""
    if is_barrier(page.text, page.url):
        raise BlockedPage(f"{page.url} shows a challenge, a consent wall or a login and no comments: {_OTHER_WAYS}.")


def _check(url: str, rules: RequestRules) -> None:
    if not is_web_address(url):
        raise FetchFailed(f"{url} is no web address: give one that starts with http:// or https://, or a file.")
    if "@" in urlsplit(url).netloc:
        raise FetchFailed(f"{url} has a user name, and btl does not support logins: give the address without it.")
    check_contact(rules.contact, [url], rules.local)


def _settings(rules: RequestRules, url: str, site: str) -> Settings:
    """Return the settings of a crawl; what --local names is asked without a delay unless one is given."""
    settings = settings_for(rules, [(url, site)])
    if rules.delay is None and pair_of(url) in rules.local:
        hosts = [urlsplit(f"//{pair}").hostname for pair in rules.local]
        slots = settings.getdict("DOWNLOAD_SLOTS") | {host: {"delay": 0.0, "concurrency": 1} for host in hosts}
        settings.set("DOWNLOAD_SLOTS", slots, priority="cmdline")
        settings.set("AUTOTHROTTLE_ENABLED", False, priority="cmdline")  # it would wait as for any other host
    return settings


def _refusal(url: str, answer: Answer) -> BelowTheLineError:
    """Return the error that stands for what came instead of a page."""
    error = answer.error
    if error is None:
        return FetchFailed(f"{url} was not asked for: try again.")
    (_, reason), detail = why_not(error), in_a_sentence(error)
    if reason == "robots":
        rules = f"robots.txt of {urlsplit(url).netloc}, or of where it redirects to,"
        return BlockedPage(f"{url}: {rules} asks not to fetch it, and btl obeys: {_OTHER_WAYS}.")
    if reason == "opt-out":
        return BlockedPage(
            f"{url} is reserved by its owner ({detail}), and btl obeys: ask the owner, or give --legal-basis TEXT where"
            " the law lets you keep it."
        )
    if reason == "blocked":
        return BlockedPage(f"{url} was refused ({detail}): {_OTHER_WAYS}.")
    if reason == "no contact":
        return WrongUsage(f"{url} leads to another host: {NEEDED}")
    if isinstance(error, Deferred):
        return FetchFailed(f"{url} asks to come back later ({_wait(error)}): wait, then try again.")
    return FetchFailed(f"{url} {_unread(reason, detail)}.")


def _wait(error: Deferred) -> str:
    said = (error.response.headers.get("Retry-After") or b"").decode("latin-1")
    return f"HTTP {error.response.status}, Retry-After: {said}" if said else f"HTTP {error.response.status}"


def _unread(reason: str, detail: str) -> str:
    """Return what became of an address, and what to do, as the rest of a sentence."""
    if reason in ("http 404", "http 410"):
        return f"does not exist ({reason.upper()}): check the address, or {_OTHER_WAYS}"
    if reason.startswith("http 3"):
        return f"redirects in a circle or away from the web ({reason.upper()}): check the address"
    if reason.startswith("http "):
        return f"answers {reason.upper()}: try again later, or {_OTHER_WAYS}"
    if reason in ("not public", "refused"):
        return f"is not fetched: {detail}"
    if reason == "too large":
        return f"cannot be taken, {detail}, which no page of a thread is: check the address"
    if reason == "torn":
        return f"cannot be taken, {detail}: try again"
    return f"cannot be fetched ({detail}): check address and connection, then try again"
