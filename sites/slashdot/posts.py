"""The comments of a discussion, in both markups, and those it only names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Mark, Shown, Stub
from belowtheline.reading.markup import Found, Section, Sections, inner_html, visible
from belowtheline.sites.slashdot import addresses, dates
from belowtheline.sites.slashdot.script import Said

SECTIONS = Sections(
    "comment",
    classes=("score", "by", "details", "otherdetails", "uid", "commentBody", "commentSub"),
    tags=("h4",),
    closed=("commentBody", "commentSub"),
)
"""The entries of a discussion; what a reader wrote in a body is no part of one."""
_ID = re.compile(r"(?:tree|commtree)_(\d+)$")
_LISTS = re.compile(r"commentlisting$|commtree_\d+$")
_CID = re.compile(r"[?&]cid=(\d+)")
_PID = re.compile(r"[?&]pid=([1-9]\d*)")
_ANCHOR = re.compile(r"#(\d+)$")
_SCORE = re.compile(r"Score:\s*(-?\d{1,3})(?:\s*,\s*([^)]{1,40}))?\)")
_ID_AT_END = re.compile(r"\( ?(\d{1,12}) ?\)$")
_DIGITS = re.compile(r"\d+")
_OURS = re.compile(r"https?://(?:[a-z]+\.)?slashdot\.org(?:/|$)")
_SUBSCRIBER = ("com-mod.shtml#cm2600", "/subscribe")


class Discussion(NamedTuple):
    """What a page holds of a discussion."""

    comments: tuple[Comment, ...]
    stubs: tuple[Stub, ...]
    disagreements: int
    """How often nesting and the link to the parent disagree."""
    cuts: int
    """How many comments are shown without the end of their text."""
    full: int = 0
    """How many comments are no entries of one line, which show no date."""
    undated: int = 0
    """How many of those show no date either."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the page around the comments tells of them."""

    number: str | None
    """The discussion's number."""
    story: date | None
    """The day of the story."""
    said: Said
    is_partial: bool
    """Whether the page is of one comment and its replies, which may stand below others."""


def read_discussion(container: etree._Element, around: Around) -> Discussion:
    """Return the comments of a page in its order, and stubs for those that it hides, lists or only counts."""
    entries = [entry for section in SECTIONS(container) if (entry := _entry(section, around))]
    shown = [entry for entry in entries if not entry.is_hidden]
    stubs = [_stub(entry.native_id, entry.parent, around) for entry in entries if entry.is_hidden]
    stubs.extend(_listed(container, around))
    on_page = {entry.native_id for entry in entries} | _ids(stubs)
    stubs.extend(_stub(cid, parent, around) for cid, parent in around.said.parents.items() if cid not in on_page)
    stubs.extend(_unlisted_parents(shown, {entry.native_id for entry in shown} | _ids(stubs), around))
    parents: dict[str, Shown[str]] = {stub.native_id or "": stub.parent_native_id for stub in stubs}
    depths = _depths(parents | {entry.native_id: entry.parent for entry in shown})
    comments = tuple(
        Comment(
            native_id=entry.native_id,
            position=position,
            parent_native_id=entry.parent,
            depth=depths[entry.native_id],
            **_read_entry(entry.parts, entry.native_id, around),
        )
        for position, entry in enumerate(shown, 1)
    )
    return Discussion(
        comments=comments,
        stubs=tuple(stubs),
        disagreements=_disagreements(entries),
        cuts=sum(comment.body_html is NOT_SHOWN for comment in comments),
        full=sum(not entry.is_line for entry in shown),
        undated=sum(
            not entry.is_line and comment.published_raw is NOT_SHOWN
            for entry, comment in zip(shown, comments, strict=True)
        ),
    )


class _Entry(NamedTuple):
    native_id: str
    nested: str | None
    linked: str | None
    parent: Shown[str]
    is_hidden: bool
    is_line: bool
    parts: Found


def _disagreements(entries: list[_Entry]) -> int:
    """Count the replies that stand neither below their parent nor, where nesting ends, beside it."""
    nested = {entry.native_id: entry.nested for entry in entries}
    return sum(entry.linked in nested and entry.nested not in (entry.linked, nested[entry.linked]) for entry in entries)


