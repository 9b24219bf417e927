"""Two archives beside each other: what was made again from the captures, and what is held, row by row.

A row is the same where its natural key is, so that what is held keeps its number whatever number it got when it was
made again. Both stand on one connection, under two names.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from belowtheline.archive.search import index


@dataclass(frozen=True, slots=True)
class Derived:
    """A table whose rows are made from pages."""

    name: str
    key: tuple[str, ...]
    """What tells a row from others; of several with one key, the first made is the first held."""
    refers: Mapping[str, str]
    """Columns that hold the number of a row of another table of these."""
    thread: str
    """The thread that a row `t` of this table belongs to, in SQL; NULL for what threads share."""


_OF_COMMENT = "(SELECT c.thread_id FROM {schema}.comments c WHERE c.id = t.comment_id)"
_EDGE = {"comment_id": "comments", "target_comment_id": "comments"}
_QUOTED = {
    "comment_id": "comments",
    "version_id": "comment_versions",
    "source_comment_id": "comments",
    "source_version_id": "comment_versions",
}
_COMMENT = {
    "thread_id": "threads",
    "parent_id": "comments",
    "author_id": "authors",
    "icon_id": "icons",
    "version_id": "comment_versions",
}
_SITE = {"site_id": "sites"}
_BY_COMMENT = {"comment_id": "comments"}
_BY_THREAD = {"thread_id": "threads"}
DERIVED = (
    Derived("sites", ("name",), {}, "NULL"),
    Derived("articles", ("key",), _SITE, "NULL"),
    Derived("icons", ("site_id", "key"), _SITE, "NULL"),
    Derived(
        "threads",
        ("site_id", "instance", "native_id"),
        {**_SITE, "article_id": "articles", "author_id": "authors"},
        "t.id",
    ),
    Derived("authors", ("key",), _SITE, "NULL"),
    Derived("comments", ("thread_id", "native_id"), _COMMENT, "t.thread_id"),
    Derived("comment_versions", ("comment_id", "capture_id", "shown_at"), _BY_COMMENT, _OF_COMMENT),
    Derived("observations", ("comment_id", "capture_id", "kind"), _BY_COMMENT, _OF_COMMENT),
    Derived("thread_observations", ("thread_id", "capture_id", "kind"), _BY_THREAD, "t.thread_id"),
    Derived("stubs", ("thread_id", "native_id"), {**_BY_THREAD, **_BY_COMMENT}, "t.thread_id"),
    Derived("quotes", ("version_id", "field", "start", "end"), _QUOTED, _OF_COMMENT),
    Derived("reply_edges", ("comment_id", "target_comment_id", "family", "rule"), _EDGE, _OF_COMMENT),
    Derived("reply_candidates", ("comment_id", "target_comment_id", "rule"), _EDGE, _OF_COMMENT),
)
"""Every table that is made from pages, each after those that its key refers to."""

_FILLED = frozenset({"page_id"})
"""Columns that an older btl left empty: they are filled where a row changes, and are no change of their own."""
_SHARING = {
    "authors": "EXISTS (SELECT 1 FROM {schema}.comments c WHERE c.author_id = t.id AND c.thread_id IN {left})"
    " OR EXISTS (SELECT 1 FROM {schema}.threads h WHERE h.author_id = t.id AND h.id IN {left})",
    "articles": "EXISTS (SELECT 1 FROM {schema}.threads h WHERE h.article_id = t.id AND h.id IN {left})",
    "icons": "EXISTS (SELECT 1 FROM {schema}.comments c WHERE c.icon_id = t.id AND c.thread_id IN {left})",
}
"""Whether threads that are left as they are use a row `t` that threads share."""

_AUTHOR_OF_THREAD = re.compile(r"(guest|named|nameless|anonymous|deleted) (\d{1,18}) ")


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that would be added, removed or changed."""

    table: str
    row_id: int
    place: str
    """The thread and the comment it belongs to, as far as it does."""
    fields: Mapping[str, tuple[Any, Any]]
    """Each field that differs, as it is held and as it is made; what is not there has no value."""
    kind: str
    """new, removed or changed."""


