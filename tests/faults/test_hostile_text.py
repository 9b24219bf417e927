"""Hostile text and ids through every sink: what comes out is what a page said, or is marked as changed."""

import asyncio
import csv
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from belowtheline.cli import main
from belowtheline.cli.console.text import safe_terminal
from belowtheline.exports.tables import restore_cell
from belowtheline.pipelines import normalise
from belowtheline.pipelines.validate import clean
from belowtheline.reading.items import Author, Comment, Icon, Mark, Stub, ThreadPage
from tests.faults.conftest import Figure
from tests.recorded import Recorded, shown_page

FRAGMENTS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "'",
    "''",
    '"',
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\x1b[2J",
    "\x9b31m",
    "\x07",
    "\x08",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202eabc",
    "\u2066",
    "\u200b",
    "\u0301",
    "\ufeff",
    "\ufffe",
    "\uffff",
    "\ud800",
    "\udc80",
    "\udfff",
    "\U0001f375",
    "ﷺ",
    "<script>owned()</script>",
    "<img src=x onerror=owned()>",
    "&amp;",
    "&#0;",
    "]]>",
    "<!--",
    "%00",
    "../../etc/passwd",
    "\\N",
    "\\",
    "NULL",
    "null",
    "NaN",
    "007",
    "1e3",
    "0x1F",
    "18446744073709551616",
    "12345678901234567890",
    "TRUE",
    "2009-07-18",
    "'; DROP TABLE comments;--",
    "{{7*7}}",
    "${7*7}",
    "(SELECT 1)",
    "日本",
    "I\u0307",
    "ß",
    "é",
    "e\u0301",
    "a,b;c\td",
    "~1",
    "A" * 300,
    " ",
    "\u3000",
)
"""What has harmed one sink or another."""
TEXT = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(st.characters(codec=None), max_size=8)), max_size=4).map(
    "".join
)
ID = TEXT.filter(lambda text: text.strip() and not text.startswith("~"))


@st.composite
def hostile_pages(draw: st.DrawFn) -> ThreadPage:
    """Return a page of comments that are hostile in all they show."""
    ids = draw(st.lists(ID, min_size=4, max_size=8, unique_by=clean))
    comments = [
        Comment(
            native_id=native_id,
            position=0,
            parent_native_id=draw(st.one_of(st.none(), st.sampled_from(ids), ID)),
            author=Author(name=draw(TEXT), native_id=draw(st.one_of(st.none(), ID)), badge=draw(TEXT)),
            icon=Icon(name=draw(TEXT)),
            title=draw(TEXT),
            body_text=draw(TEXT),
            published_raw=draw(TEXT),
            url=draw(TEXT),
            marks=(Mark(kind=draw(TEXT), value=draw(TEXT)),),
        )
        for native_id in ids
    ]
    return shown_page(*comments, stubs=[Stub(native_id=draw(ID))], thread=draw(ID))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "examples" in metafunc.fixturenames:
        metafunc.parametrize("examples", [4, pytest.param(150, marks=pytest.mark.long)])


def test_what_comes_out_of_every_sink_is_what_went_in(examples: int, figure: Figure) -> None:
    seen: list[int] = []

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # an example takes half a second: what fails is shrunk by hand
    )
    @given(hostile_pages())
    def goes_through(page: ThreadPage) -> None:
        expected = normalised(page)
        with held(page) as archive:
            seen.append(len(expected) * 9)
            assert in_sqlite(archive) == expected
            assert in_tables(archive, "csv") == in_tables(archive, "tsv") == texts(expected)
            assert in_documents(archive) == expected
            assert_terminal_is_safe(archive)
            assert asyncio.run(in_datasette(archive)) == expected

    goes_through()
    figure(f"hostile text: {sum(seen)} texts and ids in {len(seen)} threads through seven sinks, 0 changed unmarked")


COLUMNS = ("native_id", "title", "body_text", "author", "published_raw", "icon", "badge", "parent_native_id")
Row = dict[str, Any]


