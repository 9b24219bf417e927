"""What Datasette is told of an archive: names and descriptions from the data dictionary, facets, order and queries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from belowtheline.archive.descriptions import Table
from belowtheline.archive.descriptions.dictionary import FLAT, TABLES, declared

PLUGIN = """
from belowtheline.exports.datasette.connections import prepare_connection
from belowtheline.exports.datasette.guard import asgi_wrapper
from belowtheline.exports.datasette.lifetime import startup
from belowtheline.exports.datasette.scripts import prepare_jinja2_environment
"""
"""A plugin file of Datasette, which does not start without it; a plugin of the environment could be switched off."""
STYLE = """
dl.column-descriptions { max-height: 7em; overflow-y: auto; border: 1px solid #ddd; padding: 0 1em; }
.facet-info ul.tight-bullets { max-height: 9em; overflow-y: auto; }
.facet-info ul.tight-bullets li { word-break: normal; overflow-wrap: anywhere; }
table.rows-and-columns td { max-width: 30em; white-space: pre-wrap; overflow-wrap: break-word; }
td.col-body_text, td.col-body_html, td.col-words, td.col-text { min-width: 26em; overflow-wrap: anywhere !important; }
td.col-url, td.col-source_url, td.col-detail { min-width: 12em; overflow-wrap: anywhere !important; }
td.col-title, td.col-thread, td.col-thread_title, td.col-thread_id { min-width: 10em; }
td[class*="_at"] { white-space: nowrap !important; }
"""
"""What reads better than Datasette's own: the data stand on the first screen, texts keep their lines, dates theirs."""

_FACETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "authors": ("kind", "site_id"),
        "captures": ("fetched_at_source", "status", "content_type"),
        "comments": ("thread_id", "author_id", "badge", "icon_id", "is_staff", "deletion"),
        "comments_flat": ("site", "thread_title", "author", "author_kind", "badge", "icon", "deletion"),
        "observations": ("kind",),
        "pages": ("state", "reason", "host", "kind", "form"),
        "quotes": ("kind", "field", "source_type"),
        "quote_graph": ("kind", "field", "source_type"),
        "readings": ("verdict", "site_id"),
        "reply_edges": ("family", "rule"),
        "reply_graph": ("family", "rule"),
        "runs": ("command", "verdict"),
        "thread_observations": ("kind",),
        "thread_status": ("site", "verdict", "is_closed"),
        "threads": ("site_id", "is_closed"),
    }
)
_NEWEST_FIRST: Mapping[str, str] = MappingProxyType(
    {
        "captures": "id",
        "comment_versions": "id",
        "readings": "id",
        "runs": "id",
        "thread_status": "last_seen_at",
        "threads": "last_seen_at",
    }
)
_MAIN_COLUMNS = (
    "thread_id",
    "position",
    "author_id",
    "published_at",
    "parent_id",
    "icon_id",
    "title",
    "body_text",
    "upvotes",
    "downvotes",
)
_BY_NAME: Mapping[str, str] = MappingProxyType({"authors": "name", "icons": "name", "sites": "name"})

_WHICH = "Give a thread's native id or part of its title; empty is every thread."


@dataclass(frozen=True, slots=True)
class _Query:
    title: str
    description: str
    sql: str


