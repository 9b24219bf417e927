"""The progress bar of a crawl: what it shows, and that counting costs little however many pages there are."""

from belowtheline.archive.store.runs import Account
from belowtheline.jobs.page_counts import PageCounts


def shown_after(pages: int, *, seconds_a_page: float, seconds_a_count: float) -> tuple[list[tuple[int, int]], float]:
    """Return what a bar showed of a crawl on a clock of our own, and how much of its time went into counting."""
    now, counted, ended = 0.0, 0.0, 0
    shown: list[tuple[int, int]] = []

    def count() -> Account:
        nonlocal now, counted
        now += seconds_a_count * ended
        counted += seconds_a_count * ended
        return Account(pages, ended, 0, 0, 0, pages - ended)

    counts = PageCounts(count, lambda *told: shown.append(told), lambda: now)
    for _ in range(pages):
        ended += 1
        now += seconds_a_page
        counts.advance()
    counts.tell()
    return shown, counted / now


def test_counting_takes_a_hundredth_of_a_crawl_however_many_pages_it_has() -> None:
    for pages in (100, 1_000, 10_000, 100_000):
        _, share = shown_after(pages, seconds_a_page=0.05, seconds_a_count=0.000_001)
        assert share < 0.015


def test_a_bar_shows_the_pages_that_ended_and_at_last_all_of_them() -> None:
    shown, _ = shown_after(500, seconds_a_page=0.05, seconds_a_count=0.000_001)
    assert shown[0] == (1, 500)
    assert shown[-1] == (500, 500)
    assert shown == sorted(shown)
    assert 50 < len(shown) < 200