def _entry(section: Section, around: Around) -> _Entry | None:
    native_id = _id_of(section.element)
    if native_id is None:
        return None
    nested = _id_of(section.element.getparent()) or around.said.parents.get(native_id)
    links = (link for link in _links(section.parts.get("commentSub")) if (link.text or "").strip() == "Parent")
    found = (match[1] for link in links if (match := _CID.search(link.get("href") or "")))
    states = (section.element.get("class") or "").split()
    is_hidden = "commentBody" not in section.parts or "hidden" in states
    linked = next(found, None)
    # Replies to a comment that is not listed stand below the next one above that is, or at the top.
    parent: Shown[str] = linked or nested
    if parent is None and around.is_partial and native_id not in around.said.parents:
        parent = NOT_SHOWN
    return _Entry(native_id, nested, linked, parent, is_hidden, "oneline" in states, section.parts)


def _ids(stubs: list[Stub]) -> set[str]:
    return {stub.native_id for stub in stubs if stub.native_id}


def _unlisted_parents(entries: list[_Entry], known: set[str], around: Around) -> Iterator[Stub]:
    for parent in dict.fromkeys(entry.parent for entry in entries):
        if isinstance(parent, str) and parent not in known:
            yield _stub(parent, NOT_SHOWN, around)


def _depths(parents: Mapping[str, Shown[str]]) -> dict[str, Shown[int]]:
    """Return how many comments stand above each, where the page names all of them."""
    depths: dict[str, Shown[int]] = {}
    for native_id in parents:
        above: list[str] = []
        at: Shown[str] = native_id
        while isinstance(at, str) and at not in depths:
            above.append(at)
            depths[at] = NOT_SHOWN  # and stays so where parents run in a circle
            at = parents.get(at, NOT_SHOWN)
        depth = -1 if at is None else depths[at] if isinstance(at, str) else NOT_SHOWN
        for cid in reversed(above):
            depth = depth + 1 if isinstance(depth, int) else NOT_SHOWN
            depths[cid] = depth
    return depths


def _id_of(element: etree._Element | None) -> str | None:
    match = _ID.match(element.get("id") or "") if element is not None else None
    return match[1] if match else None


def _links(elements: list[etree._Element] | None) -> Iterator[etree._Element]:
    for element in elements or ():
        yield from element.iter("a")


def _stub(native_id: str, parent: Shown[str], around: Around, shown: str | None = None) -> Stub:
    url = addresses.comment_url(around.number, native_id) if around.number else None
    return Stub(native_id=native_id, parent_native_id=parent, shown=shown, url=url)


def _listed(container: etree._Element, around: Around) -> Iterator[Stub]:
    """Yield the entries of the older markup that are one line: a title that links to the comment, a name, a score."""
    for item in container.iter("li"):
        link = next(iter(item), None) if item.get("id") is None else None
        match = _ANCHOR.search(link.get("href") or "") if link is not None else None
        above = item.getparent()
        if link is None or match is None or above is None or not _LISTS.match(above.get("id") or ""):
            continue
        # Nesting ends some levels down, where replies stand beside what they answer.
        parent = _PID.search(link.get("href") or "")
        line = " ".join(f"{visible(link)}{link.tail or ''}".split())
        yield _stub(match[1], parent[1] if parent else _id_of(above), around, line)


def _read_entry(parts: Found, native_id: str, around: Around) -> dict[str, Any]:
    body, is_cut, signature = _body(parts["commentBody"][0], native_id, around.said)
    score, reason = _score(parts)
    marks = [Mark(kind="reason", value=reason)] if reason else []
    if is_cut:
        marks.append(Mark(kind="abbreviated", value=visible(body) or None))
    return {
        "author": _author(parts, signature),
        "title": _title(parts, native_id, around.said),
        "title_source": "page",
        # An abbreviated text is no body: it would replace the whole one, where that is held.
        "body_html": NOT_SHOWN if body is None or is_cut else inner_html(body),
        "score": score,
        "url": _url(parts),
        "marks": tuple(marks),
        **_date(parts, around.story),
    }


