"""How servers are asked: what the options of a command make of the crawl's settings."""

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from scrapy.settings import Settings

from belowtheline.archive.readings.page_limits import MAX_PAGES
from belowtheline.archive.store import runs
from belowtheline.reading.errors import WrongUsage
from belowtheline.reading.hosts import named_pair, typed_pair
from belowtheline.reading.outcomes import UNKNOWN_SITE
from belowtheline.scraper import settings as defaults
from belowtheline.sites.registry import site_named
from belowtheline.sites.site import Site

_LONGEST_DELAY = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRules:
    """How servers are asked, and why."""

    contact: str | None = None
    """A mail or web address where a server's owner can reach you; needed for any host but this machine."""
    delay: float | None = None
    """Least seconds between two requests to one host; None leaves it to the site."""
    purpose: str | None = None
    """What the run is for, which is kept with it."""
    legal_basis: str | None = None
    """The ground on which pages are kept though their owners reserve them, which is kept with the run."""
    link: bool = True
    """Whether quotations and replies are linked once the pages are in."""
    local: tuple[str, ...] = ()
    """Hosts of this machine or an inner network that may be asked, each with its port."""
    max_pages: int = MAX_PAGES
    """Pages of one thread that are asked for at most."""

    def __post_init__(self) -> None:
        """Bring values into one form; raise WrongUsage where one cannot be meant."""
        if self.delay is not None:
            if not 0 <= self.delay <= _LONGEST_DELAY:
                raise WrongUsage(f"A delay of {self.delay} seconds is not meant: give 0 to {_LONGEST_DELAY}.")
            object.__setattr__(self, "delay", float(self.delay))
        if self.max_pages < 1:
            raise WrongUsage(f"A limit of {self.max_pages} pages lets nothing be read: give 1 or more.")
        if self.legal_basis is not None and not self.legal_basis.strip():
            raise WrongUsage("The legal basis is empty: say on what ground, such as the law and its article.")
        try:
            object.__setattr__(self, "local", tuple(map(named_pair, self.local)))
        except ValueError as error:
            raise WrongUsage(f"{error}: give a host and its port, such as 127.0.0.1:8000 or [::1]:8000.") from error


def start_run(connection: sqlite3.Connection, command: str, rules: RequestRules) -> int:
    """Record that a command has started, in the open transaction, and return the row of its run.

    What --local permits and --max-pages limits is no part of what was asked for: the command goes on where the same one
    without them stopped.
    """
    asked = {name: value for name, value in asdict(rules).items() if name not in ("local", "max_pages")}
    return runs.start_run(connection, command, asked, rules.contact, rules.purpose, rules.legal_basis)


def with_typed(local: Iterable[str], urls: Iterable[str]) -> tuple[str, ...]:
    """Return the hosts and ports that an option names, and those of this machine that are typed as addresses."""
    typed = (pair for url in urls if (pair := typed_pair(url)))
    return tuple(dict.fromkeys((*local, *typed)))


def settings_for(rules: RequestRules, todo: list[tuple[str, str]]) -> Settings:
    """Return the crawl's settings; `todo` is address and site of each page, whose sites know their delay."""
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    if rules.contact:
        settings.set("USER_AGENT", f"belowtheline/{runs.tool_version()} (+{rules.contact})", priority="cmdline")
    settings.set("HAS_CONTACT", rules.contact is not None, priority="cmdline")
    settings.set("LINKS_THREADS", rules.link, priority="cmdline")
    settings.set("HAS_LEGAL_BASIS", rules.legal_basis is not None, priority="cmdline")
    settings.set("LOCAL_HOSTS", list(rules.local), priority="cmdline")
    if rules.delay is not None:
        settings.set("DOWNLOAD_DELAY", rules.delay, priority="cmdline")
        settings.set("AUTOTHROTTLE_ENABLED", rules.delay > 0, priority="cmdline")
    else:
        delays = {urlsplit(url).hostname: {"delay": _delay(site), "concurrency": 1} for url, site in todo}
        settings.set("DOWNLOAD_SLOTS", delays, priority="cmdline")
    return settings


def _delay(site: str) -> float:
    return Site.delay if site == UNKNOWN_SITE else site_named(site).delay
