"""`btl show`, `search`, `status` and `sites` on a real archive, with invented pages that mean harm."""

import json
import shutil
import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.jobs.ingest import ingest

KETTLE = "2025/03/14/kettle_firmware"
MOON = "2009/07/18/moon_broadband"
HARMFUL = {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F))}
FETCHED = "2025-03-20T10:00:00Z"

HOSTILE_PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Toaster\u202e tale\x1b[2J \u2022 The Register Forums</title>
<link rel="canonical" href="https://forums.theregister.com/forum/all/2025/05/01/toaster/"></head><body>
<h2><a href="https://www.theregister.com/2025/05/01/toaster/">back to article
Toaster\u202e tale\x1b[2J</a></h2>
<p>A toaster with \x1b]0;a title\x07 and \x9b31m colours was \u2066seen \u2026</p>
<div id="forum_posts"><ol>
<li><div class="post with-image">
  <a class="permalink" id="c_1" href="/forum/containing/1"><span data-epoch="1746090000">then</span></a>
  <a class="author" href="/user/1/">Crumb\n99. Forged\x1b[31m \u202eName</a>
  <span class="user_icons">Gold\x1b[1m badge</span>
  <img src="/images/icons/comment/x_48.png" alt="Icon\x1b[5m\u202e" width="48" height="48">
  <div class="body"><h4>Title\x1b[7m\u202e</h4><p>Body\x00 with \x1b]52;c;ZXZpbA==\x07 in it\x9b2J and \u2067more</p>
  <pre><code>line one\rover it\x08\x08\n    line two</code></pre></div>
  <div class="actions"><span>3</span> <span>1</span></div>
</div></li>
</ol></div></body></html>
"""

REPLY_TO_NOBODY = """<!DOCTYPE html>
<html><head><title>Spoons \u2022 The Register Forums</title>
<link rel="canonical" href="https://forums.theregister.com/forum/1/2010/05/01/spoons/"></head><body>
<div id="forum_posts">{posts}</div></body></html>
"""
FLAT_POST = """<div class="post"><a class="permalink" id="c_{own}" href="/forum/containing/{own}">
<span data-epoch="1272700000">then</span></a> <a class="author" href="/user/{own}/">Spoon {own}</a>
<a class="in-reply-to" href="/forum/containing/{parent}">in reply to</a><div class="body"><p>Bent.</p></div></div>"""


def btl(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def printed(*arguments: str | Path) -> str:
    result = btl(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str | Path) -> str:
    result = btl(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    return result.stderr


def take_in(archive: Path, *pages: Path) -> Path:
    ingest(archive, [str(page) for page in pages], fetched_at=FETCHED)
    return archive


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("held")
    bundled = files("belowtheline.demo") / "pages"
    pages = []
    for name in ("kettle_firmware.html", "moon_broadband-1.html", "moon_broadband-2.html", "fax_revival.html"):
        pages.append(folder / name)
        pages[-1].write_bytes((bundled / name).read_bytes())
    return take_in(folder / "held.db", *pages)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    page = folder / "toaster.html"
    page.write_text(HOSTILE_PAGE, "utf-8", newline="")
    return take_in(folder / "hostile.db", page)


@pytest.fixture
def fresh(held: Path, tmp_path: Path) -> Path:
    """A copy of the archive that a test may change; nothing of it is in the search index yet."""
    path = Path(shutil.copy(held, tmp_path / "fresh.db"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO comments_fts (comments_fts) VALUES ('delete-all')")
        connection.execute("DELETE FROM search_queue")
        connection.execute("INSERT INTO search_queue (comment_id, is_indexed) SELECT id, 0 FROM comments")
    return path


def test_a_thread_is_shown_with_its_article_and_verdict(held: Path) -> None:
    shown = printed("show", held, KETTLE)
    assert shown.startswith("Smart kettle firmware update leaves owners in lukewarm water\n")
    assert "article  https://www.theregister.com/2025/03/14/kettle_firmware/\n" in shown
    assert "complete: 14 comments held; closed for new posts\n" in shown


def test_a_reply_is_indented_below_its_parent_with_all_that_stands_beside_it(held: Path) -> None:
    lines = printed("show", held, KETTLE).splitlines()
    assert "1. Percy Flange  icon Facepalm  2025-03-14 09:12  +61 -2" in lines
    assert "  2. Doris Underhill [Bronze badge]  2025-03-14 09:21  +22 -0" in lines
    assert "7. Winifred Latch [Gold badge] [staff]  icon Pint  2025-03-14 09:33  +48 -3" in lines
    assert "  8. Ottoline Ratchet  2025-03-14 09:44  +57 -0  edited" in lines
    assert "    9. (no name)  deleted by a moderator" in lines


def test_quotes_lists_and_code_keep_their_form(held: Path) -> None:
    shown = printed("show", held, KETTLE)
    assert "  > Holding the switch down is how it worked before they improved it.\n" in shown
    assert "  - me\n  - a saucepan, which has no opinion about firmware\n" in shown
    assert "\n    if (!licence_ok())\n        target = temperature;  /* ship it */\n" in shown


def test_every_line_fits_a_redirected_page(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = printed("show", held, KETTLE).splitlines()
    assert max(len(line) for line in lines if "http" not in line and ". " not in line[:8]) <= 60


def test_depth_is_counted_along_the_parents_where_the_page_is_flat(held: Path) -> None:
    lines = printed("show", held, MOON).splitlines()
    assert any(line.startswith("  4. Barnaby Trunnion") and line.endswith("in reply to 1") for line in lines)
    assert any(line.startswith("  7. Fenella Widget") and "in reply to" not in line for line in lines)


def test_a_reply_to_a_comment_that_is_not_held_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    page = tmp_path / "spoons.html"
    chain = [FLAT_POST.format(own=number, parent=number - 1) for number in range(10, 90)]
    page.write_text(REPLY_TO_NOBODY.format(posts="\n".join(chain)))
    lines = printed("show", take_in(tmp_path / "a.db", page)).splitlines()
    assert any(line.startswith("1. Spoon 10 ") and line.endswith("in reply to 9, not held") for line in lines)
    assert max(len(line) - len(line.lstrip()) for line in lines) == 100 // 3


def test_parents_in_a_circle_end(fresh: Path) -> None:
    with closing(sqlite3.connect(fresh)) as connection, connection:
        connection.execute("UPDATE comments SET depth = NULL, parent_id = id % 14 + 1 WHERE thread_id = 1")
    assert "14. Doris Underhill" in printed("show", fresh, KETTLE)


def test_one_comment_is_shown_by_its_position(held: Path) -> None:
    shown = printed("show", held, KETTLE, "--position", "3")
    assert "3. Anonymous Coward" in shown
    assert "in reply to 2" in shown
    assert "Percy" not in shown
    assert "no comment at position 99" in refused("show", held, KETTLE, "--position", "99")


@pytest.mark.parametrize(
    "wanted",
    [
        KETTLE,
        "1",
        "lukewarm WATER",
        "http://m.forums.theregister.co.uk/forum/3/2025/03/14/kettle_firmware/#c_5021019",
        "http://127.0.0.1:8000/forum/all/2025/03/14/kettle_firmware/",
        "https://www.theregister.com/2025/03/14/kettle_firmware/",
        "https://forums.theregister.com/forum/containing/5021019",
    ],
)
def test_a_thread_is_found_by_all_its_names(held: Path, wanted: str) -> None:
    assert printed("show", held, wanted).startswith("Smart kettle")


def test_an_ambiguous_name_lists_the_candidates(held: Path) -> None:
    said = refused("show", held, "a")
    assert "could be 3 threads" in said
    assert KETTLE in said
    assert MOON in said


def test_without_a_thread_the_only_one_is_shown_or_all_are_listed(held: Path, hostile: Path) -> None:
    assert "Crumb" in printed("show", hostile)
    said = refused("show", held)
    assert "holds 3 threads: give the id of one as THREAD" in said
    assert f"  2  theregister  {MOON}  Moon broadband" in said


@pytest.mark.parametrize(
    "wanted", ["nothing of the kind", "99", "http://[::1", " ", "9" * 40, "\udcff", "https://example.org/x"]
)
def test_a_thread_that_is_not_held_is_named(held: Path, wanted: str) -> None:
    said = refused("show", held, wanted)
    assert "Traceback" not in said
    assert "holds no thread" in said or "is no address" in said


@pytest.mark.parametrize("arguments", [("show",), ("search", "toaster OR body"), ("status",)])
def test_what_a_page_says_cannot_touch_the_terminal(hostile: Path, arguments: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(hostile)) as connection:
        ((name, body),) = connection.execute("SELECT author_name, body_text FROM comments").fetchall()
    assert "\x1b" in name
    assert "\x9b" in body
    for extra in ((), ("--json",)) if arguments[0] != "show" else ((),):
        shown = printed(arguments[0], hostile, *arguments[1:], *extra)
        assert not HARMFUL & set(shown)
        assert "\\x1b" in shown or "\\u001b" in shown


def test_a_newline_in_a_name_forges_no_second_comment(hostile: Path) -> None:
    starts = [line for line in printed("show", hostile).splitlines() if line[:3] in ("1. ", "99.")]
    assert len(starts) == 1


def test_colours_are_for_terminals_only(held: Path) -> None:
    plain = CliRunner().invoke(main, ["show", str(held), KETTLE])
    coloured = CliRunner().invoke(main, ["show", str(held), KETTLE], color=True)
    assert "\x1b[" not in plain.stdout
    assert "\x1b[36m\x1b[1mPercy Flange\x1b[0m" in coloured.stdout


def test_search_indexes_what_waits_and_shows_where_the_hit_is(fresh: Path) -> None:
    shown = printed("search", fresh, "basement", "server")
    assert shown.startswith(f"theregister {KETTLE}  13. Hepzibah Crank  2025-03-14 10:46\n")
    assert "[basement]" in shown
    assert "https://forums.theregister.com/forum/containing/5021058" in shown


def test_hits_as_json_keep_what_is_not_there_as_null(fresh: Path) -> None:
    (hit,) = json.loads(printed("search", fresh, "subscription", "biscuit", "--json"))
    assert hit["thread"] == KETTLE
    assert hit["title"] is None
    assert hit["position"] == 3


def test_the_limit_is_kept(fresh: Path) -> None:
    assert len(json.loads(printed("search", fresh, "the", "--limit", "2", "--json"))) == 2


@pytest.mark.parametrize("query", ['"unbalanced', "e-mail", "AND", "nosuch:column", "(", "*"])
def test_words_that_are_no_query_are_searched_as_words(fresh: Path, query: str) -> None:
    result = btl("search", fresh, query)
    assert result.exit_code == 0
    assert bool(result.stdout) != (result.stderr == "no hits\n")


@pytest.mark.parametrize("query", ["", "  ", "\udcff", "a\0b"])
def test_a_query_that_is_none_is_a_usage_error(fresh: Path, query: str) -> None:
    assert "query" in refused("search", fresh, query)


def test_a_search_makes_no_archive(tmp_path: Path) -> None:
    result = btl("search", tmp_path / "none.db", "kettle")
    assert result.exit_code == 6
    assert "does not exist" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_search_beside_another_writer_says_what_may_be_missing(fresh: Path) -> None:
    with Archive.create_or_open(fresh):
        result = btl("search", fresh, "kettle")
    assert result.exit_code == 0
    assert "The newest 24 comments may be missing" in result.stderr
    assert "no hits" in result.stderr
    assert "Percy Flange" in printed("search", fresh, "kettle")


def test_status_says_of_each_thread_what_is_held_and_why_it_ended_so(held: Path) -> None:
    lines = printed("status", held).splitlines()
    verdict, title = (lines[0].index(name) for name in ("verdict", "title"))
    assert lines[1][verdict:].startswith("complete ")
    assert [line[title:][:5] for line in lines[1:4]] == ["Smart", "Moon ", "Fax m"]
    assert lines[1].split()[:6] == ["1", "theregister", KETTLE, "14", "0", "0"]


def test_status_gives_the_account_of_each_run(held: Path) -> None:
    assert "4 discovered = 4 done + 0 failed + 0 deferred + 0 skipped + 0 todo" in printed("status", held)
    document = json.loads(printed("status", held, "--json"))
    (run,) = document["runs"]
    assert run["account"]["discovered"] == run["account"]["done"] == 4
    assert [thread["held"] for thread in document["threads"]] == [14, 10, 0]


def test_a_run_that_was_killed_is_counted_as_it_stands(fresh: Path) -> None:
    with closing(sqlite3.connect(fresh)) as connection, connection:
        connection.execute("UPDATE runs SET finished_at = NULL, exit_code = NULL, discovered = NULL")
        connection.execute("UPDATE pages SET state = 'todo' WHERE id = 2")
    shown = printed("status", fresh)
    assert "not finished" in shown
    assert "4 discovered = 3 done + 0 failed + 0 deferred + 0 skipped + 1 todo" in shown


def test_pages_that_were_not_read_are_listed_newest_first(fresh: Path) -> None:
    with closing(sqlite3.connect(fresh)) as connection, connection:
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)"
            " INSERT INTO pages (reading_id, method, url, body, host, kind, state, reason, detail, not_before)"
            " SELECT 1, 'GET', 'https://example.org/' || i, '', 'example.org', 'page', 'deferred', 'retry-after',"
            " 'it asks\x1b[2J to wait', '2025-01-01T00:00:00Z' FROM n"
        )
    shown = printed("status", fresh)
    assert "https://example.org/50  it asks\\x1b[2J to wait (again from 2025-01-01T00:00:00Z)" in shown
    assert "https://example.org/30 " not in shown
    assert "... and 30 older pages" in shown
    assert "https://example.org/1 " in printed("status", fresh, "--all")
    assert len(json.loads(printed("status", fresh, "--json"))["pages_not_read"]) == 50


@pytest.mark.parametrize("command", [("show",), ("status",), ("search", "x")])
def test_a_file_that_is_no_archive_is_left_alone(tmp_path: Path, command: tuple[str, ...]) -> None:
    other = tmp_path / "notes.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE notes (text)")
    before = other.read_bytes()
    result = btl(command[0], other, *command[1:])
    assert result.exit_code == 6
    assert "no archive of Below the Line" in result.stderr
    assert other.read_bytes() == before


def test_an_archive_without_threads_is_no_error_to_status(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    Archive.create_or_open(empty).close()
    assert printed("status", empty).startswith("no.  thread")
    assert "holds no thread yet" in refused("show", empty)


def test_sites_say_what_they_read_and_what_they_cannot() -> None:
    shown = printed("sites")
    assert "theregister: The Register\n" in shown
    assert "  delay    5 seconds between two requests to one host\n" in shown
    (site,) = [site for site in json.loads(printed("sites", "--json")) if site["name"] == "theregister"]
    assert list(site) == [
        "name", "title", "description", "hosts", "example_url", "reads", "cannot", "counts", "end", "delay", "floors",
    ]  # fmt: skip
