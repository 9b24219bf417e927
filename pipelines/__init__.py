"""Clean, link and store what was read: one stage a file, their order in STEPS; imports archive and scraper.items."""

from collections.abc import Callable

from belowtheline.pipelines.authors import normalise_authors
from belowtheline.pipelines.bodies import normalise_bodies
from belowtheline.pipelines.dates import normalise_dates
from belowtheline.pipelines.icons import normalise_icons
from belowtheline.pipelines.quotes import find_quotes
from belowtheline.pipelines.titles import normalise_titles
from belowtheline.pipelines.validate import validate
from belowtheline.scraper.items import ThreadPage

STEPS: tuple[Callable[[ThreadPage], ThreadPage], ...] = (
    normalise_authors,
    normalise_icons,
    normalise_titles,
    normalise_bodies,
    normalise_dates,
    validate,
    find_quotes,
)
"""The stages in their order, for crawl and ingest alike; quotes come last, since offsets stand on the final text."""


def normalise(page: ThreadPage) -> ThreadPage:
    """Take a page through all stages."""
    for step in STEPS:
        page = step(page)
    return page
