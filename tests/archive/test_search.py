"""Full-text search in any writing: what is found, what is marked in it, and queries that mean harm."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

from belowtheline.archive.store.database import APPLICATION_ID
from belowtheline.archive.store.migrations import migrations
from belowtheline.cli import main
from belowtheline.exports.datasette.metadata import PLUGIN
from belowtheline.jobs.ingest import ingest
from tests.made_up import ADDRESS, Held, Post, as_html, edited
from tests.places import REALDATA

BODIES = {
    "1": "I left my multi-agent kettles at version 20.04 of tea::pot.",
    "2": "C++ and C# are none; that cost 5€ for my_cup, ask a@b.example.",
    "3": "我昨天买了新的茶壶，水开得很快。",
    "4": "昨日テストで新しいやかんを使いました。",
    "5": "어제 주전자가 고장났어요.",
    "6": "เมื่อวานกาต้มน้ำของฉันเสีย",
    "7": "Käthe misst die Straße, naïve as she is.",
    "8": "重跑kettle-gen后 all was well",
    "9": "ｱｲｽﾃｨｰ for Ｆｅｒｎ, and ﬁne it was",
    "10": "か\u3099くせい is written in pieces",
    "11": "Tea [with milk] and a biscuit, [never] without.",
    "12": "ទឹកតែក្តៅ and ນ້ຳຊາ",
}
POSTS = tuple(Post(id=name, author=f"User {name}", user=name, body=body) for name, body in BODIES.items())


def btl(*arguments: object, **options: Any) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    held = Held(tmp_path_factory.mktemp("searched"))
    assert held.take(as_html(POSTS), "2025-03-20T10:00:00Z") == 0
    return held


def hits(path: Path, query: str) -> dict[str, str]:
    """Return the snippets of what is found, by the id of the comment."""
    result = btl("search", path, query, "--json")
    assert result.exit_code == 0, result.output
    return {hit["url"].rpartition("/")[2]: hit["snippet"] for hit in json.loads(result.stdout)}


FOUND = {
    "multi-agent": ("1", "[multi-agent]"),
    "20.04": ("1", "[20.04]"),
    "C++": ("2", "[C]++"),
    "5€": ("2", "[5]€"),
    "a@b.example": ("2", "[a@b.example]"),
    "my_cup": ("2", "[my_cup]"),
    "茶壶": ("3", "新的[茶壶]，"),
    "新的茶壶": ("3", "了[新的茶壶]，"),
    "壶": ("3", "茶[壶]，"),
    "水": ("3", "，[水]开"),
    "茶壶 AND 水": ("3", "[茶壶]，[水]开"),
    "茶壶 NOT やかん": ("3", "[茶壶]"),
    "茶壶\u3000很快": ("3", "得[很快]。"),
    "NEAR(茶壶 很快, 12)": ("3", "[茶壶]"),
    "body_text:茶壶": ("3", "[茶壶]"),
    "{title body_text}: 茶壶": ("3", "[茶壶]"),
    "テスト": ("4", "昨日[テスト]で"),
    "ﾃｽﾄ": ("4", "[テスト]"),
    "やかん": ("4", "新しい[やかん]を"),
    "주전자": ("5", "[주전자]가"),
    "고장": ("5", "[고장]났어요"),
    "กาต้มน้ำ": ("6", "[กาต้มน้ำ]ของ"),
    "น้ำ": ("6", "[น้ำ]"),
    "Käthe": ("7", "[Käthe]"),
    "kathe": ("7", "[Käthe]"),
    "KA\u0308THE": ("7", "[Käthe]"),
    "strasse": ("7", "[Straße]"),
    "Straße": ("7", "[Straße]"),
    "STRASSE": ("7", "[Straße]"),
    "naive": ("7", "[naïve]"),
    "kettle-gen": ("8", "重跑[kettle-gen]后"),
    "gen": ("8", "kettle-[gen]后"),
    "重跑kettle": ("8", "[重跑kettle]-gen"),
    '"gen 后 all"': ("8", "kettle-[gen后 all] was"),
    "アイスティー": ("9", "[ｱｲｽﾃｨｰ] for"),
    "fern": ("9", "for [Ｆｅｒｎ], and"),
    "fine": ("9", "and [ﬁne] it"),
    "がくせい": ("10", "[か\u3099くせい] is"),
    "biscuit OR 茶壷": ("11", "a [biscuit], [never] without"),
    "តែ": ("12", "[តែ]"),
    "ນ້ຳຊາ": ("12", "[ນ້ຳຊາ]"),
}


@pytest.mark.parametrize(("query", "where"), FOUND.items(), ids=FOUND)
def test_each_finds_its_comment_and_marks_the_words(held: Held, query: str, where: tuple[str, str]) -> None:
    found = hits(held.path, query)
    assert list(found) == [where[0]]
    assert where[1] in found[where[0]]


@pytest.mark.parametrize(
    "query", ["壶茶", "テスん", "주전자는", "กาตม", "茶壶 AND テスト", "title:茶壶", "新茶", "kettleg"]
)
def test_what_is_not_there_is_not_found(held: Held, query: str) -> None:
    assert hits(held.path, query) == {}


@pytest.mark.parametrize(
    ("query", "count"), [("新*", 2), ("昨*", 2), ("茶壶 OR やかん", 2), ("昨日 OR 昨天", 2), ("and", 4)]
)
def test_queries_of_several_writings_find_all(held: Held, query: str, count: int) -> None:
    assert len(hits(held.path, query)) == count


HOSTILE = (
    *(
        '"茶',
        "茶 AND",
        "AND OR NOT",
        "NEAR(",
        "NEAR(茶",
        "{",
        "{茶}:壶",
        "茶:壶",
        "nosuch:茶壶",
        "^茶壶",
        "茶^",
        "x - 茶",
        "+",
    ),
    *(
        "**",
        "茶**",
        '""',
        '"""',
        "( ( (",
        "茶)" * 200,
        "(" * 5_000,
        "茶 " * 3_000,
        "a OR " * 2_000 + "a",
        "茶 NOT",
        "[",
    ),
    *("\u0e49", "\u3099", "ー", "・", "\U0003ffff", "🙂", "\ue000", "\ufdd0", "\x1a", "%", "title:", "title:title:茶"),
    *("x" * 100_000, "茶" * 20_000, "'; DROP TABLE comments; --"),
)


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_queries_that_mean_harm_end_in_hits_or_a_sentence(held: Held, query: str) -> None:
    result = btl("search", held.path, query)
    assert result.exit_code in (0, 2), result.output
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit | None)
    if not result.stdout:
        assert len(result.stderr.splitlines()) == 1
        assert len(result.stderr) < 400