def normalised(page: ThreadPage) -> list[Row]:
    """Return what is to be held of each comment; what the stages changed must be marked, or be white space."""
    found = []
    for given_comment, comment in zip(page.comments, normalise(page).comments, strict=True):
        cleaned = {mark.value for mark in comment.marks if mark.kind == "cleaned"}
        for name in ("native_id", "parent_native_id", "published_raw", "body_text", "title"):
            assert_kept(name, getattr(given_comment, name), getattr(comment, name), cleaned)
        assert_kept("name", given_comment.author.name, comment.author.name, cleaned)
        found.append(row_of(comment))
    return found


def assert_kept(name: str, before: str | None, after: str | None, cleaned: set[str]) -> None:
    """A text is as it was but for white space, an id in every character; or the comment says that it was cleaned."""
    wanted = clean(before or "") if name in cleaned else before or ""
    assert (after or "").split() == wanted.split(), (name, before, after)
    assert not name.endswith("native_id") or (after or "") == wanted, (name, before, after)


def row_of(comment: Any) -> Row:
    return {
        "native_id": comment.native_id,
        "title": comment.title,
        "body_text": comment.body_text,
        "author": comment.author.name,
        "published_raw": comment.published_raw,
        "icon": comment.icon.name if comment.icon else None,
        "badge": comment.author.badge,
        "parent_native_id": comment.parent_native_id,
    }


def texts(rows: list[Row]) -> list[dict[str, str]]:
    """Return rows as tables have them, where an empty cell is NULL."""
    return [{name: value or "" for name, value in row.items()} for row in rows]


@contextmanager
def held(page: ThreadPage) -> Iterator[Path]:
    """Record a page in an archive of its own."""
    with tempfile.TemporaryDirectory() as folder:
        recorded = Recorded(Path(folder))
        recorded.take_page(page, "2025-03-14T10:00:00Z")
        yield recorded.path


def run(*arguments: object) -> str:
    """Run a command in this process and return what it printed."""
    ended = CliRunner().invoke(main, [*map(str, arguments)], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.output


def in_sqlite(archive: Path) -> list[Row]:
    from belowtheline.archive.store.database import Archive

    with Archive.open_to_read(archive) as opened:
        cursor = opened.query(f"SELECT {', '.join(COLUMNS)} FROM comments_flat ORDER BY position")
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor]


def in_tables(archive: Path, form: str) -> list[dict[str, str]]:
    target = archive.with_name(f"out.{form}")
    run("export", form, archive, "-o", target)
    with target.open(encoding="utf-8", newline="") as file:
        csv.field_size_limit(1 << 24)
        found = list(csv.DictReader(file, dialect="excel" if form == "csv" else "excel-tab"))
    return [{name: restore_cell(row[name]) for name in COLUMNS} for row in found]


def in_documents(archive: Path) -> list[Row]:
    lines, document = archive.with_name("out.jsonl"), archive.with_name("out.json")
    run("export", "jsonl", archive, "-o", lines)
    run("export", "json", archive, "-o", document)
    found = [json.loads(line) for line in lines.read_bytes().split(b"\n")[:-1]]
    (article,) = json.loads(document.read_bytes())["articles"]
    (thread,) = article["threads"]
    for flat, nested in zip(found, thread["comments"], strict=True):
        assert {name: nested[name] for name in COLUMNS} == {name: flat[name] for name in COLUMNS}
    return [{name: row[name] for name in COLUMNS} for row in found]


def assert_terminal_is_safe(archive: Path) -> None:
    from belowtheline.archive.store.database import Archive

    with Archive.open_to_read(archive) as opened:
        ((thread,),) = opened.query("SELECT native_id FROM threads").fetchall()
    for arguments in (("status", archive), ("show", archive, thread), ("log", archive, thread), ("sites",)):
        said = run(*arguments)
        assert safe_terminal(said) == said


async def in_datasette(archive: Path) -> list[Row]:
    """Return what Datasette serves as JSON; of its page only that nothing in it is run."""
    from datasette.app import Datasette

    served = Datasette([str(archive)])
    query = f"select {', '.join(COLUMNS)} from comments_flat order by position"
    answer = await served.client.get("/a.json", params={"sql": query, "_shape": "objects"})
    page = await served.client.get("/a/comments_flat")
    assert page.status_code == 200
    assert "<script>owned" not in page.text
    assert "<img src=x" not in page.text
    rows: list[Row] = answer.json()["rows"]
    return rows
