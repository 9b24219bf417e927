"""A thread annotated by hand, as JSON: one object a comment, with its quotations and whom it answers.

An object has `n`, the comment's place in its thread from 1; `body_starts_with` and `body_ends_with`, by which it is
found; `replies_to`, each with `n`, `certainty` and at will `accept_any`; and `quotes`, each with `text`, `where` (title
or body) and `source`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from belowtheline.archive.links.texts import CommentText, ThreadText
from belowtheline.pipelines.evaluation.gold import Gold, GoldEdge, GoldQuote

SCORED = ("explicit", "strong")
"""Certainties that may be scored; an edge of any other is neither right nor wrong."""
_BEYOND = "article_beyond_teaser"
_COMMENT = "comment "
_LONGEST = 10
"""Digits of a comment's number in a source, at most."""

Entry = Mapping[str, Any]


class BadAnnotation(ValueError):
    """An annotation is not of the form that is read; raised by `entries`: the message says where."""


def entries(document: object) -> list[Entry]:
    """Return the objects of an annotation; raise BadAnnotation where it is not of the form above."""
    if not isinstance(document, list) or not document:
        raise BadAnnotation("it is no list of comments")
    for place, entry in enumerate(document, 1):
        if not isinstance(entry, dict) or not _is_number(entry.get("n")):
            raise BadAnnotation(f"its object {place} has no number `n`")
        if problem := next(_problems(entry), None):
            raise BadAnnotation(f"in comment {entry['n']} {problem}")
    numbers = [entry["n"] for entry in document]
    if len(set(numbers)) < len(numbers):
        raise BadAnnotation("two of its comments have one number `n`")
    return document


def _problems(entry: Entry) -> Iterator[str]:
    for name in ("body_starts_with", "body_ends_with"):
        if not isinstance(entry.get(name), str):
            yield f"`{name}` is no text"
    for reply in _objects(entry, "replies_to"):
        others = reply.get("accept_any", [])
        numbers = [reply.get("n"), *(others if isinstance(others, list) else [None])]
        if not all(map(_is_number, numbers)) or not isinstance(reply.get("certainty"), str):
            yield "`replies_to` has an object without `n` or `certainty`"
    for quote in _objects(entry, "quotes"):
        if not all(isinstance(quote.get(name), str) for name in ("text", "where", "source")):
            yield "`quotes` has an object without `text`, `where` or `source`"


def _objects(entry: Entry, name: str) -> list[Entry]:
    found = entry.get(name, [])
    are_objects = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    return found if are_objects else [{}]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def matched(annotated: Sequence[Entry], thread: ThreadText) -> dict[int, CommentText]:
    """Return the comments by their number in an annotation: at that place, else the one that begins and ends so."""
    places = {comment.position: comment for comment in thread.comments}
    words = {comment.row_id: _words(comment.present.body_text) for comment in thread.comments}
    found = {
        entry["n"]: places[entry["n"]]
        for entry in annotated
        if entry["n"] in places and _is_of(entry, words[places[entry["n"]].row_id])
    }
    taken = {comment.row_id for comment in found.values()}
    free = [comment for comment in thread.comments if comment.row_id not in taken]
    for entry in annotated:
        alike = [comment for comment in free if _is_of(entry, words[comment.row_id])] if entry["n"] not in found else []
        if len(alike) == 1:
            found[entry["n"]] = alike[0]
            free.remove(alike[0])
    return found


def _is_of(entry: Entry, words: str) -> bool:
    return words.startswith(_words(entry["body_starts_with"])) and words.endswith(_words(entry["body_ends_with"]))


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def from_annotation(annotated: Sequence[Entry], thread: ThreadText, found: Mapping[int, CommentText]) -> Gold:
    """Return an annotation as gold of the thread in which its comments were found; the others are not scored."""
    edges, doubtful = [], set()
    scored = {comment.row_id for comment in found.values()}
    held = [(found[entry["n"]].row_id, entry) for entry in annotated if entry["n"] in found]
    for comment_id, entry in held:
        for reply in entry.get("replies_to", []):
            numbers = dict.fromkeys((reply["n"], *reply.get("accept_any", [])))
            targets = tuple(found[number].row_id for number in numbers if number in found)
            if reply["certainty"] in SCORED and len(targets) == len(numbers):
                edges.append(GoldEdge(comment_id, targets, reply["certainty"]))
            else:
                doubtful |= {(comment_id, target) for target in targets}
    quotes = [
        _quote(comment_id, quote, thread, found) for comment_id, entry in held for quote in entry.get("quotes", [])
    ]
    return Gold(
        scored=frozenset(scored),
        edges=tuple(edges),
        doubtful=frozenset(doubtful),
        names_all=True,
        quotes=tuple(quote for quote in quotes if quote is not None),
    )


def _quote(comment_id: int, quote: Entry, thread: ThreadText, found: Mapping[int, CommentText]) -> GoldQuote | None:
    """Return a quotation, None where its source is a comment that was not found."""
    source = quote["source"]
    if source.startswith(_COMMENT):
        number = source.removeprefix(_COMMENT)
        of = found.get(int(number)) if number.isascii() and number.isdigit() and len(number) < _LONGEST else None
        return GoldQuote(comment_id, quote["where"], quote["text"], "comment", of.row_id) if of else None
    return GoldQuote(comment_id, quote["where"], quote["text"], _held_source(source, thread))


def _held_source(source: str, thread: ThreadText) -> str | None:
    held = {"article_title": thread.titles, "article_teaser": thread.teaser, _BEYOND: thread.article_body}
    held["article_body"] = thread.article_body
    kind = "article_body" if source == _BEYOND else source
    return kind if held.get(source) else None
