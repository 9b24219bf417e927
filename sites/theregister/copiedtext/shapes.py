"""Which shape a copied text has, told by what its lines show, and its posts read in that shape."""

from collections.abc import Sequence
from dataclasses import dataclass

from belowtheline.sites.theregister.copiedtext.dated import dated_headers
from belowtheline.sites.theregister.copiedtext.headers import Header
from belowtheline.sites.theregister.copiedtext.lines import NUMBERED, Following, Line
from belowtheline.sites.theregister.copiedtext.numbering import numbered_headers
from belowtheline.sites.theregister.copiedtext.outline import Outline
from belowtheline.sites.theregister.copiedtext.posts import Post, Shape, posts_of


@dataclass(frozen=True, slots=True)
class Found:
    """The posts of a text, and the shape in which they were found."""

    shape: Shape
    posts: tuple[Post, ...]
    first: int
    """Line at which the posts begin; the number of lines where there are none."""

    @property
    def outermost(self) -> int | None:
        """The least indent of a header, None where indents say nothing."""
        return min((post.header.indent for post in self.posts), default=None) if self.shape == "indented" else None


def find_posts(lines: Sequence[Line]) -> Found:
    """Return the posts of a text in the first shape that fits: numbers and indents, dates, numbers alone."""
    following = Following(lines)
    outlined = Outline(lines, following).headers()
    dated = dated_headers(lines, following)
    is_dated = bool(dated) and not _has_all(outlined, dated) and _goes_before(dated, outlined)
    if outlined and not is_dated and _is_indented(lines, outlined):
        return _found("indented", lines, outlined)
    numbered = numbered_headers(lines, following)
    if dated and not _has_all(numbered, dated) and _goes_before(dated, numbered):
        return _found("dated", lines, dated)
    return _found("numbered", lines, numbered)


def _found(shape: Shape, lines: Sequence[Line], headers: Sequence[Header]) -> Found:
    posts = tuple(posts_of(lines, headers, shape))
    return Found(shape, posts, headers[0].line if headers else len(lines))


def _has_all(headers: Sequence[Header], dated: Sequence[Header]) -> bool:
    """Return whether the dates of a text stand in these headers: then the numbers say more than the dates do."""
    dates = sum(header.opening.date is not None for header in dated)
    return 2 * sum(header.opening.date is not None for header in headers) >= dates


def _goes_before(dated: Sequence[Header], numbered: Sequence[Header]) -> bool:
    """Return whether dates open the posts, and do not only stand in the body of a numbered one."""
    dates = sum(header.opening.date is not None for header in dated)
    return not numbered or dated[0].line <= numbered[0].line or dates > len(numbered)


def _is_indented(lines: Sequence[Line], headers: Sequence[Header]) -> bool:
    """Return whether the text of posts stands deeper than their numbers, as indents by level make it."""
    outermost = min(header.indent for header in headers)
    ends = [*(header.line for header in headers), len(lines)][1:]
    deeper = shallow = 0
    for header, end in zip(headers, ends, strict=True):
        for line in lines[header.after : end]:
            if line.is_closing or line.is_back:
                break
            if line.text and not NUMBERED.fullmatch(line.text):
                deeper += line.indent > outermost
                shallow += line.indent <= outermost and end < len(lines)
    return deeper > shallow
