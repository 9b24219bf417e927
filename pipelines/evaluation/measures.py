"""Measures of agreement: shares and their intervals, ranks, and how far two readers agree beyond chance."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from math import sqrt

_Z = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""
_PLACES = 4


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole, None of nothing.

    >>> share(2, 3), share(0, 0)
    (0.6667, None)
    """
    return round(part / whole, _PLACES) if whole else None


def f1(precision: float | None, recall: float | None) -> float | None:
    """Return the harmonic mean of precision and recall, None where either is.

    >>> f1(1.0, 0.5), f1(0.0, 0.0), f1(None, 0.5)
    (0.6667, 0.0, None)
    """
    if precision is None or recall is None:
        return None
    both = precision + recall
    return round(2 * precision * recall / both, _PLACES) if both else 0.0


def interval(right: int, count: int) -> tuple[float, float] | None:
    """Return Wilson's 95 % interval of a share, which holds for few cases and for shares near 0 and 1 too.

    >>> interval(9, 10), interval(0, 0)
    ((0.5958, 0.9821), None)
    """
    if not count:
        return None
    observed, spread = right / count, _Z * _Z / count
    middle = (observed + spread / 2) / (1 + spread)
    half = _Z * sqrt(observed * (1 - observed) / count + spread / (4 * count)) / (1 + spread)
    return round(max(middle - half, 0.0), _PLACES), round(min(middle + half, 1.0), _PLACES)


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Spearman's rho of two series of one length, ties sharing their mean rank; None where one is constant.

    >>> rank_correlation([3, 1, 2], [30, 10, 20]), rank_correlation([1, 1], [1, 2])
    (1.0, None)
    """
    xs, ys = _ranks(first), _ranks(second)
    mean = (len(xs) + 1) / 2
    product = sum((x - mean) * (y - mean) for x, y in zip(xs, ys, strict=True))
    spread = sqrt(sum((x - mean) ** 2 for x in xs) * sum((y - mean) ** 2 for y in ys))
    return round(product / spread, _PLACES) if spread else None


def _ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value from 1, equal ones sharing the mean of theirs."""
    ranks = [0.0] * len(values)
    before = 0
    for _, group in groupby(sorted(range(len(values)), key=values.__getitem__), key=values.__getitem__):
        places = list(group)
        for place in places:
            ranks[place] = before + (len(places) + 1) / 2
        before += len(places)
    return ranks


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return Cohen's kappa of two readers' verdicts on the same things; None where chance leaves nothing to agree on.

    >>> kappa([("right", "right"), ("wrong", "wrong"), ("right", "wrong"), ("wrong", "wrong")])
    0.5
    >>> kappa([("right", "right")]) is None
    True
    """
    if not pairs:
        return None
    count = len(pairs)
    agreed = sum(one == other for one, other in pairs) / count
    ours, theirs = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ours[word] * theirs[word] for word in ours) / count**2
    return round((agreed - chance) / (1 - chance), _PLACES) if chance < 1 else None
