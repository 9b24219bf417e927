"""The page's own lines around the posts: headline, teaser, page list, closing sentence, and what follows the posts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from belowtheline.reading.items import NOT_SHOWN, Article, Shown
from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copiedtext.lines import EMPTY, Line, paragraphs_of

_ENDS = ("…", "...")
_LABELS = frozenset({"comments", "page:", "pages:", "next", "prev", "previous", "next page"})
_BELOW = frozenset(
    {
        "most read", "about us", "other stories you might like", "more from the register", "sign up to our newsletter",
        "biting the hand that feeds it", "more about", "whitepapers", "the register", "sponsored links", "page:",
        "post a comment", "privacy", "cookies", "contact us", "advertise with us", "our websites",
    }
)  # fmt: skip
"""Openings of what stands below the posts, as pages of the site have it; lower case."""
_PAGE = re.compile(r"(?:[0-9]{1,4}\.\s+)?([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a text shows of its page besides the posts."""

    article: Article
    page_count: int | None
    """How many pages the list of pages names; NULL where the text shows none, or several pages."""
    is_closed: bool


def frame_of(lines: Sequence[Line], first: int, outermost: int | None) -> Frame:
    """Return the frame of posts that begin at line `first`; `outermost` is their indent, None where it says nothing."""
    return Frame(_article(lines[:first]), _page_count(lines), _is_closed(lines, first, outermost))


def _is_closed(lines: Sequence[Line], first: int, outermost: int | None) -> bool:
    closings = [index for index, line in enumerate(lines) if line.is_closing]
    if outermost is None:
        # Only the indent of a line in the middle would tell the page's sentence from a quotation of it.
        return any(index < first for index in closings) or _is_last_word(lines, closings)
    return any(index < first or lines[index].indent <= outermost for index in closings)


def _is_last_word(lines: Sequence[Line], closings: Sequence[int]) -> bool:
    if not closings:
        return False
    texts = (index for index in range(closings[-1] + 1, len(lines)) if lines[index].text)
    following = next(texts, len(lines))
    return following == len(lines) or is_below_posts(lines, following)


def is_below_posts(lines: Sequence[Line], index: int) -> bool:
    """Return whether a line opens what stands below the posts of a page."""
    return lines[index].text.casefold() in _BELOW


def _article(head: Sequence[Line]) -> Article:
    start = next((index for index, line in enumerate(head) if line.is_back), None)
    if start is None:
        return _article_without_link(head)
    lines = _titles(head[start:])
    lines[:1] = [Line(0, line.text[len(wording.BACK) :].strip(": ")) for line in lines[:1]]
    texts = paragraphs_of(lines)
    if not texts:
        return Article()
    first = texts[0].split("\n")
    if len(first) > 1 and first[-1].endswith(_ENDS):
        texts[:1] = [first[0], "\n".join(first[1:])]
    texts = [" ".join(text.split()) for text in texts]
    return Article(headline=texts[0], teaser=_teaser(texts[1:]))


def _article_without_link(head: Sequence[Line]) -> Article:
    """Return the article where the link back was not copied: the teaser by its end, the headline above it."""
    lines = [line for line in _titles(head) if line.text]
    for above, line in pairwise(lines):
        if line.text.endswith(_ENDS) and not above.text.endswith(_ENDS):
            return Article(headline=above.text, teaser=line.text)
    return Article()


def _titles(head: Sequence[Line]) -> list[Line]:
    """Return the lines of a head down to the closing sentence, without labels, marks and the list of pages."""
    lines = list(takewhile(lambda line: not line.is_closing, head))
    return [EMPTY if _is_label(line) or len(line.text) == 1 else line for line in lines]


def _teaser(paragraphs: Sequence[str]) -> Shown[str]:
    # The words of the article's picture may stand before the teaser, the numbers of the pages after it.
    for ends in (_ENDS, (".", "!", "?", '"', "”")):
        for paragraph in paragraphs:
            if paragraph.endswith(ends):
                return paragraph
    return paragraphs[0] if paragraphs else NOT_SHOWN


def _page_count(lines: Sequence[Line]) -> int | None:
    backs = sum(line.is_back for line in lines)
    lists = (index for index, line in enumerate(lines) if line.text.casefold().startswith(("page:", "pages:")))
    count = max((page_list_end(lines, index)[0] for index in lists), default=0)
    return count if count > max(backs, 1) else None


def page_list_end(lines: Sequence[Line], index: int) -> tuple[int, int]:
    """Return the last number of the list of pages that opens at a line, 0 where none does, and the line after it."""
    said = lines[index].text.partition(":")[2].split()
    numbers = [int(word) for word in said if word.isdecimal() and len(word) < 5]
    end = index + 1
    for place in range(index + 1, min(index + 400, len(lines))):
        text = lines[place].text
        match = _PAGE.fullmatch(text)
        if match and int(match[1]) == (numbers[-1] if numbers else 0) + 1:
            numbers.append(int(match[1]))
            end = place + 1
        elif text and (text.casefold() not in _LABELS or text.endswith(":")) and text not in _ENDS:
            break
    is_list = numbers[:1] == [1] and len(numbers) > 1
    return (max(numbers), end) if is_list else (0, index + 1)


def leftover(lines: Sequence[Line]) -> list[str]:
    """Return the paragraphs that stand beside the frame of a text in which no posts were found."""
    start = next((index for index, line in enumerate(lines) if line.is_back), 0)
    closed = next((index for index in range(start, len(lines)) if lines[index].is_closing), start)
    belows = (index for index in range(closed + 1, len(lines)) if is_below_posts(lines, index))
    # A list of pages stands above posts as well as below them.
    end = next((index for index in belows if not _opens_page_list(lines[index])), len(lines))
    page = lines[start:end]
    first = next((index for index, line in enumerate(page) if line.is_closing), len(page))
    above, below = (paragraphs_of([EMPTY if _is_own(line) else line for line in part]) for part in _parted(page, first))
    return above[_article_paragraphs(above, page) :] + below


def _parted(lines: Sequence[Line], place: int) -> tuple[Sequence[Line], Sequence[Line]]:
    return lines[:place], lines[place:]


def _is_own(line: Line) -> bool:
    return line.is_closing or _is_label(line)


def _opens_page_list(line: Line) -> bool:
    return line.text.casefold().startswith(("page:", "pages:"))


def _is_label(line: Line) -> bool:
    is_list = line.text.startswith(("Page:", "Pages:")) and page_list_end([line], 0)[0] > 0
    return line.text.casefold() in _LABELS or _PAGE.fullmatch(line.text) is not None or is_list


def _article_paragraphs(texts: Sequence[str], page: Sequence[Line]) -> int:
    """Return how many of the paragraphs above the closing sentence are the article's: headline and teaser."""
    is_linked = bool(page) and page[0].is_back
    headline = 2 if texts and texts[0].casefold().rstrip() == wording.BACK else 1
    ends = (place + 1 for place, text in enumerate(texts[: headline + 3]) if text.endswith(_ENDS))
    return next(ends, headline + 1 if is_linked else 0)