def _body(
    around: etree._Element, native_id: str, said: Said
) -> tuple[etree._Element | None, bool, etree._Element | None]:
    """Return the body, whether the page cuts it short, and the signature below it."""
    body = signature = None
    is_cut = native_id in said.cut
    for child in around:
        names = (child.get("class") or "").split()
        if (child.get("id") or "").startswith("comment_body_"):
            body = child
        elif "sig" in names:
            signature = child
        elif "commentshrunk" in names:
            is_cut = True
    if body is not None:
        for quoted in body.iter("div"):
            if quoted.get("class") == "quote":
                quoted.tag = "blockquote"  # as its readers see it
    return body, is_cut, signature


def _score(parts: Found) -> tuple[Shown[int], str | None]:
    match = _SCORE.search(visible(_first(parts, "score")))
    return (int(match[1]), (match[2] or "").strip() or None) if match else (NOT_SHOWN, None)


def _first(parts: Found, name: str) -> etree._Element | None:
    elements = parts.get(name)
    return elements[0] if elements else None


def _title(parts: Found, native_id: str, said: Said) -> Shown[str]:
    """Return the title; where an entry shortens one to "Re:", the script has it whole."""
    heading = _first(parts, "h4")
    if heading is None:
        return NOT_SHOWN
    text = next(filter(None, map(visible, heading.iter("a"))), "")
    if native_id in said.subjects:
        return said.subjects[native_id]
    return NOT_SHOWN if text == "Re:" else text or None


def _url(parts: Found) -> Shown[str]:
    for link in (*_links(parts.get("otherdetails")), *_links(parts.get("h4"))):
        href = link.get("href") or ""
        if _CID.search(href) and (url := addresses.absolute(href)):
            return url
    return NOT_SHOWN


def _date(parts: Found, story: date | None) -> dict[str, Any]:
    """Return the date alone: before it may stand the author's e-mail address."""
    line = visible(_first(parts, "otherdetails")).partition("(#")[0].strip()
    raw = dates.written_on(line) or line.rpartition("> ")[2].removeprefix("on ").strip()
    if not raw:
        return {}
    if dates.has_year(raw):
        return {"published_raw": raw, "published_source": "text"}
    at = dates.utc(raw, story)
    if at is None:
        return {"published_raw": raw}
    return {"published_raw": raw, "published_at": at, "published_precision": "minute", "published_source": "text"}


def _author(parts: Found, signature: etree._Element | None) -> Author | None:
    by = _first(parts, "by")
    if by is None:
        by = _first(parts, "details")
    if by is None:
        return None
    links = by.findall("a")
    account = next((link for link in links if "/~" in (link.get("href") or "")), None)
    marks = tuple(_author_marks(parts, links, signature))
    if account is None:
        line = visible(by) if "by" in parts else " ".join((by.text or "").split())
        return Author(name=line.removeprefix("by ").strip() or None, marks=marks)
    text = visible(account)
    match = _ID_AT_END.search(text)
    number = _DIGITS.search(visible(_first(parts, "uid")))
    return Author(
        name=(text[: match.start()].rstrip() if match else text) or None,
        native_id=match[1] if match else number[0] if number else NOT_SHOWN,
        profile_url=addresses.absolute(account.get("href") or "") or NOT_SHOWN,
        marks=marks,
    )


def _author_marks(parts: Found, links: list[etree._Element], signature: etree._Element | None) -> Iterator[Mark]:
    if any(mark in (link.get("href") or "") for link in links for mark in _SUBSCRIBER):
        yield Mark(kind="subscriber")
    for link in _links(parts.get("otherdetails")):
        url = addresses.absolute(link.get("href") or "")
        if url and not _OURS.match(url):
            yield Mark(kind="homepage", value=url)
        elif url and "/journal" in url:
            yield Mark(kind="journal", value=url)
    if text := visible(signature):
        yield Mark(kind="signature", value=text.removeprefix("--").strip())
