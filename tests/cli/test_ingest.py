"""`btl ingest`: saved pages, copied text, captures and folders; what cannot be read is named, the others go on."""

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store.database import Archive
from belowtheline.archive.warc.captures import WarcFile, read_capture
from belowtheline.cli import main
from belowtheline.reading.items import Capture
from tests.made_up import ADDRESS, TOPIC, Post, as_html, as_text, edited

AT = "2025-03-20T10:00:00Z"
WHEN = datetime(2025, 3, 20, 10, tzinfo=UTC)
POSTS = [
    Post(id="101", author="Ann Other", user="7", title="Spouts", body="Mine pours sideways."),
    Post(id="102", title="Same", body="So does mine."),
    Post(id="103", author="Zoe", user="9", title="Lids", body="Mine has none."),
]
PAGE, TEXT = as_html(POSTS), as_text(POSTS)


def ingest(folder: Path, *arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["ingest", str(folder / "a.db"), *map(str, arguments)], input=stdin)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with Archive.open_to_read(folder / "a.db") as archive:
        return archive.query(sql).fetchall()


def ids(folder: Path) -> list[str]:
    return [row[0] for row in rows(folder, "SELECT native_id FROM comments_flat ORDER BY thread, position")]


def warc(path: Path, *pages: tuple[str, str | bytes, str]) -> Path:
    """Write a WARC file of 200 responses: address, body and content type of each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = WarcFile(path.parent, path.name)
    for url, body, kind in pages:
        raw = body if isinstance(body, bytes) else body.encode()
        file.write_response(url, WHEN, "200 OK", [("Content-Type", kind)], raw)
    file.close()
    return path


def test_a_saved_page(tmp_path: Path) -> None:
    result = ingest(tmp_path, write(tmp_path / "page.html", PAGE), "--fetched-at", "2025-03-20T11:00+01:00")
    assert result.exit_code == 0
    assert "complete        3 held  2025/03/14/teapot_recall" in result.stderr
    assert result.stdout == ""
    assert ids(tmp_path) == ["101", "102", "103"]
    assert rows(tmp_path, "SELECT url, fetched_at, fetched_at_source FROM captures") == [(ADDRESS, AT, "option")]


def test_copied_text_has_a_provisional_thread(tmp_path: Path) -> None:
    result = ingest(tmp_path, write(tmp_path / "page.txt", TEXT))
    assert result.exit_code == 0
    assert "unverified" in result.stderr
    assert ids(tmp_path) == ["~1", "~2", "~3"]
    (thread,) = rows(tmp_path, "SELECT native_id FROM threads")
    assert thread[0].startswith("~")


def test_a_files_own_time_is_a_guess_and_orders_nothing(tmp_path: Path) -> None:
    file = write(tmp_path / "page.html", PAGE)
    os.utime(file, (1_700_000_000, 1_700_000_000))
    assert ingest(tmp_path, file).exit_code == 0
    assert rows(tmp_path, "SELECT fetched_at, fetched_at_source FROM captures") == [("2023-11-14T22:13:20Z", "file")]
    assert rows(tmp_path, "SELECT DISTINCT first_seen_at, last_seen_at FROM comments") == [(None, None)]
    assert rows(tmp_path, "SELECT DISTINCT read_at FROM readings") == [(None,)]


def test_standard_input(tmp_path: Path) -> None:
    assert ingest(tmp_path, "-", stdin=PAGE.encode()).exit_code == 0
    assert ingest(tmp_path, "-", stdin=TEXT.encode()).exit_code == 0
    assert ids(tmp_path) == ["101", "102", "103"]
    assert rows(tmp_path, "SELECT url FROM captures") == [(ADDRESS,), ("file:///dev/stdin",)]


def test_a_folder_with_folders(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    write(folder / "deep" / "PAGE.HTM", PAGE)
    write(folder / "copied.txt", TEXT)
    write(folder / "picture.png", b"\x89PNG")
    warc(folder / "captures.warc.gz", (ADDRESS, PAGE, "text/html"))
    result = ingest(tmp_path, folder)
    assert result.exit_code == 0, result.stderr
    assert "2 pages taken in, 1 already held" in result.stderr
    assert ids(tmp_path) == ["101", "102", "103"]


def test_our_own_captures_make_the_same_archive(tmp_path: Path) -> None:
    ingest(tmp_path, write(tmp_path / "page.html", PAGE), "--fetched-at", AT)
    other = tmp_path / "other"
    other.mkdir()
    assert ingest(other, *(tmp_path / "a.db.captures").iterdir()).exit_code == 0
    names = [name for _, name, *_ in rows(other, "PRAGMA table_info(comments_flat)") if name != "address_source"]
    sql = f"SELECT {', '.join(names)} FROM comments_flat ORDER BY position"
    assert rows(other, sql) == rows(tmp_path, sql)
    sources = [rows(folder, "SELECT DISTINCT address_source FROM comments_flat") for folder in (tmp_path, other)]
    assert sources == [[("page",)], [("warc",)]]
    assert rows(other, "SELECT url, fetched_at, fetched_at_source FROM captures") == [(ADDRESS, AT, "warc")]


def test_a_warc_of_a_crawl_is_read_for_its_threads(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    warc(
        path,
        ("https://forums.theregister.com/robots.txt", "User-agent: *\nDisallow:\n", "text/plain"),
        ("https://www.theregister.com/", "<html><body>front</body></html>", "text/html"),
        (f"https://www.theregister.com/{TOPIC}/", "<html><body>an article</body></html>", "text/html"),
        ("https://elsewhere.example/", "<html><body>another site</body></html>", "text/html"),
        ("https://forums.theregister.com/logo.png", b"\x89PNG", "image/png"),
        (ADDRESS, PAGE, "text/html; charset=utf-8"),
    )
    result = ingest(tmp_path, path)
    assert result.exit_code == 0, result.stderr
    assert "1 pages taken in, 3 of no thread" in result.stderr
    assert ids(tmp_path) == ["101", "102", "103"]


def test_a_warc_without_a_thread_is_named(tmp_path: Path) -> None:
    result = ingest(tmp_path, warc(tmp_path / "none.warc.gz", ("https://a.example/", "<html></html>", "text/html")))
    assert result.exit_code == 3
    assert "none.warc.gz holds no page of a site that can be read" in result.stderr


def test_a_gzipped_response_is_decoded(tmp_path: Path) -> None:
    file = WarcFile(tmp_path, "zipped.warc.gz")
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    file.write_response(ADDRESS, WHEN, "200 OK", headers, gzip.compress(PAGE.encode()))
    file.close()
    assert ingest(tmp_path, tmp_path / "zipped.warc.gz").exit_code == 0
    assert ids(tmp_path) == ["101", "102", "103"]


@pytest.mark.parametrize("left", [0.1, 0.5, 0.9, 0.95])
def test_records_before_a_torn_end_are_read(tmp_path: Path, left: float) -> None:
    first = warc(tmp_path / "first.warc.gz", (ADDRESS, PAGE, "text/html")).read_bytes()
    whole = warc(tmp_path / "whole.warc.gz", (ADDRESS, PAGE, "text/html"), (ADDRESS, PAGE + " ", "text/html"))
    second = whole.read_bytes()[len(first) :]
    torn = write(tmp_path / "torn.warc.gz", first + second[: int(len(second) * left)])
    result = ingest(tmp_path, torn)
    assert result.exit_code == 3, result.stderr
    assert "torn.warc.gz" in result.stderr
    assert ids(tmp_path) == ["101", "102", "103"]


def test_the_address_is_what_the_page_says(tmp_path: Path) -> None:
    bare = as_html(POSTS, address=None)
    saved = f"<!-- saved from url=(0063){ADDRESS} -->\n{bare}"
    ingest(tmp_path, write(tmp_path / "saved.html", saved))
    assert rows(tmp_path, "SELECT native_id, url FROM threads") == [(TOPIC, ADDRESS)]
    again = bare.replace("</head>", f'<meta property="og:url" content="{ADDRESS}"></head>')
    ingest(tmp_path, write(tmp_path / "og.html", again))
    assert rows(tmp_path, "SELECT count(*) FROM threads") == [(1,)]
    assert ids(tmp_path) == ["101", "102", "103"]


def test_url_decides(tmp_path: Path) -> None:
    ingest(tmp_path, write(tmp_path / "page.txt", TEXT), "--url", ADDRESS)
    assert rows(tmp_path, "SELECT native_id, url FROM threads") == [(TOPIC, ADDRESS)]
    other = ADDRESS.replace("teapot", "kettle")
    ingest(tmp_path, write(tmp_path / "page.html", PAGE), "--url", other)
    assert {row[0] for row in rows(tmp_path, "SELECT native_id FROM threads")} == {
        TOPIC,
        TOPIC.replace("teapot", "kettle"),
    }


@pytest.mark.parametrize("many", ["two files", "a folder", "a WARC file"])
def test_url_is_of_one_page(tmp_path: Path, many: str) -> None:
    page = write(tmp_path / "saved" / "page.html", PAGE)
    paths = {"two files": [page, page], "a folder": [page.parent], "a WARC file": [tmp_path / "x.warc.gz"]}[many]
    result = ingest(tmp_path, *paths, "--url", ADDRESS)
    assert result.exit_code == 2
    assert "--url is the address of one page" in result.stderr
    assert not (tmp_path / "a.db").exists()


def test_site_is_named(tmp_path: Path) -> None:
    page = write(tmp_path / "page.html", as_html(POSTS, address="http://127.0.0.1/x").replace("Register", "R"))
    assert ingest(tmp_path, page).exit_code == 3
    assert ingest(tmp_path, page, "--site", "theregister").exit_code == 0
    result = ingest(tmp_path, page, "--site", "nosuch")
    assert result.exit_code == 2
    assert "theregister" in result.stderr


@pytest.mark.parametrize("value", ["yesterday", "2025-13-01", "14/03/2025", ""])
def test_a_time_that_is_none_starts_nothing(tmp_path: Path, value: str) -> None:
    result = ingest(tmp_path, write(tmp_path / "page.html", PAGE), "--fetched-at", value)
    assert result.exit_code == 2
    assert not (tmp_path / "a.db").exists()


BAD: dict[str, bytes] = {
    "empty.html": b"",
    "blank.txt": b" \n\t\n",
    "picture.html": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "shopping.txt": b"milk\neggs\nbread\n",
    "page.html": b"<html><body><p>Not a thread.</p></body></html>",
    "data.json": b'{"kettle": true}',
    "broken.json": b'{"kettle": ',
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_named_and_the_others_go_on(tmp_path: Path, name: str) -> None:
    bad = write(tmp_path / "bad" / name, BAD[name])
    result = ingest(tmp_path, bad, write(tmp_path / "good.html", PAGE))
    assert result.exit_code == 3, result.output
    assert name in result.stderr
    assert "Traceback" not in result.stderr
    assert ids(tmp_path) == ["101", "102", "103"]
    assert rows(tmp_path, "SELECT done, failed, discovered, verdict, exit_code FROM runs") == [
        (1, 1, 2, "incomplete", 3)
    ]


def test_empty_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    good = write(tmp_path / "good.html", PAGE)
    result = ingest(tmp_path, tmp_path / "nothing", good)
    assert result.exit_code == 3
    assert "nothing holds no file" in result.stderr
    assert ids(tmp_path) == ["101", "102", "103"]


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = write(tmp_path / "secret.html", PAGE)
    opened = Path.open

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == secret:
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    result = ingest(tmp_path, secret, write(tmp_path / "good.html", PAGE))
    assert result.exit_code == 3
    assert "secret.html cannot be read (Permission denied)" in result.stderr
    assert ids(tmp_path) == ["101", "102", "103"]


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.html"
    with huge.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    result = ingest(tmp_path, huge)
    assert result.exit_code == 3
    assert "huge.html is larger than 32 MiB" in result.stderr
    assert rows(tmp_path, "SELECT count(*) FROM captures") == [(0,)]


def test_a_changed_layout_is_failed_and_its_bytes_are_kept(tmp_path: Path) -> None:
    body = PAGE.replace('class="post"', 'class="p2"')
    result = ingest(
        tmp_path, write(tmp_path / "new.html", body), write(tmp_path / "good.html", PAGE), "--fetched-at", AT
    )
    assert result.exit_code == 4
    assert "new.html" in result.stderr
    assert "found 3 permalinks or reply links but no .post" in result.stderr
    failed = "SELECT reason, capture_id IS NOT NULL FROM pages WHERE state = 'failed'"
    assert rows(tmp_path, failed) == [("layout", 1)]
    capture = rows(tmp_path, "SELECT url, sha256, warc_file, warc_offset FROM captures ORDER BY id")[0]
    kept = Capture(
        url=capture[0],
        fetched_at=None,
        fetched_at_source=None,
        sha256=capture[1],
        warc_file=capture[2],
        warc_offset=capture[3],
    )
    assert read_capture(tmp_path / "a.db.captures", kept).body.decode() == body


def test_a_page_that_failed_is_tried_again(tmp_path: Path) -> None:
    page = write(tmp_path / "new.html", PAGE.replace('class="post"', 'class="p2"'))
    assert ingest(tmp_path, page, "--fetched-at", AT).exit_code == 4
    assert ingest(tmp_path, page, "--fetched-at", AT).exit_code == 4


def test_a_page_cut_in_a_tag_keeps_the_comments_before_the_cut(tmp_path: Path) -> None:
    cut = PAGE[: PAGE.index('href="/user/9/"') + 7]
    result = ingest(tmp_path, write(tmp_path / "cut.html", cut), "--fetched-at", AT)
    assert result.exit_code == 3
    assert "incomplete" in result.stderr
    assert "page cut" in result.stderr
    assert ids(tmp_path) == ["101", "102"]
    assert rows(tmp_path, "SELECT native_id FROM stubs") == [("103",)]
    assert rows(tmp_path, "SELECT stubs FROM thread_status") == [(1,)]
    assert ingest(tmp_path, write(tmp_path / "page.html", PAGE), "--fetched-at", AT).exit_code == 0
    assert rows(tmp_path, "SELECT count(*) FROM comment_versions") == [(3,)]
    assert rows(tmp_path, "SELECT stubs FROM thread_status") == [(0,)]


@pytest.mark.parametrize("share", [0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
def test_a_cut_anywhere_invents_nothing(tmp_path: Path, share: float) -> None:
    cut = PAGE[: int(len(PAGE) * share)]
    result = ingest(tmp_path, write(tmp_path / "cut.html", cut), "--site", "theregister")
    assert result.exit_code == 3
    known = {(post.id, post.title, post.body) for post in POSTS}
    assert set(rows(tmp_path, "SELECT native_id, title, body_text FROM comments_flat")) <= known


def test_a_body_ten_thousand_deep_is_read_whole(tmp_path: Path) -> None:
    deep = "<b>" * 10_000 + "deep" + "</b>" * 10_000
    page = PAGE.replace("Mine pours sideways.", deep + " after")
    assert ingest(tmp_path, write(tmp_path / "deep.html", page)).exit_code == 0
    found = dict(rows(tmp_path, "SELECT native_id, body_text FROM comments_flat"))
    assert found == {"101": "deep after", "102": "So does mine.", "103": "Mine has none."}


def test_a_hundred_nested_replies_keep_their_depth(tmp_path: Path) -> None:
    chain = [Post(id="1", body="x1")] + [Post(id=str(n), under=str(n - 1), body=f"x{n}") for n in range(2, 101)]
    assert ingest(tmp_path, write(tmp_path / "deep.html", as_html(chain))).exit_code == 0
    assert rows(tmp_path, "SELECT max(depth), count(parent_native_id) FROM comments_flat") == [(99, 99)]


HOSTILE = "\u202etfel\u202c \u2066iso\u2069 \x1b[2J =1+1 \ufeff\u200b \U0001f375"


def test_hostile_text_is_stored_as_it_is(tmp_path: Path) -> None:
    posts = edited(POSTS, "101", author=HOSTILE, title=HOSTILE, body=HOSTILE)
    page = as_html(posts).replace("\x1b", "&#27;")
    result = ingest(tmp_path, write(tmp_path / "page.html", page))
    assert result.exit_code == 0
    assert rows(tmp_path, "SELECT author, title, body_text FROM comments_flat LIMIT 1") == [(HOSTILE,) * 3]


def test_a_hostile_headline_reaches_no_terminal(tmp_path: Path) -> None:
    result = ingest(tmp_path, write(tmp_path / "page.html", as_html(POSTS, headline="A\u202eB&#27;[2JC")))
    assert result.exit_code == 0
    assert "\x1b" not in result.stderr
    assert "\u202e" not in result.stderr


@pytest.mark.parametrize("entity", ["&#0;", "&#xD800;", "&#xDFFF;", "\0"])
def test_what_utf8_cannot_hold_is_replaced(tmp_path: Path, entity: str) -> None:
    page = PAGE.replace("Spouts", f"Sp{entity}outs").replace("Mine pours", f"Mine{entity} pours")
    assert ingest(tmp_path, write(tmp_path / "page.html", page)).exit_code == 0
    (title, body), *_ = rows(tmp_path, "SELECT title, body_text FROM comments_flat ORDER BY position")
    assert title.replace("\ufffd", "") == "Spouts"
    assert body.replace("\ufffd", "") == "Mine pours sideways."
    assert "\0" not in title + body


def test_ids_are_text(tmp_path: Path) -> None:
    huge = "123456789012345678901234567890"
    page = as_html(POSTS).replace("101", "007").replace("103", huge).replace("/user/9/", f"/user/{huge}/")
    assert ingest(tmp_path, write(tmp_path / "page.html", page)).exit_code == 0
    assert ids(tmp_path) == ["007", "102", huge]
    assert rows(tmp_path, "SELECT DISTINCT typeof(native_id) FROM comments") == [("text",)]
    assert huge in {row[0] for row in rows(tmp_path, "SELECT author_native_id FROM comments_flat")}


def test_ids_that_stand_twice_lose_no_comment(tmp_path: Path) -> None:
    page = as_html(POSTS).replace("103", "101")
    assert ingest(tmp_path, write(tmp_path / "page.html", page)).exit_code == 0
    assert ids(tmp_path) == ["101", "102", "~1"]


def test_an_archive_that_is_none_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "a.db", "not a database, but a letter to the editor" * 100)
    result = ingest(tmp_path, write(tmp_path / "page.html", PAGE))
    assert result.exit_code == 6
    assert "is not a SQLite database" in result.stderr
    assert (tmp_path / "a.db").read_text().startswith("not a database")


def test_pages_of_one_thread_are_one_reading(tmp_path: Path) -> None:
    files = []
    for number in (1, 2):
        posts = [Post(id=f"{number}0{place}", body=f"{number} {place}") for place in range(3)]
        address = f"https://forums.theregister.com/forum/{number}/{TOPIC}/"
        files.append(write(tmp_path / f"{number}.html", as_html(posts, address=address, pages=(number, 2))))
    assert ingest(tmp_path, *files, "--fetched-at", AT).exit_code == 0
    assert rows(tmp_path, "SELECT verdict, pages, comments FROM readings") == [("complete", 2, 6)]
    assert ids(tmp_path) == ["100", "101", "102", "200", "201", "202"]
    other = tmp_path / "other"
    other.mkdir()
    result = ingest(other, files[1])
    assert result.exit_code == 3
    assert "pages 1 of 2 were not read" in result.stderr
