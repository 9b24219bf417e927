"""The line above a comment or below a title: who, when, how many points, and links to what is around it."""

import re
from dataclasses import dataclass

from lxml import etree

from belowtheline.reading.instants import utc
from belowtheline.reading.items import NOT_SHOWN, Author, Mark, Shown
from belowtheline.reading.markup import visible
from belowtheline.sites.hackernews import addresses, wording

_AGE = re.compile(r"\d{1,5} \w{3,7} ago|on \w{3,9} \d{1,2}, \d{4}")
_POINTS = re.compile(r"(?<![\d,])-?\d[\d,]{0,10}(?= point)")
_NEW = "#3c963c"
"""The green in which the names of new accounts stand."""


@dataclass(slots=True)
class Byline:
    """What one line says."""

    author: Author | None = None
    item: str | None = None
    parent: str | None = None
    story: str | None = None
    story_title: str | None = None
    published_raw: str | None = None
    score: Shown[int] = NOT_SHOWN
    states: tuple[str, ...] = ()

    @property
    def published_at(self) -> Shown[str]:
        """The date in ISO 8601 UTC, where the line gives it to the second: titles of dates have done so since 2021."""
        return utc(self.published_raw, wording.CONVENTIONS.timezone)


def read_byline(line: etree._Element, base: str) -> Byline:
    """Return what a line says, in one walk; `base` is scheme and host of the page."""
    said = Byline()
    texts = [line.text or ""]
    for element in line.iterdescendants("a", "span", "font", "b", "u"):
        if element.tag == "a":
            _read_link(said, element, base)
        else:
            _read_span(said, element)
            texts.append(element.text or "")
        texts.append(element.tail or "")
    text = " ".join(texts)
    said.states = wording.states(text)
    if said.published_raw is None and (match := _AGE.search(" ".join(text.split()))):
        said.published_raw = match[0]
    return said


def _read_link(said: Byline, link: etree._Element, base: str) -> None:
    href = link.get("href") or ""
    if href.startswith("#"):
        if link.text == "parent":
            said.parent = href[1:]
    elif item := addresses.item_in(href):
        _read_item(said, item, link)
    elif said.author is None and (name := addresses.user_in(href)):
        said.author = _author(link, name, base)


def _read_item(said: Byline, item: str, link: etree._Element) -> None:
    text = visible(link)
    if _text_before(link).endswith("on:"):
        said.story, said.story_title = item, link.get("title") or text
    elif text == "parent":
        said.parent = item
    elif said.item is None:
        said.item = item
        if said.published_raw is None and _AGE.match(text):
            said.published_raw = text


def _text_before(link: etree._Element) -> str:
    before, around = link.getprevious(), link.getparent()
    text = before.tail if before is not None else around.text if around is not None else None
    return (text or "").rstrip()


def _author(link: etree._Element, name: str, base: str) -> Author:
    colour = link.find("font")
    is_new = colour is not None and colour.get("color") == _NEW
    return Author(
        name=visible(link) or name,
        native_id=name,
        profile_url=addresses.user_url(name, base),
        marks=(Mark(kind="new account", value=_NEW),) if is_new else (),
    )


def _read_span(said: Byline, span: etree._Element) -> None:
    if span.get("class") == "age":
        # "2026-01-01T10:00:00 1767261600" since 2023, without the seconds of Unix time since 2021.
        stamps = (span.get("title") or "").split()
        said.published_raw = stamps[-1] if stamps else None
    elif (span.get("id") or "").startswith("score_") or span.get("class") == "score":
        match = _POINTS.search(visible(span))
        said.score = int(match[0].replace(",", "")) if match else NOT_SHOWN
