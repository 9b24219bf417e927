"""The Guardian: what the site is; addresses, embeds, answers of the API, their comments and HTML are modules."""

from collections.abc import Mapping

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.guardian import addresses, answers, embeds, pages, wording
from belowtheline.sites.site import Signed, Site


class Guardian(Site):
    """Discussions under articles of the Guardian, from its discussion API and from the HTML before it.

    Relies in the API on `discussion` with `key` and `comments`, and in each on `id`, `body`, `isoDateTime`, `status`,
    `userProfile`, `responses` and `responseTo` (recorded in 2012 to 2020). In HTML it relies on
    `li.d-comment[data-comment-id]` with `.d-comment__body` (2013 to 2020), on `li.d2-comment` with `.d2-body` (2013)
    and on `ul.comment` with `.comment-body` (before): all of HTML from public source code, not from recordings. Who
    has a badge of the staff or of a contributor counts as working for it; the badge says which.
    """

    name = wording.NAME
    title = wording.TITLE
    hosts = addresses.HOSTS
    example_url = "https://www.theguardian.com/p/4k7x2"
    reads = (
        "discussions of articles at theguardian.com and short addresses (/p/KEY), by the discussion API",
        "comments at /comment-permalink/ID, which lead to their discussion, and replies left out of it",
        "pages at /discussion/p/KEY as HTML (2013 to 2020), also as JSON with HTML in it",
        "saved articles that hold their comments (before 2014)",
    )
    cannot = (
        "texts of comments that moderators removed; comments that are not shown at all",
        "whom a comment answers in HTML of before 2013, and recommendations in li.d2-comment: no source tells how such "
        "pages show them",
        "articles saved since 2014, which load their comments by a script: take the discussion",
        "lists of an account's comments; live blogs' key events",
    )
    counts = "all comments shown, those removed by moderators included"
    end = "the last page of the answer, with no replies left out"
    floors = {"author": 0.95, "published_at": 0.95, "body_text": 0.6}  # whole branches are removed by moderators
    conventions = wording.CONVENTIONS
    is_embedded = True
    keys = ("BTL_GUARDIAN_API_KEY",)

    def claims(self, url: str) -> bool:
        """Return whether the host is the Guardian's."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page is an answer of the discussion API, or holds the list of comments."""
        if page.looks_like_html:
            return pages.has_comments(page)
        if not any(mark in page.text for mark in ('"userProfile"', '"commentsHtml"', '"isClosedForComments"')):
            return False
        try:
            value = page.json
        except ParseError:
            return False
        return answers.is_discussion(value) or answers.comment_in(value) is not None or pages.is_fragment(value)

    def thread_id(self, url: str) -> str | None:
        """Return the discussion's key, as in /p/4k7x2."""
        address = addresses.address_of(url)
        return address.key if address else None

    def start(self, url: str) -> Link:
        """Return the discussion's answer, that of a comment, or the article, whose page alone tells its discussion."""
        address, base = addresses.address_of(url), addresses.api_base(url)
        if address and address.key:
            return Link(url=addresses.answer_url(base, address.key))
        if address and address.comment:
            return Link(url=addresses.comment_url(base, address.comment))
        if addresses.is_article(url):
            return Link(url=url.split("#")[0], kind="article")
        raise UnknownSite(
            f"{url} is no article or discussion of the Guardian: give an address like {self.example_url}, or an "
            "article's, with its date."
        )

    def otherwise(self, url: str) -> Link | None:
        """Return the discussion without nesting, which is all that some have, and then its HTML page."""
        address = addresses.address_of(url)
        if address is None or address.key is None or not addresses.is_api(url):
            return None
        page = addresses.page_of(url) or 1
        if addresses.is_linear(url):
            return Link(url=addresses.page_url(addresses.site_base(url), address.key, page), kind="fallback")
        linear = addresses.answer_url(addresses.api_base(url), address.key, page, threaded=False)
        return Link(url=linear, kind="fallback")

    def find_thread(self, page: Page) -> Link | None:
        """Return the discussion that an article's page names as its own."""
        return embeds.discussion_of(page) if page.looks_like_html else None

    def signed(self, link: Link, keys: Mapping[str, str]) -> Signed:
        """Return the request with the key for the API, which goes to the Guardian alone and over https alone."""
        key = keys.get("BTL_GUARDIAN_API_KEY")
        return Signed((addresses.signed_url(link.url, key) if key else None) or link.url, {})

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one discussion of an answer or of a page."""
        if page.looks_like_html:
            if page.url and addresses.is_api(page.url):
                raise ParseError(
                    f"{page.name} is HTML in place of an answer of the discussion API: fetch it again later."
                )
            return (pages.parse_html_page(page),)
        value = page.json
        return (pages.parse_fragment(page, value) if pages.is_fragment(value) else answers.parse_answer(page),)
