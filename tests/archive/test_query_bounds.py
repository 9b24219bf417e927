"""Queries that would not end: Ctrl-C ends them with exit code 130, and a bound of steps with a sentence."""

import sqlite3
from pathlib import Path

import pytest

from belowtheline.archive.fixity.verify import verify
from belowtheline.archive.store import database, query_bounds
from belowtheline.archive.store.database import Archive
from belowtheline.reading.errors import StorageError
from tests.altered import copy_of
from tests.loopback import btl

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
INTERRUPTED = """
import os, signal, threading
import belowtheline.archive.queries.holdings
from belowtheline.archive.store import database
class Patched(database._Connection):
    def execute(self, sql, *parameters):
        if {sign!r} in sql and not Patched.begun:
            Patched.begun = True
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            return super().execute({endless!r})
        return super().execute(sql, *parameters)
Patched.begun = False
connect = database.sqlite3.connect
database.sqlite3.connect = lambda *names, **how: connect(*names, **{{**how, "factory": Patched}})
"""


@pytest.fixture
def archive(sample_archive: Path, tmp_path: Path) -> Path:
    return copy_of(sample_archive, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "sign"),
    [
        (("status",), "FROM thread_status"),
        (("search", "kettle"), "MATCH"),
        (("export", "csv"), "FROM comments_flat WHERE"),
        (("verify",), "FROM comment_versions v"),
        (("verify",), "integrity_check"),
        (("verify",), "q.is_indexed"),
        (("link",), "FROM threads"),
        (("reparse",), "INSERT INTO main.captures"),
    ],
)
def test_ctrl_c_ends_a_query(archive: Path, arguments: tuple[str, ...], sign: str) -> None:
    change = INTERRUPTED.format(sign=sign, endless=ENDLESS)
    name, *rest = arguments
    line = (name, *rest, archive) if name == "export" else (name, archive, *rest)
    before = archive.read_bytes()
    ended = btl(*line, change=change, timeout=120)
    assert ended.code == 130, ended
    assert "Traceback" not in ended.err
    assert archive.read_bytes() == before


def test_a_query_that_does_not_end_is_ended_and_the_archive_is_named(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_bounds, "_LEAST", 3_000_000)
    monkeypatch.setattr(query_bounds._Bound, "is_over", False)
    with Archive.open_to_read(archive) as opened:
        assert opened.query("SELECT count(*) FROM comments_flat").fetchone()[0] > 0
        with pytest.raises(StorageError, match="not answered within any bound"):
            opened.query(ENDLESS)


def test_a_row_that_does_not_come_is_an_error_of_the_archive_too(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_bounds, "_LEAST", 3_000_000)
    monkeypatch.setattr(query_bounds._Bound, "is_over", False)
    with pytest.raises(StorageError, match="not answered"), Archive.open_to_read(archive) as opened:
        list(opened.query(f"SELECT 1 UNION ALL SELECT * FROM ({ENDLESS})"))


def test_a_value_larger_than_any_page_is_not_read(archive: Path) -> None:
    with pytest.raises(StorageError, match="larger than any page"), Archive.open_to_read(archive) as opened:
        opened.query("SELECT zeroblob(300000000)").fetchone()


def test_honest_commands_stay_far_below_the_bound(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    class Counted(database._Connection):
        def set_progress_handler(self, handler: object, n: int) -> None:
            super().set_progress_handler(lambda: steps.append(1) or 0, 1000)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *names, **how: connect(*names, **{**how, "factory": Counted}))
    assert verify(archive, [], 7).defects == []
    assert 0 < len(steps) * 1000 < archive.stat().st_size * query_bounds._PER_BYTE