def test_only_the_brackets_of_hits_are_coloured(held: Held) -> None:
    shown = btl("search", held.path, "biscuit OR milk", color=True).stdout
    assert "Tea [with \x1b[33m\x1b[1m[milk]\x1b[0m] and a \x1b[33m\x1b[1m[biscuit]\x1b[0m, [never] without." in shown


def test_a_hit_in_a_long_text_is_shown_with_what_surrounds_it(tmp_path: Path) -> None:
    held = Held(tmp_path)
    body = "Nothing to see here. " * 50 + "Then came 茶壶 at last. " + "Nothing more. " * 50
    held.take(as_html([Post(id="1", author="Ann", user="1", title="茶壶", body=body)]), "2025-03-20T10:00:00Z")
    (snippet,) = hits(held.path, "茶壶").values()
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")
    assert "Then came [茶壶] at last." in snippet
    assert len(snippet) < 200


def test_a_hit_in_the_title_alone_is_shown_from_it(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html([Post(id="1", author="Ann", user="1", title="新茶壶", body="Tea.")]), "2025-03-20T10:00:00Z")
    assert hits(held.path, "title:茶壶") == {"1": "新[茶壶]"}


def test_words_that_were_edited_away_are_found_no_more(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html(POSTS), "2025-03-20T10:00:00Z")
    assert list(hits(held.path, "茶壶")) == ["3"]
    changed = edited(edited(POSTS, "3", body="Tea."), "1", body="现在是茶杯。")
    held.take(as_html(changed), "2025-03-21T10:00:00Z")
    assert (hits(held.path, "茶壶"), list(hits(held.path, "茶杯"))) == ({}, ["1"])
    assert btl("verify", held.path).exit_code == 0


