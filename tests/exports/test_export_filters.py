"""Which comments an export holds: the filters, the order, and what `--where` cannot do."""

import io
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from belowtheline.archive.store.database import Archive
from belowtheline.exports.documents import write_document, write_lines
from belowtheline.exports.selection import BadSelection, SelectedComments, Selection, time_bound
from belowtheline.exports.tables import write_table
from belowtheline.reading.errors import BelowTheLineError

KETTLE = "2025/03/14/kettle_firmware"
MOON = "2009/07/18/moon_broadband"


@pytest.fixture
def archive_path(sample_archive: Path, tmp_path: Path) -> Path:
    """A copy of the sample archive, to be changed."""
    return Path(shutil.copy(sample_archive, tmp_path / "a.db"))


def selected(path: Path, **filters: Any) -> list[dict[str, Any]]:
    with Archive.open_to_read(path) as archive:
        comments = SelectedComments(archive, Selection(**filters))
        rows = [dict(zip(comments.columns, row, strict=True)) for row in comments.rows()]
        assert comments.count == len(rows) == comments.total()
    return rows


def places(path: Path, **filters: Any) -> list[tuple[str, int]]:
    return [(row["thread"], row["position"]) for row in selected(path, **filters)]


def test_rows_stand_in_thread_order_then_by_position(archive_path: Path) -> None:
    everything = places(archive_path)
    assert everything == sorted(everything)
    assert places(archive_path, threads=(KETTLE, MOON, KETTLE)) == [
        place for place in everything if place[0] in (KETTLE, MOON)
    ]


@pytest.mark.parametrize(
    "name", [KETTLE, f"https://forums.theregister.com/forum/all/{KETTLE}/", f"https://www.theregister.com/{KETTLE}/"]
)
def test_a_thread_is_found_by_id_and_by_address(archive_path: Path, name: str) -> None:
    assert len(places(archive_path, threads=(name,))) == 14


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"since": "2009-07", "until": "2009-08"}, 10),
        ({"since": "2009", "until": "2010"}, 10),
        ({"since": "2009-07-18T09:35:00", "until": "2009-07-18T09:36:00"}, 1),
        ({"since": "1970"}, 22),
        ({"until": "2100"}, 22),
        ({"site": "theregister"}, 32),
        ({"author": "percy FLANGE"}, 2),
        ({"author": "percy"}, 0),
        ({"author": ""}, 0),
        ({"where": "upvotes > 20 OR deletion IS NOT NULL"}, 9),
        ({"where": "published_at IS NULL", "threads": (KETTLE,)}, 2),
        ({"where": "EXISTS (SELECT 1 FROM json_each(quotes) WHERE value ->> 'kind' = 'block')"}, 4),
        ({"where": "parent_native_id IN (SELECT native_id FROM comments_flat WHERE author = 'Percy Flange')"}, 1),
        ({"where": "upvotes > 20 -- a comment"}, 7),
    ],
)
def test_filters(archive_path: Path, filters: dict[str, Any], count: int) -> None:
    assert len(selected(archive_path, **filters)) == count


def test_an_authors_name_matches_in_any_case_of_any_alphabet(archive_path: Path) -> None:
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute("UPDATE comments SET author_name = 'ÉMILE Straße' WHERE id = 3")
    assert len(places(archive_path, author="émile STRASSE")) == 1


_NAME = "Zoë Ångström"


