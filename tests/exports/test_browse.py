"""`btl browse` shows an archive with names, descriptions and facets, and shows hostile text as text."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from belowtheline.archive.descriptions.dictionary import TABLES, declared
from belowtheline.cli import main
from belowtheline.demo.generator import forum_page
from belowtheline.exports.datasette.metadata import database_name, metadata
from tests.browsing import browsing, dump_dom, fetch, fetch_json

pytest.importorskip("datasette", reason="datasette is not installed: pip install 'belowtheline[browse]'")

_SCRIPT = "<script>document.title = 'owned'</script>"
_IMAGE = "<img src=x onerror=\"document.title = 'owned'\">"


@pytest.fixture(scope="module")
def served(sample_archive: Path) -> Iterator[str]:
    with browsing(sample_archive) as (_, address):
        yield address


def ingest(archive: Path, page: Path) -> None:
    result = CliRunner().invoke(main, ["ingest", str(archive), str(page), "--fetched-at", "2026-01-03T10:00Z"])
    assert result.exit_code == 0, result.output


def test_datasette_is_told_every_description(served: str) -> None:
    told = fetch_json(f"{served.rpartition('/')[0]}/-/metadata.json")["databases"]["sample"]["tables"]
    for name, table in TABLES.items():
        assert told[name]["description"] == table.description
        assert told[name]["columns"] == {column: table.columns[column].description for column in declared()[name]}


def test_a_table_page_shows_the_descriptions_of_its_columns(served: str) -> None:
    page = unescape(fetch(f"{served}/comments"))
    assert TABLES["comments"].description in page
    assert [name for name, column in TABLES["comments"].columns.items() if column.description not in page] == []


def test_foreign_keys_show_names_and_not_numbers(served: str) -> None:
    page = fetch(f"{served}/comments?_sort=id")
    for column, table in (("thread", "threads"), ("author", "authors"), ("icon", "icons"), ("parent", "comments")):
        cells = re.findall(rf'<td class="col-{column}_id[^>]*><a href="/sample/{table}/\d+">([^<]+)</a>', page)
        assert cells, column
        assert not [label for label in cells if label.isdigit()]


@pytest.mark.parametrize(
    ("table", "facets"),
    [
        ("comments", {"thread_id", "author_id", "badge", "icon_id", "is_staff", "deletion"}),
        ("comments_flat", {"site", "thread_title", "author", "author_kind", "badge", "icon", "deletion"}),
        ("thread_status", {"site", "verdict", "is_closed"}),
        ("pages", {"state", "reason", "host", "kind", "form"}),
    ],
)
def test_facets_are_there_and_counted(served: str, table: str, facets: set[str]) -> None:
    answer = fetch_json(f"{served}/{table}.json?_size=1")
    assert set(answer["facet_results"]) == facets


def test_what_the_metadata_names_is_there() -> None:
    for name, facts in metadata("sample", "sample.db")["databases"]["sample"]["tables"].items():
        named = {*facts.get("facets", ()), facts.get("sort"), facts.get("sort_desc"), facts.get("label_column")} - {
            None
        }
        assert named <= set(declared().get(name, ())), name


def test_the_first_page_leads_to_pages_that_are_there(served: str) -> None:
    start = re.search(r"<p>Start with one of these.*?</p>", fetch(served))
    assert start is not None
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', start[0])]
    assert len(links) == 3
    for link in links:
        assert "rows-and-columns" in fetch(served.rpartition("/")[0] + link)


def test_internal_tables_are_hidden_and_no_other(served: str) -> None:
    tables = fetch_json(f"{served}.json")["tables"]
    shown = {table["name"] for table in tables if not table["hidden"]}
    assert shown == {table.name for table in TABLES.values() if not (table.is_internal or table.is_view)}


@pytest.mark.parametrize("query", metadata("sample", "sample.db")["databases"]["sample"]["queries"])
def test_every_canned_query_runs(served: str, query: str) -> None:
    answer = fetch_json(f"{served}/{query}.json?thread=")
    assert answer["columns"]
    assert not answer["truncated"]


def test_a_thread_is_read_in_order_with_its_replies_set_in(served: str) -> None:
    rows = fetch_json(f"{served}/read_thread.json?thread=KETTLE&_shape=objects")["rows"]
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    assert {len(row["author"]) - len(row["author"].lstrip("› ")) for row in rows if row["author"]} > {0, 2}


def test_a_comment_that_is_quoted_by_its_answer_counts_as_quoted(served: str) -> None:
    rows = fetch_json(f"{served}/most_quoted.json?_shape=objects")["rows"]
    assert rows
    assert rows[0]["quotes"] >= rows[-1]["quotes"] >= 1


def test_comments_can_be_searched(served: str) -> None:
    rows = fetch_json(f"{served}/comments.json?_search=kettle&_shape=objects")["rows"]
    assert rows
    assert all("kettle" in f"{row['title']} {row['body_text']}".lower() for row in rows)


def test_the_archive_cannot_be_written_to_from_the_browser(served: str) -> None:
    with pytest.raises(HTTPError, match="400"):
        fetch(f"{served}.json?sql={quote('delete from comments')}")


def test_hostile_text_is_shown_as_text(tmp_path: Path, chromium: str) -> None:
    archive = tmp_path / "hostile.db"
    ingest(archive, _hostile_page(tmp_path))
    with browsing(archive) as (_, address):
        for page in ("comments", "comments_flat", "authors", "read_thread?thread="):
            text = fetch(f"{address}/{page}")
            assert "document.title = " in unescape(text), page
            assert _SCRIPT not in text, page
            assert _IMAGE not in text, page
        shown = dump_dom(chromium, f"{address}/comments_flat", tmp_path / "profile")
    assert "owned</title>" not in shown
    assert "<script>document.title" not in shown
    assert "&lt;script&gt;document.title" in shown


def _hostile_page(folder: Path) -> Path:
    def as_html(text: str) -> str:
        return text.replace("<", "&lt;").replace(">", "&gt;")

    page = folder / "hostile.html"
    text = forum_page(3).decode().replace("<p>", f"<p>{as_html(_SCRIPT)} ")
    page.write_text(re.sub(r'(class="author"[^>]*>)', lambda found: found[1] + as_html(_IMAGE), text))
    return page


def test_a_browser_shows_the_table_with_its_names(served: str, chromium: str, tmp_path: Path) -> None:
    shown = dump_dom(chromium, f"{served}/comments", tmp_path / "profile")
    assert re.search(r'<a href="/sample/authors/\d+">Percy Flange</a>', shown)
    assert "dropdown-menu-icon" in shown  # the page's own script ran and gave the columns their menus


def test_what_a_crawl_adds_meanwhile_is_shown(tmp_path: Path) -> None:
    archive = tmp_path / "live.db"
    for number, path in enumerate(("/forum/all/2026/01/02/first/", "/forum/all/2026/01/02/second/")):
        page = tmp_path / f"{number}.html"
        page.write_bytes(forum_page(4, seed=number, first_id=100 * (number + 1), path=path))
    ingest(archive, tmp_path / "0.html")
    with browsing(archive) as (_, address):
        count = f"{address}.json?_shape=array&sql={quote('select count(*) as held from comments')}"
        assert fetch_json(count) == [{"held": 4}]
        ingest(archive, tmp_path / "1.html")
        assert fetch_json(count + "&_=again") == [{"held": 8}]


@pytest.mark.parametrize("name", ["el reg #1 100%?.db", "_internal.db"])
def test_an_archive_of_any_name_is_served(sample_archive: Path, tmp_path: Path, name: str) -> None:
    archive = tmp_path / name
    archive.write_bytes(sample_archive.read_bytes())
    with browsing(archive) as (_, address):
        assert address.endswith(f"/{database_name(archive)}")
        assert f"<h1>{name}</h1>" in fetch(address)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE t (x)")
    missing = tmp_path / "missing.db"
    for path, reason in ((other, "no archive of Below the Line"), (missing, "does not exist")):
        result = CliRunner().invoke(main, ["browse", str(path)])
        assert result.exit_code == 6
        assert str(path) in result.output
        assert reason in result.output
    assert not missing.exists()


def test_a_missing_datasette_is_one_sentence(sample_archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasette", None)
    result = CliRunner().invoke(main, ["browse", str(sample_archive)])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert "pip install 'belowtheline[browse]'" in result.output
