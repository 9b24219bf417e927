"""derStandard: what the site is; addresses, pages, the two forms of its forum and its wording are modules."""

from belowtheline.reading.errors import UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.derstandard import addresses, pages, wording
from belowtheline.sites.site import Site


class DerStandard(Site):
    """Forums below articles of derStandard.at, in German, and of its sisters dieStandard.at and daStandard.at.

    Relies on `#communityCanvas` with a `.up` for each posting, its `.thread[id]`, `.uname`, `.row2` and `.txt`, its
    indent of seven pixels a level, and `ratingData` (recorded in 2011); on `div.posting[data-postingid]` with parent
    and account in attributes, and `.upost-text` or `.posting-content` (2013 to 2022, from public source code, not from
    recordings). The three ratings of 2011 are kept as marks; brilliant and interesting are also counted as votes for a
    posting, unnecessary as votes against it.
    """

    name = wording.NAME
    title = wording.TITLE
    hosts = addresses.HOSTS
    example_url = "https://derstandard.at/1300000000001/Teekessel"
    reads = (
        "forums below articles at derstandard.at/ID/Slug, with all their pages (?seite=N)",
        "saved pages (.html) of 2011, and parts of pages with div[data-postingid] of 2013 to 2022",
    )
    cannot = (
        "forums at /story/ID, since 2019: a script loads them, so that neither the page nor a saved copy of it holds "
        "them, unless a browser saved the page with its postings in it",
        "postings that moderators removed: they are gone without a trace",
        "ids and addresses of accounts in pages of 2011, which show the name alone",
        "the parent of a posting that answers one on the page before: pages of 2011 show it by its indent alone",
        "e-mail addresses behind the letter beside a name, which are never read",
    )
    counts = "the postings that stand"
    end = "the last page of the forum, or as many postings on one page as it counts"
    delay = 5.0
    floors = {"author": 0.95, "published_at": 0.95, "body_text": 0.6}  # many postings are a title alone
    conventions = wording.CONVENTIONS

    def claims(self, url: str) -> bool:
        """Return whether the host is derStandard's."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page has a forum of derStandard."""
        return page.looks_like_html and pages.is_forum(page)

    def thread_id(self, url: str) -> str | None:
        """Return the article's id, which is the forum's."""
        return addresses.article_of(url)

    def start(self, url: str) -> Link:
        """Return the article's page, which holds the first page of its forum; raise UnknownSite for anything else."""
        article = addresses.article_of(url)
        if article is None:
            raise UnknownSite(f"{url} is no article of derStandard: give an address like {self.example_url}.")
        if addresses.is_script_only(url):
            raise UnknownSite(
                f"{url} loads its forum by a script, which this program does not run: have a browser save the page "
                "with its postings open, and take it in with `btl ingest`."
            )
        if addresses.is_plink(url):
            return Link(url=f"{addresses.origin(url)}/{article}")
        return Link(url=addresses.article_url(url))

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one forum of a page."""
        return (pages.parse_page(page),)
