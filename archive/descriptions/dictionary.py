"""The data dictionary: what every table, view and column of an archive holds, with the types to go with it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from belowtheline.archive.descriptions import DESCRIBED, Column, Table
from belowtheline.reading.items import NotShown, Quote, ReplyEdge, described

FLAT = "comments_flat"
"""The view whose rows are exported, one a comment."""
THREADS = "threads_flat"
"""The view whose rows are exported, one a thread."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One column as SQLite declares it; an expression of a view has no type."""

    type: str
    is_required: bool
    refers_to: str | None


def _same(table: str, names: str) -> dict[str, str]:
    return {name: f"{table}.{name}" for name in names.split()}


def _view(name: str, description: str, sources: Mapping[str, str], **own: Column) -> Table:
    """Return a view whose columns are described where they come from, given as `table.column`."""
    tables = {table.name: table for table in DESCRIBED}
    columns: dict[str, Column] = {}
    for column, source in sources.items():
        table, _, of = source.partition(".")
        found = tables[table].columns[of]
        columns[column] = Column(found.description, found.annotation, source)
    return Table(name, description, columns | own, is_view=True)


_ADDRESS_SOURCE = (
    "How that address is known: served by its host, or claimed by a warc file, by the page itself or by an option; "
    "NULL where none is known."
)
_VIEWS = (
    _view(
        FLAT,
        "The comments with names, thread, article and capture joined in: the rows that are exported.",
        {
            "site": "sites.name",
            "thread": "threads.native_id",
            "thread_url": "threads.url",
            "thread_title": "threads.title",
            **_same("threads", "instance is_closed"),
            "article_url": "articles.url",
            **_same("articles", "headline teaser"),
            **_same("comments", "position native_id id_source url depth parent_native_id"),
            "author": "comments.author_name",
            "author_native_id": "authors.native_id",
            "author_kind": "authors.kind",
            "author_url": "authors.profile_url",
            "icon": "icons.name",
            "icon_url": "icons.image_url",
            **_same("comments", "is_staff badge title re_title title_source body_text body_html"),
            **_same("comments", "published_at published_raw published_precision published_source"),
            **_same("comments", "is_edited edited_at edited_raw deletion upvotes downvotes score marks"),
            **_same("comments", "first_seen_at last_seen_at not_seen_since"),
        },
        parent_author=Column("Name of the author of the comment it answers, where that one is held.", str | None),
        replies_to=Column("Native id of the comment it answers: by the site's own link, else the surest inferred one."),
        replies_to_family=Column("How that is known.", Literal["structural", "inferred"] | None),
        replies_to_confidence=Column("How sure that is: 1 for the site's own link, else at most 0.99.", float | None),
        is_anonymous=Column("Whether it stands under a name that is nobody's in particular.", bool | None),
        quotes=Column("JSON: the quoted spans of its present title and body.", tuple[Quote, ...]),
        captured_at=Column("When the page that its present content is from was fetched, ISO 8601 UTC."),
        source_url=Column("Address that page came from; a file: address where it was taken in without one."),
        address_source=Column(_ADDRESS_SOURCE),
        capture_sha256=Column("SHA-256 of that page's bytes as they stand in the WARC record."),
    ),
    _view(
        "thread_status",
        "What is held of each thread, and whether that is all of it.",
        {
            "site": "sites.name",
            "thread": "threads.native_id",
            **_same("threads", "title url is_closed last_seen_at"),
            "declared": "threads.declared_count",
            **_same("readings", "verdict reason verdict_at looked closed_at"),
        },
        looked_at=Column(
            "When a part of it was looked at, later than the verdict is of; NULL where all was read last."
        ),
        thread_id=Column("The thread's row in `threads`."),
        held=Column("How many of its comments are held."),
        stubs=Column("How many comments are known to exist whose text is not held."),
        not_seen=Column("How many held comments its latest complete reading did not show."),
    ),
    _view(
        THREADS,
        "The threads with article, opener, counts, verdict and newest capture joined in: the rows of `export threads`.",
        {
            "site": "sites.name",
            "thread": "threads.native_id",
            "thread_url": "threads.url",
            "thread_title": "threads.title",
            **_same("threads", "instance is_closed"),
            "article_url": "articles.url",
            **_same("articles", "headline teaser"),
            "article_published_at": "articles.published_at",
            "author": "authors.name",
            "author_native_id": "authors.native_id",
            "author_kind": "authors.kind",
            "author_url": "authors.profile_url",
            **_same("threads", "published_at published_raw body_text body_html score marks"),
            "declared": "threads.declared_count",
            "verdict": "readings.verdict",
            "verdict_reason": "readings.reason",
            "verdict_at": "readings.verdict_at",
            "looked": "readings.looked",
            **_same("threads", "first_seen_at last_seen_at"),
        },
        held=Column("How many of its comments are held.", int),
        stubs=Column("How many comments are known to exist whose text is not held.", int),
        not_seen=Column("How many held comments its latest complete reading did not show.", int),
        looked_at=Column(
            "When a part of it was looked at, later than the verdict is of; NULL where all was read last."
        ),
        first_comment_at=Column("When the first of its held comments was published, ISO 8601 UTC."),
        last_comment_at=Column("When the last of its held comments was published, ISO 8601 UTC."),
        captured_at=Column("When its newest page was fetched, ISO 8601 UTC."),
        source_url=Column("Address that page came from; a file: address where it was taken in without one."),
        address_source=Column(_ADDRESS_SOURCE),
        capture_sha256=Column("SHA-256 of that page's bytes as they stand in the WARC record."),
    ),
    _view(
        "quote_graph",
        "The quotes that stand in the present content of comments.",
        {"quote_id": "quotes.id"}
        | _same("quotes", "comment_id field text kind source_type source_comment_id source_version_id source_field")
        | _same("quotes", "source_start source_end score"),
    ),
    _view(
        "reply_graph",
        "Who answers whom: the site's own links, and the inferred edges.",
        _same("reply_edges", "comment_id target_comment_id family rule confidence combined"),
    ),
)

