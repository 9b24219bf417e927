"""Which tables, views, indexes and triggers of a file are ours: its schema beside the one that the migrations make.

An archive may come from anybody, and what stands in its schema runs when a row is read or written. So the schema is
compared before anything else is asked: one query and one hash where the file has every migration and nothing beside.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from belowtheline.archive.store.migration_names import MIGRATION_SET, MIGRATIONS, SCHEMA_SHA256

MIGRATION_TABLE: Final = "_sqlite_migrations"
"""The table of sqlite-utils that names the migrations that were applied."""

FLAT: Final = "comments_flat"
"""The view whose quotes are written by JSON functions."""


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A table, view, index or trigger."""

    kind: str
    name: str
    table: str
    sql: str | None
    """The statement that makes it; NULL for the index of a constraint."""

    @property
    def key(self) -> str:
        """Its name as SQLite compares names."""
        return self.name.lower()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class SchemaFindings:
    """How the schema of a file differs from ours."""

    changed: tuple[Piece, ...] = ()
    """Pieces of ours that are not as the migrations make them, as the file has them."""
    missing: tuple[Piece, ...] = ()
    """Pieces of ours that the file does not have."""
    acting: tuple[Piece, ...] = ()
    """Pieces of others that run when btl writes, or that stand where btl looks for its own."""
    others: tuple[Piece, ...] = ()
    """Pieces of others that btl never reads and that run on nothing btl does."""

    replaced: tuple[Piece, ...] = ()
    """Pieces of the file that are no tables, and have the name of one of ours."""

    varied: tuple[Piece, ...] = ()
    """Tables of ours that lack columns, or to which somebody added some that only hold values."""

    @property
    def unreadable(self) -> tuple[Piece, ...]:
        """What makes the archive one that is not read: other tables and views than ours under our names."""
        return tuple(
            piece
            for piece in (*self.changed, *self.acting)
            if piece.kind in ("table", "view") and piece not in self.varied
        )

    @property
    def unwritable(self) -> tuple[Piece, ...]:
        """What makes the archive one that is not written to: all of this, and what runs on a write."""
        changed = (piece for piece in (*self.changed, *self.acting) if piece not in self.varied)
        return tuple(dict.fromkeys((*self.unreadable, *changed)))


def trust_views(connection: sqlite3.Connection) -> None:
    """Let a connection read the views of ours that call SQLite's JSON functions, once the schema was compared.

    SQLite 3.38 to 3.40 marks these functions as unsafe in a schema that is not trusted; a temporary view of the same
    words is ours, and stands in the place of the one in the file.
    """
    for piece in list(pieces(connection)):
        if piece.kind == "view" and piece.key == FLAT and piece.sql is not None:
            connection.execute(piece.sql.replace("CREATE VIEW", "CREATE TEMP VIEW", 1))


def findings(connection: sqlite3.Connection) -> SchemaFindings:
    """Return how a file's schema differs from the one that the migrations make that were applied to it."""
    held = [piece for piece in pieces(connection) if not _is_of_libraries(piece)]
    if sha256_of(held) == SCHEMA_SHA256 and applied(connection) == set(MIGRATIONS):
        return SchemaFindings()
    return _compared(connection, held)


def pieces(connection: sqlite3.Connection) -> Iterator[Piece]:
    """Yield all that a file's schema has; what is no text there is taken for its representation."""
    for row in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"):
        kind, name, table = (value if isinstance(value, str) else repr(value) for value in row[:3])
        yield Piece(kind, name, table, row[3] if row[3] is None else str(row[3]))


def sha256_of(found: Iterable[Piece]) -> str:
    """Return the hash of pieces, in whatever order they were made."""
    made = sorted((piece.kind, piece.name, piece.table, piece.sql or "") for piece in found)
    return hashlib.sha256(json.dumps(made).encode("utf-8", "surrogatepass")).hexdigest()


def applied(connection: sqlite3.Connection) -> set[str]:
    """Return the names of our migrations that a file has; none where another piece has the place of their table."""
    table = next((piece for piece in pieces(connection) if piece.key == MIGRATION_TABLE), None)
    if table is None or not _is_of_libraries(table):
        return set()
    sql = f"SELECT name FROM {MIGRATION_TABLE} WHERE migration_set = ?"  # noqa: S608 - a constant
    return {str(name) for (name,) in connection.execute(sql, (MIGRATION_SET,))}


