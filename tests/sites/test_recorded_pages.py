"""Every recorded page: what its platform's reader finds is what an independent count found, or is explained here.

A page whose platform has no reader is refused by every reader, in a true sentence, and never called empty.
"""

import json
from dataclasses import dataclass
from functools import cache

import pytest

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import ThreadPage
from belowtheline.reading.page import Page
from belowtheline.reading.sources import content_type
from belowtheline.sites.registry import all_sites, read, site_named, site_of_page
from tests.places import REALDATA

FETCHED = "2026-01-05T09:00:00Z"
INDEX = REALDATA / "INDEX.json"

READERS = {
    "coral": "coral", "derstandard": "derstandard", "discourse": "discourse", "disqus": "disqus",
    "disqus_html": "disqus", "guardian": "guardian", "hackernews": "hackernews", "lobsters": "lobsters", "lwn": "lwn",
    "microformats": "structured", "reddit": "reddit", "schema_org": "structured", "slashdot": "slashdot",
    "wordpress_html": "wordpress", "wordpress_rest": "wordpress",
}  # fmt: skip
"""The site that reads the pages of a folder; a folder that is not here has none today."""

NO_PAGES = {"coral-initial-query.txt", "coral-load-more-query.txt"}
"""What is no page but what one is asked for with."""

REFUSED = {
    "html2018_9l3m6y.html": "Reddit's reader takes the answers of its interface, not the site's pages",
}
"""Pages of a platform that has a reader, in a form that it does not take: refused as any page without a reader."""


@dataclass(frozen=True)
class Difference:
    """Why a reader finds another number than the count beside the recordings."""

    comments: int
    why: str


EXPLAINED = {
    "gormulus.wordpress.com.durfen.html": Difference(40, "5 of the 45 elements are pingbacks"),
    "moritz-meyer.net.vreni.html": Difference(20, "16 of the 36 elements are pingbacks"),
    "cubadebate.cu-sesiona.html": Difference(11, "the page itself counts 11; one element is no comment"),
    "php-mf2_notizblog_org_2014.html": Difference(7, "the page itself counts 7; the eighth entry is the post"),
}  # fmt: skip


@cache
def index() -> tuple[tuple[str, str, str], ...]:
    """Return platform, file and count of each recording; () where the folder is not there."""
    if not INDEX.is_file():
        return ()
    return tuple((entry["platform"], entry["file"], entry["comments"]) for entry in json.loads(INDEX.read_bytes()))


def page_of(platform: str, file: str) -> Page:
    path = REALDATA / platform / file
    return Page(None, path.read_bytes(), content_type(path), FETCHED)


def names(*, read_today: bool) -> list[tuple[str, str, str]]:
    there = [one for one in index() if one[1] not in NO_PAGES and (REALDATA / one[0] / one[1]).is_file()]
    found = [one for one in there if (one[0] in READERS and one[1] not in REFUSED) is read_today]
    return found or [("", "", "")]


def threads_of(name: str, page: Page) -> tuple[ThreadPage, ...]:
    """Return what a site reads on a recording, which may need an address to say where it is from."""
    try:
        return tuple(map(normalise, read(site_named(name), page)))
    except ParseError as error:
        if "--url" not in str(error):
            raise
        named = Page("https://recorded.example/page", page.body, page.content_type, page.fetched_at)
        return tuple(map(normalise, read(site_named(name), named)))


@pytest.mark.parametrize(("platform", "file", "count"), names(read_today=True))
def test_what_has_a_reader_is_read_to_the_number(platform: str, file: str, count: str) -> None:
    if not file:
        pytest.skip(f"{INDEX} is not there")
    found = threads_of(READERS[platform], page_of(platform, file))
    held = sum(len(thread.comments) for thread in found)
    if file in EXPLAINED:
        assert held == EXPLAINED[file].comments != int(count), EXPLAINED[file].why
    elif count != "?":
        assert held == int(count)
    for thread in found:
        said = thread.completeness
        is_end = said.is_whole or said.is_enumerated or said.page_count == 1
        assert thread.comments or thread.stubs or not is_end or said.empty_proof, "empty without proof"


@pytest.mark.parametrize(("platform", "file", "count"), names(read_today=False))
def test_what_has_no_reader_is_refused_and_never_called_empty(platform: str, file: str, count: str) -> None:
    if not file:
        pytest.skip(f"{INDEX} is not there")
    page = page_of(platform, file)
    with pytest.raises(UnknownSite, match="No site recognises the page"):
        site_of_page(page)
    for url in (None, "https://recorded.example/2024/05/page/"):
        for name, site in all_sites().items():
            with pytest.raises(ParseError) as refused:
                read(site, Page(url, page.body, page.content_type, FETCHED))
            assert str(refused.value).endswith("."), name
            assert "no comments yet" not in str(refused.value)