@pytest.mark.parametrize("held", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD", "NFKC", "NFKD"])
def test_an_authors_name_matches_in_any_normal_form(archive_path: Path, held: str, typed: str) -> None:
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute("UPDATE comments SET author_name = ? WHERE id = 3", (normalize(held, _NAME),))
    assert len(places(archive_path, author=normalize(typed, _NAME.upper()))) == 1


@pytest.mark.parametrize(
    ("held", "typed"),
    [
        ("Ｆｅｒｎ Ｑｕｉｌｌ", "fern quill"),
        ("한글", normalize("NFD", "한글")),
        ("ﬁnn  O’Brien", "Finn O’Brien"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_an_authors_name_matches_as_readers_see_it(archive_path: Path, held: str, typed: str) -> None:
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute("UPDATE comments SET author_name = ? WHERE id = 3", (held,))
    assert len(places(archive_path, author=typed)) == 1
    assert places(archive_path, author=typed[:-1]) == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_thread_is_found_by_its_id_and_title_in_any_normal_form(archive_path: Path, form: str) -> None:
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute(
            "UPDATE threads SET native_id = 'tea/thé', title = 'Käthes Tee' WHERE native_id = ?", (KETTLE,)
        )
    for name in ("tea/thé", "käthes TEE"):
        assert len(places(archive_path, threads=(normalize(form, name),))) == 14


def test_bounds_include_the_since_and_exclude_the_until(archive_path: Path) -> None:
    first = min(row["published_at"] for row in selected(archive_path, threads=(KETTLE,)) if row["published_at"])
    bound = time_bound(first)
    inside, before = len(selected(archive_path, since=bound)), len(selected(archive_path, since="2025", until=bound))
    assert (inside, before) == (12, 0)


@pytest.mark.parametrize("text", ["", "09", "2009-13", "2009-02-30", "0000", "yesterday", "2009-7", "٢٠٠٩"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        time_bound(text)


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"threads": ("nosuch",)}, "nosuch"),
        ({"site": "nosuch"}, "nosuch"),
        ({"where": "upvotes >"}, "upvotes >"),
        ({"where": "nosuch > 1"}, "no such column"),
    ],
)
def test_a_filter_that_names_nothing_says_so(archive_path: Path, filters: dict[str, Any], named: str) -> None:
    with pytest.raises(BelowTheLineError, match=named) as refused:
        selected(archive_path, **filters)
    assert "btl" in str(refused.value)


def test_a_thread_of_another_site_is_refused(archive_path: Path) -> None:
    with closing(sqlite3.connect(archive_path)) as connection, connection:
        connection.execute("INSERT INTO sites (name) VALUES ('gazette')")
    with pytest.raises(BadSelection, match="gazette"):
        selected(archive_path, threads=(KETTLE,), site="gazette")


def statements(path: Path, form: str, filters: dict[str, Any]) -> Iterator[str]:
    """Yield what an export asks the archive once it reads comments."""
    ran: list[str] = []
    with Archive.open_to_read(path) as archive:
        comments = SelectedComments(archive, Selection(**filters))
        archive.connection.set_trace_callback(ran.append)
        if form == "csv":
            write_table(comments, io.StringIO(), "csv")
        else:
            {"json": write_document, "jsonl": write_lines}[form](comments, io.StringIO())
    return (sql for sql in ran if not sql.startswith("--"))


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"site": "theregister"},
        {"threads": (KETTLE, MOON)},
        {"since": "2009", "until": "2010", "author": "Percy Flange"},
        {"where": "position = 3 OR capture_sha256 = 'x'"},
        {"where": "position = 3 AND thread_url = 'x' AND icon = 'Pint' AND article_url > ''"},
    ],
)
def test_nothing_is_sorted_in_memory(archive_path: Path, form: str, filters: dict[str, Any]) -> None:
    ran = list(statements(archive_path, form, filters))
    assert any("comments_flat" in sql for sql in ran)
    with closing(sqlite3.connect(archive_path)) as connection:
        connection.create_function("alike", 1, str.casefold, deterministic=True)
        for sql in ran:
            if "threads_flat" in sql:
                continue  # one row, of which the few readings of a thread are sorted
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
            assert [step for step in plan if "B-TREE" in step] == [], sql


def test_what_is_written_meanwhile_is_not_in_the_export(archive_path: Path) -> None:
    with Archive.open_to_read(archive_path) as archive:
        comments = SelectedComments(archive, Selection())
        with closing(sqlite3.connect(archive_path)) as writer, writer:
            writer.execute("UPDATE comments SET title = 'later'")
        assert "later" not in {row[list(comments.columns).index("title")] for row in comments.rows()}
