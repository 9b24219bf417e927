"""Cases of a site: folders with a saved page, what is known of it, and what is to be read of it.

A case holds the page (`page.html`, `page.txt` or `page.xml`, or `body.json`), `page.json` with `url` (null for a page
that does not know its own), `fetched_at` and perhaps `content_type`, and `expected.json`. The tests of every site are
made of them, here and in packages of their own.
"""

import json
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import Conventions
from belowtheline.reading.page import Page
from belowtheline.reading.sources import content_type
from belowtheline.sites.registry import read
from belowtheline.sites.site import Site

KNOWN, EXPECTED = "page.json", "expected.json"


def body_of(case: Path) -> Path:
    """Return the file that is the page of a case."""
    (body,) = (file for file in case.iterdir() if file.name not in (KNOWN, EXPECTED))
    return body


def page_of(case: Path) -> Page:
    """Return a case's page as it would be ingested."""
    told = json.loads((case / KNOWN).read_text(encoding="utf-8"))
    body = body_of(case)
    return Page(told["url"], body.read_bytes(), told.get("content_type", content_type(body)), told["fetched_at"])


def expected_of(case: Path) -> Any:
    """Return what a person has said is on a case's page, as JSON values."""
    return json.loads((case / EXPECTED).read_text(encoding="utf-8"))


def reading_of(case: Path, site: Site) -> Any:
    """Return what the site and the stages make of a case, as JSON values; an error's sentence where it is one."""
    return reading(page_of(case), site)


def reading(page: Page, site: Site) -> Any:
    """Return what the site and the stages make of a page, in the form of expected.json."""
    try:
        pages = read(site, page)
    except ParseError as error:
        return {"error": str(error)}
    # The conventions are the same on every page and told by the site itself, and page.json says if there is an address.
    found = [
        without_defaults(replace(normalise(page), conventions=Conventions(), is_unaddressed=False, is_foreign=False))
        for page in pages
    ]
    return json.loads(json.dumps(found))


def without_defaults(item: Any) -> Any:
    """Return an item as JSON values without what stands at its default: a new field then changes no old case."""
    if isinstance(item, tuple):
        return [without_defaults(value) for value in item]
    if not is_dataclass(item) or isinstance(item, type):
        return item
    defaults = {field.name: _default(field) for field in fields(item)}
    values = {name: getattr(item, name) for name in defaults}
    return {name: without_defaults(value) for name, value in values.items() if value not in (defaults[name], ())}


def write_expected(case: Path, found: Any) -> None:
    """Write expected.json of a case."""
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    (case / EXPECTED).write_text(text, encoding="utf-8")


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
