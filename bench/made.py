"""An invented thread of any size, from which a page of each platform is made, and what a floor reads of such a page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

LEVELS = 10
"""How deep the deepest remarks stand, the first level included."""
_DEPTHS = (*range(LEVELS), 0, 1, 1, 2, 0, 0, 1, 2, 2, 3)
_WORDS = """
kettle spout steam whistle limescale vinegar cup saucer leaf bag milk sugar lid handle switch flex element filter boil
simmer pour stir a an and are as at be because but by for from had has have if in into is it its like more most much
never no not now of off on one only or other our out over same should since so some still than that the their them
then there they this to too under until up was we were what when where which who why will with without would you your
"""
_VOCABULARY = tuple(_WORDS.split())
_NAMES = ("Ada", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal", "Ida", "Jo")
_FIRST = datetime(2024, 5, 6, 7, 0, tzinfo=UTC)
_FIRST_NUMBER = 100_001


class Said(NamedTuple):
    """What a floor reads of a comment: five fields, of which the page must hold the first."""

    native_id: str
    author: str | None
    date: str | None
    body: str | None
    parent: str | None


@dataclass(eq=False, slots=True)
class Remark:
    """One comment of the thread."""

    number: int
    name: str
    html: str
    above: "Remark | None"
    replies: "list[Remark]" = field(default_factory=list)

    @property
    def depth(self) -> int:
        """How many remarks it stands below."""
        return 0 if self.above is None else self.above.depth + 1

    @property
    def at(self) -> datetime:
        """When it was written, each a minute after the one before."""
        return _FIRST + timedelta(minutes=self.number - _FIRST_NUMBER)

    @property
    def iso(self) -> str:
        """When it was written, as machines write it."""
        return self.at.strftime("%Y-%m-%dT%H:%M:%SZ")


def remarks(count: int) -> list[Remark]:
    """Return that many remarks in the order of their tree; of twenty in a row, ten stand one below the other."""
    rng = Random(1)
    found: list[Remark] = []
    path: list[Remark] = []
    for index in range(count):
        del path[_DEPTHS[index % len(_DEPTHS)] :]
        above = path[-1] if path else None
        name = f"{rng.choice(_NAMES)} {rng.choice(_VOCABULARY).capitalize()}"
        remark = Remark(_FIRST_NUMBER + index, name, _html(rng), above)
        if above is not None:
            above.replies.append(remark)
        found.append(remark)
        path.append(remark)
    return found


def nested(remark: Remark, item: Callable[[Remark, str], str]) -> str:
    """Return the HTML of a remark with all that stands below it."""
    return item(remark, "".join(nested(reply, item) for reply in remark.replies))


def tops(thread: Iterable[Remark]) -> list[Remark]:
    """Return the remarks that answer none."""
    return [remark for remark in thread if remark.above is None]


def _html(rng: Random) -> str:
    linked = f' See <a href="https://kettles.example/{rng.randrange(10_000)}">this</a>.' if rng.random() < 0.3 else ""
    return (
        f"<p>{_sentence(rng)} <em>{rng.choice(_VOCABULARY)}</em> {_sentence(rng)}</p>\n<p>{_sentence(rng)}{linked}</p>"
    )


def _sentence(rng: Random) -> str:
    text = " ".join(rng.choices(_VOCABULARY, k=rng.randint(12, 34)))
    return text.capitalize() + rng.choice((".", ".", "!", " &amp; so on."))