TABLES: Mapping[str, Table] = {table.name: table for table in (*DESCRIBED, *_VIEWS)}
"""Every table and view of an archive, by name."""


_TITLES = {FLAT: "Comment", THREADS: "Thread"}
_EDGES = {
    "reply_edges": "Whom the comment answers: by the site's own link, and by each rule that infers it.",
    "reply_candidates": "Guesses at whom the comment answers, at most 0.5 sure and no edges; with --candidates only.",
}


def flat_columns() -> Mapping[str, str]:
    """Return what each column of an exported row holds, in the order of the columns."""
    return {column: TABLES[FLAT].columns[column].description for column in declared()[FLAT]}


def json_schema(view: str = FLAT) -> dict[str, Any]:
    """Return the JSON Schema of one exported row, its JSON columns decoded and its yes-or-no columns true or false.

    Beside its columns a comment has whom it answers, and guesses at that where they were asked for.
    """
    columns = declared()[view]
    edges = {"type": "array", "items": _object(ReplyEdge)}
    more = {name: {"description": text, **edges} for name, text in _EDGES.items()} if view == FLAT else {}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLES[view],
        "description": TABLES[view].description,
        "type": "object",
        "properties": {name: _property(TABLES[view].columns[name], name, columns[name]) for name in columns} | more,
        "required": [*columns, *(["reply_edges"] if more else [])],
        "additionalProperties": False,
    }


_TYPES = {"TEXT": "string", "INTEGER": "integer", "REAL": "number", "": "string"}
_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
_ALWAYS_JOINED = ("comments", "threads", "sites")


def _property(column: Column, name: str, as_declared: Declared) -> dict[str, Any]:
    schema = _schema(column.annotation) or {"type": _TYPES[as_declared.type]}
    if name.endswith(("_at", "_since")):
        schema["format"] = "date-time"
    if not _is_required(column):
        schema = _or_null(schema)
    return {"description": column.description, **schema}


def _is_required(column: Column) -> bool:
    """Return whether a column of an exported row is never NULL: its row is always there and the column NOT NULL."""
    if column.source is None:
        return column.annotation is not None and type(None) not in _alternatives(column.annotation)
    table, _, of = column.source.partition(".")
    return table in _ALWAYS_JOINED and declared()[table][of].is_required


def _schema(annotation: Any) -> dict[str, Any]:
    """Return the JSON Schema of a schema field's type, NULL aside; empty where the type says nothing."""
    kinds = [kind for kind in _alternatives(annotation) if kind not in (type(None), NotShown)]
    if len(kinds) != 1:
        return {}
    kind = kinds[0]
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": list(get_args(kind))}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _schema(get_args(kind)[0])}
    if is_dataclass(kind):
        return _object(kind)
    return {"type": _JSON_TYPES[kind]} if kind in _JSON_TYPES else {}


def _object(cls: Any) -> dict[str, Any]:
    hints, texts = get_type_hints(cls), described(cls)
    properties = {name: {"description": texts[name], **_nullable(hints[name])} for name in texts}
    return {"type": "object", "properties": properties, "required": list(texts), "additionalProperties": False}


def _nullable(annotation: Any) -> dict[str, Any]:
    schema = _schema(annotation)
    return _or_null(schema) if type(None) in _alternatives(annotation) else schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | enum


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


@cache
def declared() -> Mapping[str, Mapping[str, Declared]]:
    """Return the columns of every table and view in their order, as an empty archive declares them."""
    from sqlite_utils import Database

    from belowtheline.archive.store.migrations import migrations

    with closing(sqlite3.connect(":memory:")) as connection:
        migrations.apply(Database(connection))
        return {name: _declared(connection, name) for name in TABLES}


def _declared(connection: sqlite3.Connection, table: str) -> Mapping[str, Declared]:
    references = {row[3]: row[2] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return {name: Declared(type_, bool(required), references.get(name)) for _, name, type_, required, _, _ in columns}