@lru_cache(maxsize=4)
def made_by(migrations: frozenset[str]) -> tuple[Piece, ...]:
    """Return what migrations make, libraries' own tables left out."""
    from sqlite_utils import Database

    from belowtheline.archive.store.migrations import functions

    with closing(sqlite3.connect(":memory:")) as fresh:
        database = Database(fresh)
        for name in MIGRATIONS:
            if name in migrations:
                functions[name](database)
        return tuple(piece for piece in pieces(fresh) if not _is_of_libraries(piece))


def _compared(connection: sqlite3.Connection, held: Collection[Piece]) -> SchemaFindings:
    known = applied(connection)
    if MIGRATION_TABLE in {piece.key for piece in held}:
        known = set(MIGRATIONS)  # another piece has the place of the table that names them
    ours = {piece.key: piece for piece in made_by(frozenset(known))}
    tables = {piece.key for piece in ours.values() if piece.kind == "table"}
    changed = [piece for piece in held if piece.key in ours and piece != ours[piece.key]]
    names = [piece.key for piece in held]
    # A schema that was tampered with can have two pieces of one name.
    changed += [piece for piece in held if piece.key in ours and names.count(piece.key) > 1]
    missing = [piece for key, piece in ours.items() if key not in names]
    others = [piece for piece in held if piece.key not in ours]
    taken = {piece.key for piece in made_by(frozenset(MIGRATIONS))}
    acting = [piece for piece in others if _is_acting(connection, piece, tables, taken)]
    named = [piece for piece in others if piece not in acting and piece.sql is not None]
    replaced = [piece for piece in changed if piece.key in tables and _kind(piece) != _kind(ours[piece.key])]
    varied = [piece for piece in changed if piece.kind == "table" and _is_varied(piece, ours[piece.key])]
    found = (changed, missing, acting, named, replaced, varied)
    return SchemaFindings(*(tuple(sorted(set(of_kind), key=str)) for of_kind in found))


def _is_varied(piece: Piece, made: Piece) -> bool:
    """Return whether a table is ours but for how it is written, and for columns that are gone or only hold values."""
    ours, end = _definitions(_plainly(made.sql or ""))
    held, held_end = _definitions(_plainly(piece.sql or ""))
    is_same = (piece.name, piece.table, held_end, held[:1]) == (made.name, made.table, end, ours[:1])
    return is_same and all(part in ours or _COLUMN.fullmatch(part) for part in held)


def _plainly(sql: str) -> str:
    """Return a statement without needless quotes and blanks, which tools write that make a table anew.

    >>> _plainly('CREATE TABLE "t" (\\n   "a" TEXT DEFAULT \\'x  "y"\\', UNIQUE ("a")\\n) STRICT')
    'CREATE TABLE t(a TEXT DEFAULT \\'x  "y"\\',UNIQUE(a))STRICT'
    """

    def written(match: re.Match[str]) -> str:
        return str(match["name"] or match["mark"] or (" " if match["blanks"] else match[0]))

    return _NEEDLESS.sub(written, sql)


def _definitions(sql: str) -> tuple[list[str], str]:
    """Return what stands between the brackets of a table's statement, with its start, and what stands behind them.

    >>> _definitions("CREATE TABLE t (a, b CHECK (b IN (1, 2))) STRICT")
    (['CREATE TABLE t ', 'a', 'b CHECK (b IN (1, 2))'], 'STRICT')
    """
    start, depth = 0, 0
    parts: list[str] = []
    for match in _BOUNDS.finditer(sql):
        at, mark = match.start(), match[0]
        depth += {"(": 1, ")": -1}.get(mark, 0)
        is_bound = (mark == "(" and depth == 1) or (mark == ")" and depth == 0) or (mark == "," and depth == 1)
        if is_bound:
            parts.append(sql[start:at].strip() if parts else sql[:at])
            start = at + 1
    return parts, sql[start:].strip()


def _kind(piece: Piece) -> str:
    """Return what a piece is: of a virtual table its module is what answers."""
    bare = _QUOTES.sub("", piece.sql or "").lower()
    return bare.partition("(")[0] if bare.startswith("createvirtual") else piece.kind


