"""Exporting: CSV and JSONL beside `csv.writer` and `json.dumps` over the same rows, and the memory that it takes."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from belowtheline.archive.store.database import Archive
from bench.measuring import Row, btl, compare, script
from bench.pages import COMMENTS, page_bytes, pages
from bench.storing import record

_FORMS = ("csv", "jsonl")
_LETTERS = 400  # of a text: as long as a comment is on most days, and the archive stays below 2 GB
_AT_MOST_MB = 60.0
_RATE = 0.70


def bench(quick: bool) -> Iterator[Row]:
    """Measure exports of a large archive, and the memory beside that of a tenth of it."""
    comments = 50_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.db", Path(folder) / "small.db"
        _fill(large, comments)
        _fill(small, comments // 10)
        for form in _FORMS:
            yield from _rows(form, large, small, comments, rounds=3 if quick else 2)


def _fill(path: Path, comments: int) -> None:
    """Make an archive of so many comments: a few threads are recorded, and plain SQL copies them."""
    recorded = 10
    with Archive.create_or_open(path) as archive:
        record(archive, pages(page_bytes(recorded), "http://127.0.0.1"))
        with archive.transaction() as connection:
            for statement in _SHORTENED:
                connection.execute(statement, {"letters": _LETTERS} if ":letters" in statement else {})
            _copy(connection, comments // (recorded * COMMENTS) - 1)
        assert archive.query("SELECT count(*) FROM comments").fetchone()[0] == comments
        archive.checkpoint()


_SHORTENED = (
    "DELETE FROM search_queue",
    "UPDATE comments SET body_text = substr(body_text, 1, :letters)",
    "UPDATE comments SET body_html = '<p>' || replace(body_text, char(10, 10), '</p>' || char(10) || '<p>') || '</p>'",
    "UPDATE comment_versions SET title = NULL, body_text = NULL, body_html = NULL",
)
_MOVED = {
    "threads": {"id": "threads"},
    "comments": {"id": "comments", "thread_id": "threads", "parent_id": "comments", "version_id": "comments"},
    "comment_versions": {"id": "comments", "comment_id": "comments"},
    "quotes": {"id": "quotes", "comment_id": "comments", "version_id": "comments"},
}
"""Columns that differ between copies, and the table by whose size each is moved on."""


def _copy(connection: sqlite3.Connection, copies: int) -> None:
    size: dict[str, int] = {"copies": copies}
    for table in _MOVED:
        size[table] = connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
    for table, moved in _MOVED.items():
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
        values = {name: f'"{name}"' for name in columns}
        values |= {name: f"{name} + n * :{by}" for name, by in moved.items()}
        if table == "threads":
            values["native_id"] = "native_id || '_' || n"
        connection.execute(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :copies)"
            f" INSERT INTO {table} SELECT {', '.join(values.values())} FROM n, {table}",
            size,
        )


def _rows(form: str, large: Path, small: Path, comments: int, rounds: int) -> Iterator[Row]:
    output = large.with_name(f"out.{form}")
    peaks = []

    def ours() -> float:
        ran = btl("export", form, str(large), "-o", str(output))
        assert _count(form, output) == comments
        peaks.append(ran.peak_mb)
        return ran.seconds

    def floor() -> float:
        ran = script("floor_exporting", form, str(large), str(output))
        assert _count(form, output) == comments
        return ran.seconds

    compared = compare(ours, floor, rounds)
    of_small = btl("export", form, str(small), "-o", str(output)).peak_mb
    rate = f"rate {1 / compared.ratio:.2f}, at least {_RATE}"
    yield compared.row(f"export {comments:,} as {form} / cursor ({rate})", "s", 1, 1 / _RATE)
    yield Row(f"peak memory of {form} (absolute)", "MB", max(peaks), None, max(peaks), _AT_MOST_MB)
    yield Row(f"peak memory of {form} / of a tenth of it", "MB", max(peaks), of_small, max(peaks) / of_small, 1.1)


def _count(form: str, output: Path) -> int:
    start = b"theregister," if form == "csv" else b"{"
    with output.open("rb") as file:
        return sum(line.startswith(start) for line in file)
