"""Reddit: what the site is; its addresses, its answers, its posts and its comments are modules of their own."""

import re
from collections.abc import Mapping

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin
from belowtheline.sites.reddit import addresses, forms, listings, refusals, wording
from belowtheline.sites.site import Signed, Site

_POINTS_AT = re.compile(r"\b(?:discuss|comments?\b)", re.IGNORECASE)


class Reddit(Site):
    """Threads of Reddit from its JSON: a post (`t3`) with its tree of comments (`t1`), and what `more` stands for.

    Relies on `kind` and `data`, and in `data` on `id`, `link_id`, `parent_id`, `author`, `body_html`, `created_utc`
    and `replies`, since 2008; on `children` of `more` since 2011; before `score` came in 2013 on `ups` and `downs`. In
    answers of /api/morechildren that were rendered for the site itself it relies on `content`, the HTML of a comment.
    """

    name = wording.NAME
    title = wording.TITLE
    hosts = addresses.HOSTS
    example_url = "https://www.reddit.com/r/kettles/comments/1abcde/descaling/"
    reads = (
        "threads at reddit.com/r/SUB/comments/ID and redd.it/ID, by their answers at /comments/ID/.json",
        "comments left out of them, at /api/morechildren by the hundred, and threads continued elsewhere",
        "lists of comments as /api/info.json gives them for ids, each for its thread",
        "saved answers (.json), escaped or raw; with REDDIT_TOKEN, answers of oauth.reddit.com",
    )
    cannot = (
        "Reddit's web pages (.html): save the answer at the same address with .json",
        "what robots.txt forbids, at reddit.com everything since 2024, and what Reddit refuses without a token: save "
        "answers with a program that has leave, and take them in with `btl ingest`",
        "texts of deleted and of removed comments; ids of what a `more` stands for below those it names",
        "share links (/r/SUB/s/CODE), which do not name their thread; lists of posts; private subreddits",
    )
    counts = "all comments ever made, deleted and removed ones included, of which Reddit hands out only some"
    end = "an answer to a thread's own address, once all that its `more` name is held and where they lead was read"
    delay = 6.0  # ten requests a minute are allowed without a token
    floors = {"author": 0.75, "published_at": 0.95, "body_text": 0.7}  # deleted ones have neither author nor text
    conventions = wording.CONVENTIONS
    keys = ("REDDIT_TOKEN",)

    def claims(self, url: str) -> bool:
        """Return whether the host is Reddit's."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page is an answer with Reddit's things."""
        start = page.text[:64].lstrip("\ufeff \t\r\n")[:1]
        if start not in ("[", "{") or not any(mark in page.text for mark in ('"t1', '"t3')):
            return False
        try:
            value = page.json
        except ParseError:
            return False
        return forms.is_thread(value) or forms.added_things(value) is not None or forms.is_list_of_comments(value)

    def thread_id(self, url: str) -> str | None:
        """Return the post's id."""
        address = addresses.address_of(url)
        return address.native_id if address else None

    def start(self, url: str) -> Link:
        """Return the thread's answer, the whole of it where the address is a comment's."""
        address = addresses.address_of(url)
        if address is None:
            raise UnknownSite(
                f"{url} is no thread of Reddit: give an address like {self.example_url}; a share link (/s/) has to be "
                "opened first, for it does not name its thread."
            )
        return Link(url=addresses.listing_url(addresses.api_base(url), address._replace(comment=None)))

    def otherwise(self, url: str) -> Link | None:
        """Return the answer by the thread's id alone, since subreddits are renamed and closed."""
        address = addresses.address_of(url)
        if address is None or not address.owner:
            return None
        found = addresses.listing_url(addresses.api_base(url), address._replace(owner=""))
        return Link(url=found, kind="fallback")

    def find_thread(self, page: Page) -> Link | None:
        """Return the one thread that an article's page links to as its discussion; a comment's link is a citation."""
        if "redd" not in page.text or not page.looks_like_html:
            return None
        links = [link for link in page.root.iter("a") if _POINTS_AT.search(visible(link))]
        urls = [urljoin(page.url or "", link.get("href") or "") for link in links]
        found = {address for url in urls if addresses.is_ours(url) and (address := addresses.address_of(url))}
        if len({address.native_id for address in found}) != 1 or any(address.comment for address in found):
            return None
        return Link(url=addresses.listing_url(addresses.site_base(None), max(found)))

    def signed(self, link: Link, keys: Mapping[str, str]) -> Signed:
        """Return the request as a program sends it that holds a token, to Reddit alone and over https alone."""
        token, url = keys.get("REDDIT_TOKEN"), addresses.signed_url(link.url)
        if not token or url is None:
            return Signed(link.url, {})
        return Signed(url, {"Authorization": f"Bearer {token}"})

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the thread of an answer, or the threads of a list of comments."""
        refusals.check(page)
        value = page.json
        if forms.is_thread(value):
            return (listings.parse_thread(page, value),)
        things = forms.added_things(value)
        if things is not None:
            return (listings.parse_more(page, things),)
        if forms.is_list_of_comments(value):
            return listings.parse_comments(page, forms.things_of(value) or [])
        raise ParseError(refusals.message(page, value))