_LIBRARIES = MappingProxyType(
    {
        MIGRATION_TABLE: r"(idintegerprimarykey,)?migration_settext,nametext,applied_attext"
        r"(,primarykey\(migration_set,name\))?",
        "comments_fts_data": "idintegerprimarykey,blockblob",
        "comments_fts_idx": r"segid,term,pgno,primarykey\(segid,term\)",
        "comments_fts_docsize": "idintegerprimarykey,szblob",
        "comments_fts_config": "kprimarykey,v",
        "sqlite_sequence": "name,seq",
        "sqlite_stat1": "tbl,idx,stat",
        "sqlite_stat4": "tbl,idx,neq,nlt,ndlt,sample",
    }
)
"""Tables that SQLite, its search index and sqlite-utils make, with their columns; the words differ by release."""
_NEEDLESS = re.compile(
    r"""'(?:[^']|'')*'|\s*(?P<mark>[(),])\s*|(?P<quote>["`])(?P<name>\w+)(?P=quote)|"[^"]*"|(?P<blanks>\s+)"""
)
_BOUNDS = re.compile(r"[(),]|'[^']*'|\"[^\"]*\"")
_COLUMN = re.compile(
    r"(?:\w{1,64}|\"[^\"]{1,64}\"|\[\w{1,64}\]) (?:TEXT|INTEGER|REAL|FLOAT|BLOB|ANY)(?: NOT NULL)?"
    r"(?: DEFAULT (?:'(?:[^']|'')*'|-?\d{1,18}(?:\.\d{1,18})?|NULL))?(?: REFERENCES \w{1,64}(?:\(\w{1,64}\))?)?",
    re.IGNORECASE,
)
"""A column that only holds values: what it refers to is not deleted with it, and its default computes nothing."""
_MIGRATION_INDEX = f"idx_{MIGRATION_TABLE}_migration_set_name"
_QUOTES = re.compile(r"[\s\"'`\[\]]+")
_RESERVED = re.compile(r"_?sqlite_|comments_fts|pragma_|json_each$|json_tree$")
"""Names that SQLite or btl takes for its own; a table of the name of a table function stands in its place."""


def _is_of_libraries(piece: Piece) -> bool:
    """Return whether a piece is one that a library makes, and does nothing else than that one does."""
    bare = _QUOTES.sub("", piece.sql or "").lower()
    if piece.key == _MIGRATION_INDEX:
        return piece.kind == "index" and bare in (
            f"createuniqueindex{_MIGRATION_INDEX}on{MIGRATION_TABLE}(migration_set,name)",
            f"createuniqueindexifnotexists{_MIGRATION_INDEX}on{MIGRATION_TABLE}(migration_set,name)",
        )
    if piece.sql is None and piece.kind == "index" and piece.table.lower() == MIGRATION_TABLE:
        return True
    columns = _LIBRARIES.get(piece.key)
    if columns is None or piece.kind != "table":
        return False
    return re.fullmatch(rf"createtable{piece.key}\({columns}\)(withoutrowid)?", bare) is not None


def _is_acting(connection: sqlite3.Connection, piece: Piece, tables: Collection[str], taken: Collection[str]) -> bool:
    """Return whether a piece of others runs on a write of ours, or stands where btl or SQLite look for their own."""
    if piece.kind not in ("table", "view", "index"):
        return True
    if piece.sql is None:
        # The index of a constraint is part of its table.
        return piece.kind != "index" or piece.table.lower() in tables
    if piece.key in taken or _RESERVED.match(piece.key):
        return True
    is_on_ours = piece.kind == "index" and (piece.table.lower() in tables or piece.table.lower() in _LIBRARIES)
    return is_on_ours and not _is_plain(connection, piece)


def _is_plain(connection: sqlite3.Connection, index: Piece) -> bool:
    """Return whether an index only orders columns: it refuses no row, and computes nothing."""
    # As statements: a table of the name of a table function would stand in its place.
    listed = connection.execute(f"PRAGMA index_list({_quoted(index.table)})").fetchall()
    refuses = [bool(is_unique or is_partial) for _, name, is_unique, _, is_partial in listed if name == index.name]
    columns = connection.execute(f"PRAGMA index_xinfo({_quoted(index.name)})").fetchall()
    return refuses == [False] and all(column >= -1 for _, column, *_ in columns)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
