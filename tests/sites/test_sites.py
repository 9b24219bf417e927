"""Every site against its saved pages: tests/sites/SITE/CASE holds a page, page.json and what must be read of it.

The page is `page.html`, `page.txt` or `page.xml`, or `body.json` where it is JSON; `page.json` has `url` (null for a
page that does not know its own) and `fetched_at`, and may have `content_type`. `pytest --update` writes expected.json.
"""

from pathlib import Path

import pytest

from belowtheline.authoring.cases import body_of, expected_of, page_of, reading_of, write_expected
from belowtheline.sites.registry import all_sites, site_named, site_of_page, site_of_url
from tests.places import SITES

CASES = sorted(file.parent.relative_to(SITES) for file in SITES.glob("*/*/page.json"))
_LARGEST = 8_000


@pytest.mark.parametrize("case", CASES, ids=str)
def test_page_reads_as_expected(case: Path, request: pytest.FixtureRequest) -> None:
    found = reading_of(SITES / case, site_named(case.parts[0]))
    if request.config.getoption("--update"):
        write_expected(SITES / case, found)
    assert found == expected_of(SITES / case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_page_is_known_for_its_site(case: Path) -> None:
    assert site_of_page(page_of(SITES / case)).name == case.parts[0]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_page_is_small_enough_to_be_read_by_a_person(case: Path) -> None:
    assert body_of(SITES / case).stat().st_size <= _LARGEST


@pytest.mark.parametrize("name", all_sites())
def test_site_describes_itself(name: str) -> None:
    site = site_named(name)
    assert (type(site).__doc__ or "").strip()
    assert site.rank == 2 or site_of_url(site.example_url) is site
    assert site.start(site.example_url).url
    assert site.title
    assert site.reads
    assert site.counts
    assert site.end
    assert site.floors
    fields = {"author", "author_if_any", "published_at", "readable_date", "body_text", "native_id"}
    assert set(site.floors) <= fields
    assert all(0 <= share <= 1 for share in site.floors.values())


@pytest.mark.parametrize("name", all_sites())
def test_site_has_a_case(name: str) -> None:
    assert [case for case in CASES if case.parts[0] == name], f"tests/sites/{name}/ has no case: add CASE/page.html"
