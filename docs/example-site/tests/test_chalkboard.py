"""Chalkboard against its saved pages; `UPDATE=1 python -m pytest` writes expected.json, to be read by a person."""

import os
from pathlib import Path

import pytest

from belowtheline.authoring.cases import expected_of, page_of, reading_of, write_expected
from belowtheline.reading.errors import ParseError
from belowtheline.reading.page import Page
from belowtheline.sites.registry import site_named, site_of_page

CASES = sorted(file.parent for file in Path(__file__).parent.glob("*/page.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page_reads_as_expected(case: Path) -> None:
    """What is read is what a person saw on the page."""
    found = reading_of(case, site_named("chalkboard"))
    if os.environ.get("UPDATE"):
        write_expected(case, found)
    assert found == expected_of(case)
    assert site_of_page(page_of(case)).name == "chalkboard"


def test_page_of_something_else_is_an_error() -> None:
    """A page without a board is not an empty thread."""
    with pytest.raises(ParseError, match=r"looked for main\.board"):
        site_named("chalkboard").parse(Page(None, b"<html><p>Sold out</p></html>"))
