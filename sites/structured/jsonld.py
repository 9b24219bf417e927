"""JSON-LD: the comments in a page's scripts, nested in their article, in a graph, or naming what they answer."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import Mark
from belowtheline.reading.page import Page
from belowtheline.sites.structured.nodes import DATES, TEXTS, Node, Reading, short_type

_OPENING = re.compile(r"<!--|(?://|/\*)?\s?<!\[CDATA\[(?:\s?\*/)?")
_CLOSING = re.compile(r"(?:-->|(?://|/\*)?\s?\]\]>(?:\s?\*/)?);?$")
_LONGEST_CLOSING = 10
_REPLIES = ("comment", "comments")
_DECODER = json.JSONDecoder(strict=False)  # line breaks in strings are common, and no harm


def read_jsonld(page: Page) -> Reading:
    """Return what a page's JSON-LD says; a block that is not valid JSON is left out, and a mark says so."""
    reading = Reading()
    if "ld+json" not in page.text or "omment" not in page.text:
        return reading
    blocks: list[list[Node]] = []
    for number, script in enumerate(page.selector.xpath("//script[contains(@type, 'ld+json')]/text()").getall(), 1):
        try:
            value = _decoded(script)
            blocks.append(list(_nodes(value)))
            reading.lost += _lost(value)
        except (ValueError, ParseError):
            reading.marks.append(Mark(kind="unreadable JSON-LD", value=str(number)))
    _resolve([node for block in blocks for node in block])
    for block in blocks:
        reading.articles += [node for node in block if node.is_article and not node.is_comment]
    _sort(blocks, reading)
    return reading


def _decoded(script: str) -> Any:
    text = script.strip()
    opening, closing = _OPENING.match(text), _CLOSING.search(text, max(len(text) - _LONGEST_CLOSING, 0))
    # The outer end only: a text may well end as the wrapping does.
    text = text[opening.end() if opening else 0 : closing.start() if closing else None].strip().rstrip(";")
    try:
        return _DECODER.decode(text) if text else None
    except RecursionError:
        return Page(None, text.encode("utf-8", "replace")).json


def _nodes(value: Any) -> Iterator[Node]:
    """Yield the items of a JSON value in document order, without recursion: replies nest as deep as they like."""
    waiting: list[tuple[dict[str, Any], Node | None, str]] = [(each, None, "") for each in reversed(_objects(value))]
    while waiting:
        said, around, name = waiting.pop()
        node, inner = _node(said)
        if around is not None:
            _join(node, around, name)
        yield node
        for key, each in reversed(inner):
            waiting.append((each, node, f"{key} of" if name == "@reverse" else key))


def _lost(value: Any) -> int:
    """Count the entries of lists of comments that are neither objects nor the addresses of any."""
    lost = 0
    waiting = [value]
    while waiting:
        each = waiting.pop()
        inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        waiting += [one for one in inner if isinstance(one, (dict, list))]
        for name in _REPLIES if isinstance(each, dict) else ():
            entries = each.get(name)
            lost += sum(not _is_entry(entry) for entry in entries) if isinstance(entries, list) else 0
    return lost


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, (dict, list)) or (isinstance(entry, str) and entry.startswith(("http", "#", "/", "_:")))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in _flat(value) if isinstance(each, dict) and "@value" not in each]


def _flat(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict) and each.keys() & {"@list", "@set"}:
            each = each.get("@list", each.get("@set"))
        if isinstance(each, list):
            waiting += reversed(each)
        else:
            yield each


def _node(said: dict[str, Any]) -> tuple[Node, list[tuple[str, dict[str, Any]]]]:
    """Return an item with its texts, and the items that are values of its properties."""
    node, inner = Node(types=_types(said.get("@type"))), list[tuple[str, dict[str, Any]]]()
    for key, value in said.items():
        if isinstance(value, str):
            node.values[key] = [value]
            continue
        for each in _flat(value):
            if isinstance(each, dict) and "@value" not in each:
                inner.append((key, each))
            elif (text := _literal(each)) is not None:
                node.add(key, text)
    inner = [item for item in inner if item[0] != "@context"]
    node.names = node.texts("@id", "identifier", "url")
    return node, inner


def _literal(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value["@value"]
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def _types(said: Any) -> frozenset[str]:
    if isinstance(said, str):
        return _named_types(said)
    return frozenset().union(*(_named_types(each) for each in _flat(said) if isinstance(each, str)))


@lru_cache(maxsize=512)
def _named_types(said: str) -> frozenset[str]:
    return frozenset(filter(None, (short_type(said),)))


def _join(node: Node, around: Node, name: str) -> None:
    """Make an item the value of a property of another, and a comment the comment of it."""
    around.add(name, node)
    if name in _REPLIES:
        node.is_reply = True
        _place(node, around)


def _place(node: Node, around: Node) -> None:
    if around.is_comment:
        node.above = around
    elif "Answer" in around.types:
        node.is_open = True
    else:
        node.owner = around


def _resolve(nodes: list[Node]) -> None:
    """Put comments where items that only name them say, or where they say themselves with @reverse."""
    naming = [node for node in nodes if "@reverse" in node.values or (node.is_reply and not node.is_held)]
    if not naming:
        return
    full = {node.text("@id"): node for node in reversed(nodes) if any(name[:1] != "@" for name in node.values)}
    full.pop(None, None)
    for node in naming:
        held = full.get(node.text("@id"))
        if node.is_reply and held is not None and held is not node and not node.is_held:
            held.is_reply, held.is_open = True, held.is_open or node.is_open
            held.above, held.owner = held.above or node.above, held.owner or node.owner
        if node.is_comment:
            for said in node.nodes("@reverse"):
                for named in said.nodes("comment of"):
                    _place(node, full.get(named.text("@id"), named))


def _sort(blocks: list[list[Node]], reading: Reading) -> None:
    """Tell comments that are held from those that are only named; what several blocks repeat counts once."""
    named: dict[str, tuple[int, Node]] = {}
    said: dict[tuple[str | None, ...], int] = {}
    missing: list[Node] = []
    for number, block in enumerate(blocks):
        for node in block:
            if not node.is_comment:
                continue
            if not node.is_held:
                missing.append(node)
                continue
            before = named.get(node.names[0]) if node.names else None
            if before is not None and before[0] != number and _is_same(before[1], node):
                continue
            if len(blocks) == 1 or said.setdefault(_words(node), number) == number:
                reading.comments.append(node)
                named.update(dict.fromkeys(node.names[:1], (number, node)))
    reading.missing += [node for node in missing if node.names and node.names[0] not in named]


def _words(node: Node) -> tuple[str | None, ...]:
    author = next(iter(node.nodes("author", "creator")), node)
    return author.text("name"), node.text(*DATES), node.text(*TEXTS)


def _is_same(node: Node, other: Node) -> bool:
    """Return whether comments of one name in two blocks are one: the texts may be cut or written in other ways."""
    (name, when, text), (other_name, other_when, other_text) = _words(node), _words(other)
    return text == other_text or ((name, when) == (other_name, other_when) and when is not None)