def test_an_index_whose_divided_words_are_others_is_named(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html(POSTS), "2025-03-20T10:00:00Z")
    with closing(sqlite3.connect(held.path)) as connection, connection:
        connection.execute("UPDATE search_words SET body_text = 'x' WHERE comment_id = 3")
    result = btl("verify", held.path)
    assert result.exit_code == 7
    assert "comments_fts" in result.output


def test_rows_that_are_made_again_are_found_as_before(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html(POSTS), "2025-03-20T10:00:00Z")
    with closing(sqlite3.connect(held.path)) as connection, connection:
        connection.execute("UPDATE comments SET body_text = '旧的水杯' WHERE id = 3")
        connection.execute("UPDATE comment_versions SET body_text = '旧的水杯' WHERE comment_id = 3")
    assert btl("reparse", held.path).exit_code == 0
    assert (hits(held.path, "水杯"), list(hits(held.path, "茶壶"))) == ({}, ["3"])
    assert btl("verify", held.path).exit_code == 0


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """An archive of an older btl, whose index holds Chinese as it stood."""
    path = tmp_path / "older.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(Database(connection), stop_before="m004_search")
        connection.execute("INSERT INTO sites VALUES (1, 'theregister')")
        connection.execute(
            "INSERT INTO threads (id, site_id, instance, native_id, headline_key) VALUES (1, 1, '', '1', '')"
        )
        connection.execute(
            "INSERT INTO comments (id, thread_id, native_id, id_source, position, page_position, depth, url, body_text)"
            f" VALUES (3, 1, '3', 'page', 1, 1, 0, '{ADDRESS}3', ?)",
            (BODIES["3"],),
        )
        connection.execute("INSERT INTO comments_fts (comments_fts) VALUES ('rebuild')")
        connection.commit()
    return path


def test_an_archive_of_an_older_btl_is_indexed_again_by_the_first_search(older: Path) -> None:
    assert list(hits(older, "茶壶")) == ["3"]


def test_one_that_cannot_be_written_is_searched_as_it_is_and_says_what_may_be_missing(older: Path) -> None:
    lock = older.with_name(older.name + ".lock")
    lock.mkdir()  # nobody can take it
    result = btl("search", older, "茶壶")
    assert result.exit_code == 0
    assert "Words of Chinese, Japanese, Korean and Thai may be missing, the index is of an older btl" in result.stderr
    assert "3." not in result.stdout
    assert list(hits_of_words(older)) == [3]


def hits_of_words(path: Path) -> list[int]:
    """Return the rows that a whole run of the old index has."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        sql = "SELECT rowid FROM comments_fts WHERE comments_fts MATCH ?"
        return [row for (row,) in connection.execute(sql, (f'"{BODIES["3"].partition("，")[0]}"',))]


def test_the_search_boxes_of_datasette_find_the_same(held: Held, tmp_path: Path) -> None:
    app = pytest.importorskip("datasette.app", reason="datasette is not installed")
    (tmp_path / "plugin.py").write_text(PLUGIN)

    async def found(query: str) -> list[str]:
        served = app.Datasette([str(held.path)], plugins_dir=str(tmp_path))
        path = served.urls.table(held.path.stem, "comments")
        answer = await served.client.get(
            f"{path}.json", params={"_search": query, "_shape": "array", "_fts_table": "comments_fts", "_fts_pk": "id"}
        )
        return [row["native_id"] for row in answer.json()]

    for query in ("新的茶壶", "壶", "テスト", "multi-agent", "C++", '"kettle gen"', "strasse"):
        assert asyncio.run(found(query)) == list(hits(held.path, query)), query


LANGUAGES = REALDATA.parent / "cases" / "search" / "languages.html"


@pytest.mark.skipif(not LANGUAGES.is_file(), reason=f"the page is not there: set BTL_REALDATA (tried {LANGUAGES})")
def test_the_page_of_many_writings_is_searched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert ingest(path, [str(LANGUAGES)], fetched_at="2024-06-01T00:00:00Z").ending == 0
    queries = ("茶壶", "テスト", "Käthe", "kathe", "C++", "5€", "a@b.example", "multi-agent")
    found = {
        query: [hit["position"] for hit in json.loads(btl("search", path, query, "--json").stdout)] for query in queries
    }
    assert found == dict(zip(queries, ([3], [3], [4], [4], [2], [2], [2], [1]), strict=True))
