"""What one page costs at most: CPU time and peak memory of each bomb of 32 MiB, read as `btl try` reads it.

`python -m bench.bounds BOMB SITE BYTES` reads one bomb and says how it ended; of those that `bench.bombs` plants in a
site's own pages as well.
"""

import json
import subprocess
import sys
from collections.abc import Iterator

from belowtheline.reading.errors import BelowTheLineError
from belowtheline.reading.page import MAX_BYTES, Page
from belowtheline.scraper.apart import ask
from belowtheline.scraper.page_work import reader_of, threads_on
from belowtheline.sites.registry import all_sites
from bench.bombs import FETCHED_AT, bombs_for, floods
from bench.measuring import Row, script

_MOST_SECONDS = 60 + 5
"""The bound of one reading, with what it takes to hand a page over."""
_MOST_MB = 512


def bench(quick: bool) -> Iterator[Row]:
    """Read each bomb with one site, another one each time, and yield the dearest in time and in memory."""
    size = MAX_BYTES >> (5 if quick else 0)
    ran = []
    for number, bomb in enumerate(floods()):
        site = sorted(all_sites())[number % len(all_sites())]
        seconds, peak_mb, said = measured(bomb.name, site, size)
        print(f"  {bomb.name:<24} {site:<12} {seconds:6.1f} s {peak_mb:5.0f} MB  {said}", flush=True)
        ran.append((seconds, peak_mb))
    yield _row("dearest bomb, CPU", "s", max(seconds for seconds, _ in ran), _MOST_SECONDS)
    yield _row("dearest bomb, memory of one process", "MB", max(peak for _, peak in ran), _MOST_MB)


def measured(name: str, site: str, size: int) -> tuple[float, float, str]:
    """Return CPU seconds, peak megabytes of the larger process, and how the reading of a bomb ended."""
    try:
        ran = script("bounds", name, site, str(size))
    except subprocess.CalledProcessError as error:
        return 0.0, 0.0, f"failed: {error.stderr[-200:]}"
    return ran.seconds, ran.peak_mb, json.loads(ran.output)


def _row(name: str, unit: str, figure: float, limit: float) -> Row:
    return Row(name, unit, figure, None, figure, limit)


def ended(page: Page, site: str) -> str:
    """Return in a few words how the reading of a page ends."""
    try:
        found = ask(threads_on, page, site)
    except BelowTheLineError as error:
        return f"{type(error).__name__}: {str(error).removeprefix(page.name)[:60]}"
    return f"{sum(len(one.comments) for one in found.pages):,} comments"


def main(name: str, site: str, size: int) -> None:
    """Read one bomb as a site's, or as that of whatever site recognises it where the site is `any`."""
    if site == "any":
        bomb = next(bomb for bomb in floods() if bomb.name == name)
        page = Page(None, bomb.body(size), None, FETCHED_AT)
        try:
            said = ask(reader_of, page)
        except BelowTheLineError as error:
            said = f"{type(error).__name__}: {str(error)[:60]}"
    else:
        bomb, like = next(found for found in bombs_for(site) if found[0].name == name)
        said = ended(Page(like.url, bomb.body(size), like.content_type, like.fetched_at), site)
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
