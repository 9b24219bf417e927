"""Every site against its saved pages: tests/sites/SITE/CASE holds a page, page.json and what must be read of it.

The page is `page.html`, `page.txt` or `page.xml`, or `body.json` where it is JSON; `page.json` has `url` (null for a
page that does not know its own) and `fetched_at`, and may have `content_type`. `pytest --update` writes expected.json.
"""

import json
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from belowtheline.pipelines import normalise
from belowtheline.scraper.errors import ParseError
from belowtheline.scraper.items import Conventions
from belowtheline.scraper.page import Page
from belowtheline.scraper.registry import all_sites, read, site_named, site_of_page, site_of_url
from belowtheline.scraper.sources import content_type

SITES = Path(__file__).parent / "sites"
CASES = sorted(file.parent.relative_to(SITES) for file in SITES.glob("*/*/page.json"))
_LARGEST = 8_000


def body_of(case: Path) -> Path:
    """Return the file that is the page of a case."""
    (body,) = (file for file in (SITES / case).iterdir() if file.name not in ("page.json", "expected.json"))
    return body


def page_of(case: Path) -> Page:
    """Return a case's page as it would be ingested."""
    told = json.loads((SITES / case / "page.json").read_text())
    body = body_of(case)
    return Page(told["url"], body.read_bytes(), told.get("content_type", content_type(body)), told["fetched_at"])


def reading_of(case: Path) -> Any:
    """Return what the site and the stages make of a case, as JSON values."""
    try:
        pages = read(site_named(case.parts[0]), page_of(case))
    except ParseError as error:
        return {"error": str(error)}
    # The conventions are the same on every page, and told by the site itself.
    return [told(replace(normalise(page), conventions=Conventions())) for page in pages]


def told(item: Any) -> Any:
    """Return an item as JSON values without what stands at its default: a new field then changes no old page."""
    if isinstance(item, tuple):
        return [told(value) for value in item]
    if not is_dataclass(item) or isinstance(item, type):
        return item
    defaults = {field.name: _default(field) for field in fields(item)}
    values = {name: getattr(item, name) for name in defaults}
    return {name: told(value) for name, value in values.items() if value != defaults[name]}


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_page_reads_as_expected(case: Path, request: pytest.FixtureRequest) -> None:
    expected = SITES / case / "expected.json"
    found = json.loads(json.dumps(reading_of(case)))
    if request.config.getoption("--update"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_page_is_known_for_its_site(case: Path) -> None:
    assert site_of_page(page_of(case)).name == case.parts[0]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_page_is_small_enough_to_be_read_by_a_person(case: Path) -> None:
    assert body_of(case).stat().st_size <= _LARGEST


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
    assert all(0 < share <= 1 for share in site.floors.values())


@pytest.mark.parametrize("name", all_sites())
def test_site_has_a_case(name: str) -> None:
    assert [case for case in CASES if case.parts[0] == name], f"tests/sites/{name}/ has no case: add CASE/page.html"
