"""Reading a page: the site's `parse` beside a hand-written walk, and large pages beside small ones."""

from collections.abc import Iterator

from belowtheline.reading.page import Page
from belowtheline.sites.registry import site_named
from bench.floor_reading import assert_same, walk
from bench.measuring import Row, compare, cpu
from bench.pages import COMMENTS, page_bytes, pages

_BASE = "http://127.0.0.1"
_LARGE = 2_000


def bench(quick: bool) -> Iterator[Row]:
    """Measure reading."""
    yield _beside_a_walk(10 if quick else 30, 9 if quick else 25)
    yield _of_a_large_page(5 if quick else 11)


def _parse(page: Page) -> int:
    # A page keeps its tree: each round reads another one of the same bytes.
    (read,) = site_named("theregister").parse(Page(page.url, page.body, page.content_type, page.fetched_at))
    return len(read.comments)


def _beside_a_walk(count: int, rounds: int) -> Row:
    given = pages(page_bytes(count), _BASE)
    for page in given:
        (read,) = site_named("theregister").parse(page)
        assert_same(walk(page.body, _BASE), read)
    given = pages(page_bytes(count), _BASE)  # without the trees that were read for the comparison

    def ours() -> None:
        assert sum(map(_parse, given)) == count * COMMENTS

    def floor() -> None:
        assert sum(len(walk(page.body, _BASE).posts) for page in given) == count * COMMENTS

    compared = compare(cpu(ours), cpu(floor), rounds)
    return compared.row("read a page of 100 comments / lxml walk by hand", "ms", 1000 / count, 1.6)


def _of_a_large_page(rounds: int) -> Row:
    (large,) = pages(page_bytes(1, _LARGE), _BASE)
    small = pages(page_bytes(_LARGE // COMMENTS), _BASE)

    def of_large() -> None:
        assert _parse(large) == _LARGE

    def of_small() -> None:
        assert sum(map(_parse, small)) == _LARGE

    compared = compare(cpu(of_large), cpu(of_small), rounds)
    return compared.row("read a comment on a page of 2,000 / of 100", "us", 1e6 / _LARGE, 1.5)
