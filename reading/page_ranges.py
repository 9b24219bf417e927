"""The other pages of a thread, of which a page names only how many there are: never more than around it."""

MOST = 1_000
"""Pages before a page and behind it that it leads to; what lies farther away, those pages lead to."""


def other_pages(number: int | None, count: int | None) -> list[int]:
    """Return the numbers of a thread's other pages, from what a page says of itself; none where it counts none.

    >>> other_pages(2, 3), other_pages(None, 2), len(other_pages(1, 999_999_999_999)), other_pages(7, None)
    ([1, 3], [1, 2], 1000, [])
    """
    last = count or 0
    here = min(number or 1, last)
    return [other for other in range(max(1, here - MOST), min(last, here + MOST) + 1) if other != number]
