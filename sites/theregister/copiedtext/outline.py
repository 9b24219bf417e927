"""Posts that are numbered and indented by level, as Firefox copies them: runs of numbers at one indent.

A body may have a numbered list that stands exactly where replies would. Replies come after the whole body and have
text deeper than their number, so each run of consecutive numbers is judged as one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copiedtext.headers import Header, Numbered, is_sure_sign, numbered_at
from belowtheline.sites.theregister.copiedtext.lines import NUMBERED, Following, Line
from belowtheline.sites.theregister.copiedtext.openings import name_weight

_OPENS_A_LIST = (":", ";", ",")
_MAX_LONE_NAME = 40
_NO_NAME = -1.0


@dataclass(slots=True, eq=False)
class _Run:
    """Numbers that follow each other at one indent, below one line."""

    indent: int
    parent: "_Run | None"
    above: int | None
    """Which candidate of the parent run it stands below."""
    members: list[int] = field(default_factory=list)
    follows_colon: bool = False
    is_broken: bool = False
    """Whether text goes on after it where the body above it stands."""
    is_first: bool = False
    """Whether another run follows at its indent below the same line: replies are one run, and the last."""
    signed: int = 0
    sure: int = 0
    bears_posts: bool = False
    """Whether posts stand a step below it, as they stand below no list of a body."""
    is_accepted: bool = False


class Outline:
    """Walks down the lines once to find the runs, then accepts those that are posts."""

    def __init__(self, lines: Sequence[Line], following: Following) -> None:
        self.lines = lines
        self.following = following
        self.candidates: list[Numbered] = []
        self.runs: list[_Run] = []
        self.stack: list[_Run] = []
        self.is_new = False  # a header since the page's frame
        self.is_over = False  # closed, until the frame of a second page copied below opens the posts again
        self.before = ""

    def headers(self) -> list[Header]:
        """Return the headers in the order of the text."""
        for index, line in enumerate(self.lines):
            if not line.text:
                continue
            candidate = None if self.is_over else numbered_at(self.lines, index)
            if candidate:
                self._add(candidate)
            else:
                self._see_text(index)
            self.before = line.text
        self._judge()
        return self._accepted()

    def _add(self, candidate: Numbered) -> None:
        is_signed = is_sure_sign(candidate, self.lines, self.following)
        is_outer = not self.stack or self.stack[0].indent >= candidate.indent
        is_sure = is_signed or self._is_followed(candidate.line, is_outer=is_outer)
        run = self._run_of(candidate, is_sure=is_sure)
        run.members.append(len(self.candidates))
        run.signed += is_signed
        run.sure += is_sure
        self.is_new |= is_sure
        self.candidates.append(candidate)

    def _run_of(self, candidate: Numbered, *, is_sure: bool) -> _Run:
        """Return the run that the candidate goes on with, or a new one that it begins."""
        while self.stack and self.stack[-1].indent > candidate.indent and not self._is_next(candidate, self.stack[-1]):
            self.stack.pop()
        top = self.stack[-1] if self.stack else None
        if top is not None and (top.indent == candidate.indent or self._is_next(candidate, top)):
            last = self.candidates[top.members[-1]].number
            if candidate.number == last + 1 or (candidate.number > last and is_sure):
                top.indent = min(top.indent, candidate.indent)
                return top
            top.is_first = True
            self.stack.pop()
        parent = self.stack[-1] if self.stack else None
        above = parent.members[-1] if parent else None
        run = _Run(candidate.indent, parent, above, follows_colon=self.before.endswith(_OPENS_A_LIST))
        self.runs.append(run)
        self.stack.append(run)
        return run

    def _is_next(self, candidate: Numbered, run: _Run) -> bool:
        """Return whether numbers that are aligned on their right go on here with one digit more."""
        last = self.candidates[run.members[-1]]
        return candidate.number == last.number + 1 and candidate.column == last.column

    def _see_text(self, index: int) -> None:
        line = self.lines[index]
        if not self.stack:
            if line.is_back or line.is_closing:
                self._see_frame(index)
            return
        if line.indent <= self.stack[0].indent:
            self._see_frame(index)
            return
        while self.stack[-1].indent >= line.indent:
            self.stack.pop().is_broken = True

    def _see_frame(self, index: int) -> None:
        if self.lines[index].is_closing:
            self.is_over, self.is_new = self.is_new, False
        elif self.lines[index].is_back:
            self.is_over = self.is_new = False
        elif self.lines[index - 1].text:
            return
        self.stack.clear()

    def _is_followed(self, index: int, *, is_outer: bool) -> bool:
        """Return whether the line is followed as only a header is: one line at most, a blank line, deeper text."""
        under = self.following[index]
        if not self._is_deeper(under, index) or (not is_outer and numbered_at(self.lines, under)):
            return False
        text = self.lines[under].text
        after = self.following[under]
        is_apart = under > index + 1 or text in wording.ICONS or wording.deletion(text) is not None
        return is_apart or (after > under + 1 and self._is_deeper(after, index))

    def _is_deeper(self, index: int, than: int) -> bool:
        return index < len(self.lines) and self.lines[index].indent > self.lines[than].indent

    def _judge(self) -> None:
        steps = Counter[int]()
        for run in self.runs:
            above = run.parent
            while above is not None and above.parent is not None and not self._are_likely(above):
                above = above.parent
            if above is not None:
                steps[run.indent - above.indent] += run.signed
        step = steps.most_common(1)[0][0] if steps.total() else None
        for run in reversed(self.runs):
            if run.parent is not None and step is not None and abs(run.indent - run.parent.indent - step) <= 1:
                run.parent.bears_posts |= run.bears_posts or run.signed > 0 or self._have_title_and_text(run)
        names = {self.candidates[member].text for run in self.runs if run.signed or run.sure for member in run.members}
        for run in self.runs:
            run.is_accepted = self._is_posts(run, step, names)

    def _is_posts(self, run: _Run, step: int | None, names: set[str]) -> bool:
        parent = run.parent
        while parent is not None and not parent.is_accepted and self._is_skipped(run, parent, step):
            run.above, parent = parent.above, parent.parent
        if parent is None:
            return bool(run.sure)
        if not parent.is_accepted:
            return False  # in a list of a body
        if run.signed and not (run.is_broken and len(run.members) == 1):
            return True
        first = self.candidates[run.members[0]]
        is_off = step is not None and abs(run.indent - parent.indent - step) > 1
        if run.is_broken or run.is_first or run.follows_colon or is_off or first.number != 1:
            return False
        if first.text.endswith(_OPENS_A_LIST):
            return False
        if not run.sure:
            return self._are_names(run, names)
        return self._look_like_names(run) or run.bears_posts or self._have_title_and_text(run)

    def _is_skipped(self, run: _Run, parent: _Run, step: int | None) -> bool:
        """Return whether a run stands below a list that ends a body, and not in it: replies are indented by steps."""
        above = parent.parent
        return above is None or (step is not None and abs(run.indent - above.indent - step) <= 1)

    def _are_likely(self, run: _Run) -> bool:
        return run.signed > 0 or (run.sure > 0 and self._look_like_names(run))

    def _look_like_names(self, run: _Run) -> bool:
        weights = [name_weight(self.candidates[member].text) for member in run.members]
        return sum(weight > _NO_NAME for weight in weights) * 2 >= len(weights)

    def _have_title_and_text(self, run: _Run) -> bool:
        return any(self._has_title_and_text(member) for member in run.members)

    def _has_title_and_text(self, member: int) -> bool:
        """Return whether two paragraphs stand below a number, deeper than it: items of lists hardly ever have them."""
        line = self.candidates[member].line
        paragraphs, index = 0, self.following[line]
        while paragraphs < 2 and self._is_deeper(index, line) and not NUMBERED.fullmatch(self.lines[index].text):
            paragraphs += not self.lines[index - 1].text
            index = self.following[index]
        return paragraphs == 2

    def _are_names(self, run: _Run, names: set[str]) -> bool:
        """Return whether a run of which no post has text is one of authors: known ones, or one name alone."""
        texts = [self.candidates[member].text for member in run.members]
        if all(text in names for text in texts):
            return True
        (text, *others) = texts
        return (
            not others
            and 0 < len(text) <= _MAX_LONE_NAME
            and text[-1] not in ".!?"
            and (text[:1].isupper() or " " not in text)
        )

    def _accepted(self) -> list[Header]:
        places: dict[int, int] = {}
        chosen = sorted((member, run) for run in self.runs if run.is_accepted for member in run.members)
        headers: list[Header] = []
        for member, run in chosen:
            places[member] = len(headers)
            parent = places.get(run.above) if run.above is not None else None
            headers.append(self.candidates[member].header(self.lines, parent))
        return headers