@dataclass(slots=True)
class Comparison:
    """Compares and applies, on a connection where the two archives have these names."""

    connection: sqlite3.Connection
    made: str
    held: str
    _columns: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection.create_function("author_key", 1, self._author_key)

    def tables(self) -> list[Derived]:
        """Return the tables that both have."""
        return [table for table in DERIVED if self._names(table.name)]

    def _names(self, table: str) -> list[str]:
        """Return the columns of a table that both have."""
        if table not in self._columns:
            ours, theirs = (
                [name for _, name, *_ in self.connection.execute(f"PRAGMA {schema}.table_info({table})")]
                for schema in (self.made, self.held)
            )
            self._columns[table] = [name for name in ours if name in theirs]
        return self._columns[table]

    def _author_key(self, key: str) -> str:
        """Return an author's key with the number that the thread has where it is held."""
        found = _AUTHOR_OF_THREAD.match(key)
        if found is None:
            return key
        sql = f"SELECT held FROM {self.made}.same_threads WHERE made = ?"
        row = self.connection.execute(sql, (int(found[2]),)).fetchone()
        return f"{found[1]} {row[0]} {key[found.end() :]}" if row else key

    def match(self) -> None:
        """Find for each row that was made which one it is among those held, or its number if it is new."""
        for table in self.tables():
            same = f"{self.made}.same_{table.name}"
            self.connection.execute(f"CREATE TABLE {same} (made INTEGER PRIMARY KEY, held INTEGER)")
            keys = [f"k{number}" for number in range(len(table.key))]
            on = " AND ".join(f"m.{key} = h.{key}" for key in [*keys, "n"])
            made, held = self._keyed(table, self.made), self._keyed(table, self.held)
            self.connection.execute(
                f"INSERT INTO {same} SELECT m.id, h.id FROM ({made}) m LEFT JOIN ({held}) h ON {on}"
            )
            if table.name == "threads":
                self._match_by_readings()
            self.connection.execute(_NUMBER.format(same=same, table=f"{self.held}.{table.name}"))
            self.connection.execute(f"CREATE INDEX {self.made}.idx_same_{table.name} ON same_{table.name}(held)")

    def _keyed(self, table: Derived, schema: str) -> str:
        """Return the query of a table's rows with their keys, as they are where they are held."""
        values = [self._value(table, name) if schema == self.made else f't."{name}"' for name in table.key]
        keys = ", ".join(f"coalesce({value}, '') AS k{number}" for number, value in enumerate(values))
        parts = ", ".join(f"coalesce({value}, '')" for value in values)
        order = f"row_number() OVER (PARTITION BY {parts} ORDER BY t.id) AS n"
        return f"SELECT t.id AS id, {keys}, {order} FROM {schema}.{table.name} t"

    def _value(self, table: Derived, name: str) -> str:
        """Return a column of a made row `t` as it is to be held, in SQL."""
        if name in table.refers:
            target = table.refers[name]
            return f'(SELECT s.held FROM {self.made}.same_{target} s WHERE s.made = t."{name}")'
        return 'author_key(t."key")' if (table.name, name) == ("authors", "key") else f't."{name}"'

    def _match_by_readings(self) -> None:
        """Take a thread that is read under another name today for the one that its readings are of."""
        made, held = self.made, self.held
        self.connection.execute(
            f"""
            UPDATE {made}.same_threads AS s SET held = (
                SELECT min(h.thread_id) FROM {made}.readings m JOIN {held}.readings h ON h.id = m.id
                WHERE m.thread_id = s.made AND h.thread_id NOT IN (
                    SELECT x.held FROM {made}.same_threads x WHERE x.held IS NOT NULL)
            ) WHERE s.held IS NULL"""
        )
        twice = f"SELECT min(x.made) FROM {made}.same_threads x GROUP BY x.held"
        self.connection.execute(f"UPDATE {made}.same_threads SET held = NULL WHERE made NOT IN ({twice})")

    def leave(self, threads: Sequence[int]) -> None:
        """Leave threads, by their held numbers, as they are: what would be made of them lacks something."""
        made, held = self.made, self.held
        self.connection.execute(f"CREATE TABLE {made}.left_held (id INTEGER PRIMARY KEY)")
        self.connection.execute(f"CREATE TABLE {made}.left_made (id INTEGER PRIMARY KEY)")
        rows = [(thread,) for thread in threads]
        self.connection.executemany(f"INSERT OR IGNORE INTO {made}.left_held VALUES (?)", rows)
        self.connection.execute(
            f"INSERT OR IGNORE INTO {made}.left_held SELECT thread_id FROM {held}.comments WHERE id IN"
            f" (SELECT comment_id FROM {held}.edge_reviews UNION SELECT target_comment_id FROM {held}.edge_reviews)"
            f" AND id NOT IN (SELECT held FROM {made}.same_comments)"
        )
        self.connection.execute(
            f"""
            INSERT OR IGNORE INTO {made}.left_made
            SELECT made FROM {made}.same_threads WHERE held IN {made}.left_held
            UNION SELECT m.thread_id FROM {made}.readings m JOIN {held}.readings h ON h.id = m.id
            WHERE h.thread_id IN {made}.left_held AND m.thread_id IS NOT NULL"""
        )

    def left(self) -> list[int]:
        """Return the held numbers of the threads that are left as they are."""
        return [row for (row,) in self.connection.execute(f"SELECT id FROM {self.made}.left_held ORDER BY id")]

    def _is_left(self, table: Derived, schema: str) -> str:
        """Return whether a row `t` of one of the two belongs to what is left as it is, in SQL."""
        threads = f"{self.made}.left_{'made' if schema == self.made else 'held'}"
        if table.name in _SHARING:
            return f"({_SHARING[table.name].format(schema=schema, left=threads)})"
        thread = table.thread.format(schema=schema)
        return f"coalesce({thread} IN {threads}, 0)"

    def _translated(self, table: Derived) -> str:
        """Return the query of a table's rows as they are to be held, without those that are left as they are."""
        values = [f'{self._value(table, name)} AS "{name}"' for name in self._names(table.name) if name != "id"]
        return f"""
            SELECT {", ".join(["s.held AS id", *values])} FROM {self.made}.{table.name} t
            JOIN {self.made}.same_{table.name} s ON s.made = t.id
            WHERE NOT {self._is_left(table, self.made)} AND s.held NOT IN (
                SELECT t.id FROM {self.held}.{table.name} t WHERE {self._is_left(table, self.held)})"""

    def _others(self, table: Derived) -> list[str]:
        return [name for name in self._names(table.name) if name != "id"]

    def _differs(self, table: Derived) -> str:
        differing = (
            f'(m."{name}" IS NOT h."{name}"' + (f' AND h."{name}" IS NOT NULL)' if name in _FILLED else ")")
            for name in self._others(table)
        )
        return " OR ".join(differing) or "0"

    def _removed(self, table: Derived) -> str:
        return (
            f"SELECT t.id FROM {self.held}.{table.name} t WHERE NOT {self._is_left(table, self.held)}"
            f" AND t.id NOT IN (SELECT held FROM {self.made}.same_{table.name})"
        )

    def differences(self) -> Iterator[Difference]:
        """Yield every row that would be added, removed or changed."""
        for table in self.tables():
            names = self._others(table)
            made, held = (", ".join(f'{side}."{name}"' for name in names) for side in ("m", "h"))
            changed = f"""
                SELECT m.id, h.id IS NULL, {", ".join([made, held])} FROM ({self._translated(table)}) m
                LEFT JOIN {self.held}.{table.name} h ON h.id = m.id
                WHERE h.id IS NULL OR {self._differs(table)} ORDER BY m.id"""
            for row_id, is_new, *values in self.connection.execute(changed):
                after, before = values[: len(names)], values[len(names) :]
                yield self._difference(table, row_id, "new" if is_new else "changed", names, before, after)
            removed = f"SELECT h.id, {held} FROM {self.held}.{table.name} h WHERE h.id IN ({self._removed(table)})"
            for row_id, *before in self.connection.execute(removed):
                yield self._difference(table, row_id, "removed", names, before, [None] * len(names))

    def _difference(
        self, table: Derived, row_id: int, kind: str, names: Sequence[str], before: Sequence[Any], after: Sequence[Any]
    ) -> Difference:
        pairs = zip(names, before, after, strict=True)
        fields = {name: (old, new) for name, old, new in pairs if old is not new and old != new}
        values = dict(zip(names, after if kind == "new" else before, strict=True))
        return Difference(table.name, row_id, self._place(table, row_id, values), fields, kind)

    def _place(self, table: Derived, row_id: int, values: Mapping[str, Any]) -> str:
        """Return by its names where a row stands, in either archive: what is new stands in one of them only."""
        thread = values.get("thread_id") if table.name != "threads" else row_id
        comment = values.get("comment_id") if table.name != "comments" else row_id
        labels = []
        if comment is not None:
            named = self._named("comments", "t.thread_id, t.native_id", comment)
            thread, label = named or (thread, str(comment))
            labels = [f"comment {label}"]
        if thread is not None:
            site = "(SELECT i.name FROM {schema}.sites i WHERE i.id = t.site_id) || ' ' || t.native_id"
            named = self._named("threads", f"t.id, {site}", thread)
            labels = [named[1] if named else f"thread {thread}", *labels]
        return " ".join(labels) or str(values.get("name") or values.get("url") or values.get("key") or row_id)

    def _named(self, table: str, columns: str, row_id: int) -> tuple[int, str] | None:
        sql = "SELECT {columns} FROM {schema}.{table} t WHERE t.id = ?"
        here = sql.format(columns=columns.format(schema=self.held), schema=self.held, table=table)
        row = self.connection.execute(here, (row_id,)).fetchone()
        if row is None:
            there = f"(SELECT s.made FROM {self.made}.same_{table} s WHERE s.held = ?)"
            again = sql.replace("?", there).format(
                columns=columns.format(schema=self.made), schema=self.made, table=table
            )
            row = self.connection.execute(again, (row_id,)).fetchone()
        return row  # type: ignore[no-any-return]

    def apply(self) -> None:
        """Make the rows that are held those that were made, in the open transaction."""
        self.connection.execute("PRAGMA defer_foreign_keys = ON")
        index.index_waiting(self.connection)
        is_indexed = index.is_whole(self.connection)
        if is_indexed:
            self._forget_words()
        for table in reversed(self.tables()):
            self.connection.execute(f"DELETE FROM {self.held}.{table.name} WHERE id IN ({self._removed(table)})")
        for table in self.tables():
            self._write(table)
        self._write_readings()
        if is_indexed:
            index.index_waiting(self.connection)
        else:
            index.rebuild(self.connection)
        if not self.left():
            # All that is held now was made from the captures: whatever stood here before, seals begin anew.
            derived = ", ".join(f"'{table.name}'" for table in DERIVED)
            self.connection.execute(f"DELETE FROM {self.held}.seals WHERE table_name IN ({derived})")

    def _write(self, table: Derived) -> None:
        names = self._others(table)
        values = ", ".join(f'"{name}" = m."{name}"' for name in names)
        rows = self._translated(table)
        self.connection.execute(
            f"UPDATE {self.held}.{table.name} AS h SET {values} FROM ({rows}) m"
            f" WHERE m.id = h.id AND ({self._differs(table)})"
        )
        columns = ", ".join(f'"{name}"' for name in ("id", *names))
        self.connection.execute(
            f"INSERT INTO {self.held}.{table.name} ({columns}) SELECT {columns} FROM ({rows}) m"
            f" WHERE m.id NOT IN (SELECT id FROM {self.held}.{table.name})"
        )
        if table.name == "comments":
            new = f"SELECT c.id, 0 FROM {self.held}.comments c WHERE NOT EXISTS (SELECT 1 FROM comments_fts_docsize d"
            self.connection.execute(
                f"INSERT INTO search_queue (comment_id, is_indexed) {new} WHERE d.id = c.id) ON CONFLICT DO NOTHING"
            )

    def _forget_words(self) -> None:
        """Take out of the search index what is removed, and let what is changed wait for it."""
        comments = next(table for table in DERIVED if table.name == "comments")
        index.forget(self.connection, self._removed(comments))
        self.connection.execute(
            f"""
            INSERT INTO search_queue (comment_id, is_indexed, title, body_text)
            SELECT h.id, 1, h.title, h.body_text FROM ({self._translated(comments)}) m
            JOIN {self.held}.comments h ON h.id = m.id
            WHERE m.title IS NOT h.title OR m.body_text IS NOT h.body_text"""
        )

    def _write_readings(self) -> None:
        """Let each reading be of the thread that its pages are of today."""
        made, held = self.made, self.held
        self.connection.execute(
            f"""
            UPDATE {held}.readings AS h SET thread_id = s.held
            FROM {made}.readings m JOIN {made}.same_threads s ON s.made = m.thread_id
            WHERE m.id = h.id AND h.thread_id IS NOT s.held AND m.thread_id NOT IN {made}.left_made"""
        )
        self.connection.execute(
            f"UPDATE {held}.readings SET thread_id = NULL WHERE thread_id NOT IN (SELECT id FROM {held}.threads)"
        )


_NUMBER = """
    UPDATE {same} AS s SET held = n.number FROM (
        SELECT made, row_number() OVER (ORDER BY made) + (SELECT coalesce(max(id), 0) FROM {table}) AS number
        FROM {same} WHERE held IS NULL
    ) AS n WHERE n.made = s.made"""