_QUERIES: Mapping[str, _Query] = MappingProxyType(
    {
        "read_thread": _Query(
            "Read a thread",
            f"Its comments in thread order, replies set in by their depth. {_WHICH}",
            """
    SELECT c.position, substr('› › › › › › › › › › › › ', 1, 2 * coalesce(c.depth, 0)) || c.author_name AS author,
        c.published_at, c.title, c.body_text, c.deletion, i.name AS icon, c.badge, c.upvotes, c.downvotes, c.url
    FROM comments c JOIN threads t ON t.id = c.thread_id LEFT JOIN icons i ON i.id = c.icon_id
    WHERE t.native_id = :thread OR instr(lower(coalesce(t.title, '')), lower(:thread))
    ORDER BY t.id, c.position""",
        ),
        "quotes_in_thread": _Query(
            "Quotes in a thread",
            f"Who quotes which words, and whose they are where that is known. {_WHICH}",
            """
    SELECT c.position, c.author_name AS quoted_by, q.text AS words, q.kind, q.field,
        s.position AS source_position, s.author_name AS source_author, q.source_type, q.score, c.url
    FROM quotes q JOIN comments c ON c.version_id = q.version_id JOIN threads t ON t.id = c.thread_id
    LEFT JOIN comments s ON s.id = q.source_comment_id
    WHERE t.native_id = :thread OR instr(lower(coalesce(t.title, '')), lower(:thread))
    ORDER BY t.id, c.position, q.field DESC, q.start""",
        ),
        "most_quoted": _Query(
            "Most quoted comments",
            "By the recorded source of each quote, else by the comment that is answered where it holds the same words.",
            """
    WITH found AS (
        SELECT q.id, coalesce(q.source_comment_id, CASE WHEN instr(p.body_text, q.text) THEN p.id END) AS source_id
        FROM quotes q JOIN comments c ON c.version_id = q.version_id LEFT JOIN comments p ON p.id = c.parent_id
    )
    SELECT count(*) AS quotes, c.author_name AS author, t.title AS thread, c.position, c.title, c.body_text, c.url
    FROM found JOIN comments c ON c.id = found.source_id JOIN threads t ON t.id = c.thread_id
    GROUP BY c.id ORDER BY quotes DESC, t.id, c.position LIMIT 200""",
        ),
        "changed_comments": _Query(
            "Comments that changed",
            "Every held version of the comments of which there is more than one, oldest first.",
            """
    SELECT t.title AS thread, c.position, v.shown_at, v.author_name AS author, v.deletion, v.title, v.body_text, c.url
    FROM comment_versions v JOIN comments c ON c.id = v.comment_id JOIN threads t ON t.id = c.thread_id
    WHERE v.comment_id IN (SELECT comment_id FROM comment_versions GROUP BY comment_id HAVING count(*) > 1)
    ORDER BY t.id, c.position, v.shown_at, v.id""",
        ),
        "gone_comments": _Query(
            "Comments that are gone",
            "Deleted, or no longer shown by a complete reading; with the last text that is held.",
            """
    SELECT t.title AS thread, c.position, c.author_name AS author, c.deletion, c.not_seen_since, c.last_seen_at,
        c.title, c.body_text, c.url
    FROM comments c JOIN threads t ON t.id = c.thread_id
    WHERE c.deletion IS NOT NULL OR c.not_seen_since IS NOT NULL ORDER BY t.id, c.position""",
        ),
        "pages_not_read": _Query(
            "Pages that were not read",
            "Every page that is failed, deferred, skipped or still to do, and why.",
            """
    SELECT p.state, p.reason, p.detail, p.url, p.attempts, p.not_before, t.title AS thread, r.run_id
    FROM pages p JOIN readings r ON r.id = p.reading_id LEFT JOIN threads t ON t.id = r.thread_id
    WHERE p.state <> 'done' ORDER BY r.id DESC, p.id""",
        ),
    }
)


def database_name(archive: Path) -> str:
    """Return what the archive is called in addresses: its name without the ending, where that needs no quoting.

    >>> database_name(Path("el reg #2.db")), database_name(Path("elreg.db"))
    ('archive', 'elreg')
    """
    return archive.stem if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", archive.stem) else "archive"


def metadata(name: str, title: str) -> dict[str, Any]:
    """Return Datasette's metadata for an archive that it serves under a name."""
    return {
        "title": "Below the Line",
        "description": "An archive of comment threads.",
        "extra_css_urls": ["/btl/browse.css"],
        "databases": {
            name: {
                "title": title,
                "description_html": _start_here(name),
                "tables": {table.name: _table(table) for table in TABLES.values()} | _hidden(),
                "queries": {key: _query(query) for key, query in _QUERIES.items()},
            }
        },
    }


def _start_here(name: str) -> str:
    pages = {
        "thread_status": "threads and what is held of them",
        "comments?" + "&amp;".join(f"_col={column}" for column in _MAIN_COLUMNS): "comments",
        FLAT: "comments with every column that is exported",
    }
    links = [f'<a href="/{name}/{page}">{title}</a>' for page, title in pages.items()]
    return f"<p>Start with one of these, or with a query below: {' · '.join(links)}</p>"


def _table(table: Table) -> dict[str, Any]:
    columns = {column: table.columns[column].description for column in declared()[table.name]}
    facts: dict[str, Any] = {"description": table.description, "columns": columns}
    if table.label:
        facts["label_column"] = table.label
    if table.is_internal:
        facts["hidden"] = True
    if table.name in _FACETS:
        facts["facets"] = list(_FACETS[table.name])
    if table.name in _NEWEST_FIRST:
        facts["sort_desc"] = _NEWEST_FIRST[table.name]
    if table.name in _BY_NAME:
        facts["sort"] = _BY_NAME[table.name]
    if table.name == "comments":
        facts |= {"fts_table": "comments_fts", "fts_pk": "id"}
    return facts


def _hidden() -> dict[str, Any]:
    return {"_sqlite_migrations": {"hidden": True}}


def _query(query: _Query) -> dict[str, Any]:
    return {"title": query.title, "description": query.description, "sql": query.sql.strip(), "hide_sql": True}
