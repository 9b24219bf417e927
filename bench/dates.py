"""Dates: a form that the site has declared, on texts that are all different; an absolute figure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median

from belowtheline.pipelines import dates
from belowtheline.sites.theregister.wording import CONVENTIONS
from bench.measuring import Row, cpu

_COUNT = 10_000
_START = datetime(2009, 1, 2, 3, 4)
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def bench(quick: bool) -> Iterator[Row]:
    """Measure the stage's reading of one date."""
    texts = [_text(_START + number * timedelta(hours=5, minutes=7)) for number in range(_COUNT)]
    assert len(set(texts)) == _COUNT
    before = dates.fallbacks

    def work() -> None:
        found = {dates.find_date(text, CONVENTIONS, None)[0] for text in texts}
        assert len(found) == _COUNT
        assert None not in found

    side = cpu(work)
    micros = median(side() for _ in range(5 if quick else 15)) * 1e6 / _COUNT
    assert dates.fallbacks == before, "a known format went to dateparser"
    yield Row("read a date of a known format (absolute)", "us", micros, None, micros, 5.0)


def _text(when: datetime) -> str:
    return f"{when:%A} {when.day}{_ORDINALS.get(when.day, 'th')} {when:%B %Y %H:%M} GMT"
