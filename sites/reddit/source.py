"""Where an answer came from: its thread, whether its texts are escaped, and what its addresses begin with."""

import re
from dataclasses import dataclass

from belowtheline.reading.page import Page
from belowtheline.sites.reddit import addresses, wording

_BODY = re.compile(r'"(?:body_html|contentHTML|selftext_html)"\s{0,9}:\s{0,9}"(&|<|\\u003[cC])')
_SHELLS = (("<!-- SC_OFF -->", "<!-- SC_ON -->"), ('<div class="md">', "</div>"))


@dataclass(frozen=True, slots=True)
class Source:
    """What all comments of one thread have in common."""

    thread: str
    owner: str
    """Subreddit or user as a path; empty where the answer names none."""
    path: str | None
    """Path of the thread's page, where the answer shows it."""
    base: str
    api: str
    is_escaped: bool

    def text(self, value: object) -> str | None:
        """Return a text as its author wrote it, None where there is none."""
        if not isinstance(value, str) or not value:
            return None
        return wording.unescape(value) if self.is_escaped else value

    def html(self, value: object) -> str | None:
        """Return the HTML of a body without the shell that Reddit puts around all of them."""
        html = (self.text(value) or "").strip()
        for start, end in _SHELLS:
            if html.startswith(start) and html.endswith(end):
                html = html[len(start) : -len(end)].strip()
        return html or None

    def page_url(self, comment: str | None = None) -> str:
        """Return the address of the thread's page, or of a comment's."""
        path = self.path or f"{self.owner}/comments/{self.thread}/{'_/' if comment else ''}"
        return f"{self.base}{path}{comment}/" if comment else self.base + path

    def listing_url(self, comment: str) -> str:
        """Return the address of the answer that holds a comment and what is below it."""
        return addresses.listing_url(self.api, addresses.Address(self.thread, self.owner, comment))

    def more_url(self, ids: tuple[str, ...]) -> str:
        """Return the address of the answer that holds the comments of these ids."""
        return addresses.more_url(self.api, self.thread, ids)


def source_of(page: Page, thread: str, data: wording.Data, path: str | None) -> Source:
    """Return the source of an answer, `data` being its post or its first comment."""
    subreddit = data.get("subreddit")
    address = addresses.address_of(page.url) if page.url else None
    return Source(
        thread=thread,
        owner=f"/r/{subreddit}" if isinstance(subreddit, str) else address.owner if address else "",
        path=path,
        base=addresses.site_base(page.url),
        api=addresses.api_base(page.url),
        is_escaped=_is_escaped(page),
    )


def _is_escaped(page: Page) -> bool:
    """Return whether texts are escaped, which the first body tells: all of them begin with a tag or its escape."""
    if found := _BODY.search(page.text):
        return found[1] == "&"
    return not (page.url and addresses.is_raw(page.url))
