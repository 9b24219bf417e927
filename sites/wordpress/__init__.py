"""WordPress: what the site is; its addresses, pages, comments, paging, wording and REST answers are modules."""

from typing import ClassVar

from belowtheline.reading.errors import UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urlsplit
from belowtheline.sites.site import Site
from belowtheline.sites.wordpress import addresses, pages, rest, wording


class WordPress(Site):
    """Comments below the posts of any site that WordPress makes.

    Relies on what themes share: an element (or an anchor in one) with the id `comment-N` (`li-`, `div-comment-N`) for
    each comment, and since 2.7 the classes of `comment_class()`: `depth-N`, `byuser`, `comment-author-NAME`,
    `bypostauthor`, `pingback`. Parts are found by the core's class names: `.fn`, `.commentmetadata` (2.7),
    `.comment-metadata time` and `.comment-content` (3.6), `.wp-block-comment-*` (6.0). In other themes they are told by
    the words in class names, links to websites, the reply button's label (4.1), and what reads as a name and a date;
    where nothing names the text, it is what is left without name, date and buttons. WordPress lets no class through in
    what readers write, so that their words are not taken for parts.
    REST answers are those of `wp/v2` (4.7).
    """

    name = wording.NAME
    title = "WordPress"
    hosts = ()
    shared_hosts = (rest.PROXY,)
    example_url = "https://example.org/wp-json/wp/v2/comments?post=12"
    reads = (
        "pages of posts with their comments, of any theme that gives comments the id comment-N (with --site wordpress)",
        "comment pages at /comment-page-N/ and ?cpage=N",
        "the REST route /wp-json/wp/v2/comments?post=ID, page by page",
        "saved pages (.html) and saved answers (.json)",
    )
    cannot = (
        "pingbacks and trackbacks: they are no comments and no stubs, the thread says how many were left out",
        "comments that another system keeps (Livefyre, Disqus, OpenWeb and others: it is named) or a script loads; "
        "topics of forum plugins (bbPress, BuddyPress)",
        "the zone of dates in words: they are read as UTC, and only in English; dates with a zone are exact",
        "which of several answers on the deepest level a reply means: the page nests all below one comment",
        "the answers of WordPress.com's own interface (rest/v1.1)",
    )
    counts = "comments and pingbacks together, hidden ones perhaps included: it is more than what a reader sees"
    end = (
        "a page without comment pages that holds as many as it says, all comment pages, or a REST page that is not full"
    )
    delay = 5.0
    # No floor for dates: themes may show none, or write them in the words of any language.
    # A theme may show no names either: where nothing beside date and text could be one, a comment is not asked for it.
    floors: ClassVar[dict[str, float]] = {"author_if_any": 0.9, "body_text": 0.9}
    conventions = wording.CONVENTIONS
    rank = 1

    def claims(self, url: str) -> bool:
        """Return whether an address is the REST route of comments; any other could be anybody's."""
        return addresses.route(url) is not None

    def recognises(self, page: Page) -> bool:
        """Return whether a page was made by WordPress and has a place for comments, or is a REST answer."""
        return pages.is_post(page) if page.looks_like_html else rest.is_answer(page)

    def thread_id(self, url: str) -> str | None:
        """Return the post's number from ?p=N or a REST address; other addresses do not tell it."""
        asked = addresses.query(url)
        route = addresses.route(url)
        if route and route[0] != "comments":
            return route[1]
        return asked.get("post" if route else "p") or None

    def start(self, url: str) -> Link:
        """Return the post's page, or the first hundred of the REST route; raise UnknownSite for what is no post."""
        route = addresses.route(url)
        post = self.thread_id(url)
        if route and post and post.isdecimal():
            return Link(url=addresses.route_url(url, post=post, per_page=str(addresses.PER_PAGE), order="asc"))
        if route:
            raise UnknownSite(f"{url} is not one post's comments: give the route with ?post=ID, or the post's address.")
        if not urlsplit(url).hostname or addresses.is_no_post(url):
            raise UnknownSite(f"{url} is no post: give the address of a page that shows comments.")
        return Link(url=addresses.post_url(url))

    def otherwise(self, url: str) -> Link | None:
        """Return the post's page where the REST route is closed."""
        post = self.thread_id(url)
        if addresses.route(url) and post:
            return Link(url=f"{addresses.home(url)}?p={post}", kind="fallback")
        return None

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the thread of a page, or the threads of a REST answer."""
        return (pages.parse_html_page(page),) if page.looks_like_html else rest.parse_answer(page)
