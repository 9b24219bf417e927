"""Fuzz the readers with atheris, guided by coverage: `make fuzz`. The first byte is the site, the rest a page."""

import sys
from pathlib import Path
from tempfile import mkdtemp

import atheris

with atheris.instrument_imports(include=["belowtheline"]):
    from belowtheline.reading.page import Page
    from belowtheline.sites.registry import all_sites
    from tests.faults.mutation import assert_read_or_refused, cases

SITES = sorted(all_sites())


def seeds() -> Path:
    """Return a folder with every saved page, each behind the number of its site."""
    folder = Path(mkdtemp(prefix="btl-fuzz-"))
    for site, pages in cases().items():
        for number, page in enumerate(pages):
            (folder / f"{site}-{number}").write_bytes(bytes([SITES.index(site)]) + page.body)
    return folder


def read_one(data: bytes) -> None:
    """Read one page as a site; anything but a reading or a refusal ends the run with the page in a file."""
    if not data:
        return
    site = SITES[data[0] % len(SITES)]
    address = all_sites()[site].example_url
    assert_read_or_refused(site, Page(address, data[1:], None, "2025-03-14T10:00:00Z"))


atheris.Setup([*sys.argv, str(seeds())], read_one)
atheris.Fuzz()
