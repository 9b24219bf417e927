"""Clean, link and store what was read: one stage a file, their order in STEPS; imports archive and reading.items."""

from collections.abc import Callable

from belowtheline.pipelines.authors import normalise_authors
from belowtheline.pipelines.bodies import normalise_bodies
from belowtheline.pipelines.dates import normalise_dates
from belowtheline.pipelines.icons import normalise_icons
from belowtheline.pipelines.quotes import find_quotes
from belowtheline.pipelines.titles import normalise_titles
from belowtheline.pipelines.validate import validate
from belowtheline.reading.faults import reader_faults
from belowtheline.reading.items import Article, Conventions, Thread, ThreadPage, shown

_ANY_SITE = Conventions(timezone=None, languages=())  # an article may be of any house and in any language

STEPS: tuple[Callable[[ThreadPage], ThreadPage], ...] = (
    validate,
    normalise_authors,
    normalise_icons,
    normalise_titles,
    normalise_bodies,
    normalise_dates,
    find_quotes,
)
"""The stages in their order, for crawl and ingest alike; what is replaced is marked before any stage
changes it, and quotes come last, since offsets stand on the final text."""


def normalise(page: ThreadPage) -> ThreadPage:
    """Take a page through all stages; raise ReaderError where one fails on what the page says."""
    thread = page.thread
    with reader_faults(shown(thread.url) or f"the thread {thread.native_id} of {thread.site}"):
        for step in STEPS:
            page = step(page)
    return page


def normalise_article(article: Article, fetched_at: str | None) -> Article:
    """Take an article that was read on its own page through the stages."""
    thread = Thread(site="", native_id=None, article=article)
    return normalise(ThreadPage(thread=thread, conventions=_ANY_SITE, fetched_at=fetched_at)).thread.article
