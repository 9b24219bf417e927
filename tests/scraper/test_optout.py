"""Reservations are recorded and obeyed: of a reserved page only the headers are kept, unless a legal basis is given."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from warcio.archiveiterator import ArchiveIterator

from belowtheline.reading.optout import Reservation, opt_out, reservations_in, reserved_by, signals_of
from tests.loopback import POLICIES, Ended, Loopback, btl, crawl, pages, post, redirect, response, rows, topic, value

ALL = "/forum/all/2025/03/14/kettle/"
SECRET_WORDS = "Mine never updated"
PAGE = topic([post(1, f"{SECRET_WORDS}."), post(2, "Mine did.", answers=1)])
BASIS = "Kettle Act, section 3"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def with_head(tag: str) -> bytes:
    return PAGE.replace(b"<head>", b"<head>" + tag.encode())


HEADERS = {
    "noarchive": {"X-Robots-Tag": "noarchive"},
    "among others": {"X-Robots-Tag": "noindex, NoArchive"},
    "none": {"X-Robots-Tag": "none"},
    "noai": {"X-Robots-Tag": "noai, noimageai"},
    "noimageai": {"X-Robots-Tag": "noimageai"},
    "to us": {"X-Robots-Tag": "otherbot: noindex, belowtheline: noarchive"},
    "after a date": {"X-Robots-Tag": "unavailable_after: 25 Jun 2099 15:00:00 PST, noarchive"},
    "tdm": {"TDM-Reservation": "1"},
    "tdm with policy": {"tdm-reservation": "1", "tdm-policy": "https://kettles.example/policy.json"},
}
METAS = {
    "robots": '<meta name="robots" content="noarchive">',
    "robots, other order": "<META CONTENT='index, noai' NAME=ROBOTS>",
    "to us by name": '<meta name="belowtheline" content="none">',
    "tdm": '<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://kettles.example/p">',
}
FREE_HEADERS = {
    "noindex": {"X-Robots-Tag": "noindex, nofollow, nosnippet, max-snippet: 3"},
    "to another": {"X-Robots-Tag": "otherbot: noarchive, none"},
    "tdm 0": {"TDM-Reservation": "0"},
    "tdm odd": {"TDM-Reservation": "yes"},
    "policy alone": {"TDM-Policy": "https://kettles.example/policy.json"},
}
FREE_METAS = {
    "noindex": '<meta name="robots" content="noindex">',
    "to another": '<meta name="otherbot" content="noarchive">',
    "other meta": '<meta name="description" content="noarchive, none">',
}
ANSWERS = (
    {f"header {name}": response(PAGE, 200, headers) for name, headers in HEADERS.items()}
    | {f"meta {name}": response(with_head(tag)) for name, tag in METAS.items()}
    | {"brotli": response(brotli.compress(with_head(METAS["robots"])), 200, {"Content-Encoding": "br"})}
    | {"gzipped": response(gzip.compress(with_head(METAS["robots"])), 200, {"Content-Encoding": "gzip"})}
)
FREE = {f"header {name}": response(PAGE, 200, headers) for name, headers in FREE_HEADERS.items()} | {
    f"meta {name}": response(with_head(tag)) for name, tag in FREE_METAS.items()
}


def path_of(name: str) -> str:
    return f"/forum/all/2025/03/14/{'_'.join(name.replace(',', '').split())}/"


@pytest.fixture(scope="module")
def reserved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """One crawl over pages that are reserved, each in its own way, and over some that are not."""
    archive = tmp_path_factory.mktemp("reserved") / "a.db"
    with Loopback() as server:
        server.answers = {path_of(name): answer for name, answer in (ANSWERS | FREE).items()}
        return archive, crawl(archive, *map(server.url, server.answers))


@pytest.mark.parametrize("name", ANSWERS)
def test_a_reserved_page_is_skipped_and_named(reserved: tuple[Path, Ended], name: str) -> None:
    archive, ended = reserved
    (page,) = rows(archive, "SELECT state, reason FROM pages WHERE url LIKE ?", f"%{path_of(name)}")
    assert page == ("skipped", "opt-out")
    (line,) = [line for line in ended.err.splitlines() if line.startswith("!") and path_of(name) in line]
    assert "--legal-basis" in line


@pytest.mark.parametrize("name", FREE)
def test_a_page_that_says_something_else_is_read(reserved: tuple[Path, Ended], name: str) -> None:
    sql = "SELECT state, reason FROM pages WHERE url LIKE ?"
    assert rows(reserved[0], sql, f"%{path_of(name)}") == [("done", None)]


def test_reserved_pages_end_the_run_with_blocked_and_every_page_is_accounted_for(reserved: tuple[Path, Ended]) -> None:
    archive, ended = reserved
    assert ended.code == 5
    sql = "SELECT discovered, done, failed, deferred, skipped, todo FROM runs"
    assert rows(archive, sql) == [(len(ANSWERS) + len(FREE), len(FREE), 0, 0, len(ANSWERS), 0)]


def test_of_a_reserved_page_the_headers_are_kept_and_no_content(archive: Path, server: Loopback) -> None:
    headers = {"X-Robots-Tag": "noarchive", "ETag": '"1"'}
    server.answers = {ALL: response(PAGE, 200, headers)}
    assert crawl(archive, server.url(ALL)).code == 5
    (capture,) = rows(archive, "SELECT c.id, signals, etag FROM captures c JOIN pages p ON p.capture_id = c.id")
    assert json.loads(capture[1]) == {"X-Robots-Tag": "noarchive"}
    assert capture[2] is None
    with (archive.with_name("a.db.captures") / "run-000001.warc.gz").open("rb") as file:
        found = [
            (record.http_headers.get_header("X-Robots-Tag"), record.rec_headers.get_header("WARC-Truncated"), content)
            for record in ArchiveIterator(file)
            if (content := record.content_stream().read()) is not None and record.http_headers.get_statuscode() == "200"
        ]
    assert found == [("noarchive", "unspecified", b"")]
    assert value(archive, "SELECT count(*) FROM comments") == 0
    assert btl("verify", archive).code == 0


def test_a_legal_basis_lets_it_pass_and_is_stored_with_the_run(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: response(PAGE, 200, {"TDM-Reservation": "1"})}
    assert crawl(archive, server.url(ALL)).code == 5
    ended = crawl(archive, server.url(ALL), "--legal-basis", BASIS)
    assert ended.code == 0, ended.err
    assert rows(archive, "SELECT legal_basis FROM runs ORDER BY id") == [(None,), (BASIS,)]
    assert value(archive, "SELECT count(*) FROM comments") == 2
    assert BASIS in btl("status", archive).out
    assert "TDM-Reservation" in value(archive, "SELECT signals FROM captures ORDER BY id DESC LIMIT 1")


def test_a_blank_legal_basis_is_none(archive: Path) -> None:
    ended = crawl(archive, "http://127.0.0.1:9/", "--legal-basis", "  ")
    assert (ended.code, archive.exists()) == (2, False)


def test_an_update_obeys_and_what_was_held_stays(archive: Path, server: Loopback) -> None:
    server.answers = {ALL: response(PAGE)}
    assert crawl(archive, server.url(ALL)).code == 0
    server.answers = {ALL: response(PAGE, 200, {"X-Robots-Tag": "noarchive"})}
    assert btl("update", archive, "--delay", "0").code == 5
    assert pages(archive)[-1] == ("skipped", "opt-out")
    assert rows(archive, "SELECT count(*), count(not_seen_since) FROM comments") == [(2, 0)]
    assert btl("update", archive, "--delay", "0", "--legal-basis", BASIS).code == 0


def test_what_is_handed_in_is_taken_in_and_its_reservation_recorded(tmp_path: Path, archive: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(with_head(METAS["robots"]))
    assert btl("ingest", archive, file, "--url", f"https://forums.theregister.com{ALL}").code == 0
    assert json.loads(value(archive, "SELECT signals FROM captures")) == {"meta robots": "noarchive"}


def tdm_file(*rules: tuple[str, object]) -> bytes:
    body = json.dumps([{"location": location, "tdm-reservation": reserved} for location, reserved in rules])
    return response(body.encode(), 200, {"Content-Type": "application/json"})


def test_a_host_that_reserves_its_pages_is_not_asked_for_them(archive: Path, server: Loopback) -> None:
    free = ALL.replace("kettle", "toaster")
    server.answers = {POLICIES[1]: tdm_file((free, 0), ("/forum/*/2025/", 1)), ALL: response(PAGE)}
    server.answers[free] = response(PAGE.replace(b"/kettle/", b"/toaster/"))
    ended = crawl(archive, server.url(ALL), server.url(free))
    assert ended.code == 5
    assert pages(archive) == [("skipped", "opt-out"), ("done", None)]
    assert [asked.path for asked in server.asked] == [*POLICIES, free]
    assert "tdmrep.json reserves /forum/*/2025/" in ended.err
    assert crawl(archive, server.url(ALL), "--legal-basis", BASIS).code == 0


def test_the_file_is_asked_once_a_host_and_kept_with_the_run(archive: Path, server: Loopback) -> None:
    robots = response(b"User-agent: *\nDisallow: /post/\n", 200, {"Content-Type": "text/plain"})
    server.answers = {POLICIES[0]: robots, POLICIES[1]: tdm_file(("/elsewhere/", 1))}
    for name in ("kettle", "toaster", "teapot"):
        server.answers[path_of(name)] = response(PAGE.replace(b"/kettle/", f"/{name}/".encode()))
    assert crawl(archive, *(server.url(path) for path in server.answers if path not in POLICIES)).code == 0
    assert [asked.path for asked in server.asked][:2] == list(POLICIES)
    assert len(server.asked) == 5
    sql = """
        SELECT p.run_id, p.origin, p.kind, p.decision, p.status, p.fetched_at = c.fetched_at, c.url
        FROM run_policies p JOIN captures c ON c.id = p.capture_id ORDER BY p.id"""
    origin = server.url("")
    assert rows(archive, sql) == [
        (1, origin, "robots.txt", "rules", 200, 1, server.url(POLICIES[0])),
        (1, origin, "tdmrep.json", "rules", 200, 1, server.url(POLICIES[1])),
    ]
    told = btl("status", archive).out
    assert f"1  {origin}  robots.txt" in told
    policies = json.loads(btl("status", archive, "--json").out)["policies"]
    assert [(policy["kind"], policy["decision"]) for policy in policies] == [
        ("tdmrep.json", "rules"),
        ("robots.txt", "rules"),
    ]


ROBOTS_REFUSE = response(b"User-agent: *\nDisallow: /.well-known/\n", 200, {"Content-Type": "text/plain"})
ODD_FILES = {
    "missing": (response(b"", 404), "no rules", 0),
    "server error": (response(b"", 500), "no rules", 0),
    "a login page": (response(b"<title>Log in</title>"), "unreadable", 0),
    "an object": (response(b'{"location": "/", "tdm-reservation": 1}'), "unreadable", 0),
    "deep": (response(b"[" * 100_000), "unreadable", 0),
    "odd rules": (tdm_file(("/", 7), ("/", None), ("/", "1")), "rules", 5),
    "silent": (b"", "unreadable", 0),
    "cut": (response(b"[]", 200, {"Content-Length": "99"}), "unreadable", 0),
    "elsewhere": (redirect("/tdm.json"), "rules", 5),
}


@pytest.mark.parametrize("kind", ODD_FILES)
def test_an_odd_file_is_as_good_as_none(archive: Path, server: Loopback, kind: str) -> None:
    answer, decision, code = ODD_FILES[kind]
    server.answers = {POLICIES[1]: answer, "/tdm.json": tdm_file(("/", 1)), ALL: response(PAGE)}
    assert crawl(archive, server.url(ALL)).code == code
    assert value(archive, "SELECT decision FROM run_policies WHERE kind = 'tdmrep.json'") == decision


def test_a_file_that_robots_txt_refuses_is_not_asked_for(archive: Path, server: Loopback) -> None:
    server.answers = {POLICIES[0]: ROBOTS_REFUSE, POLICIES[1]: tdm_file(("/", 1)), ALL: response(PAGE)}
    assert crawl(archive, server.url(ALL)).code == 0
    assert POLICIES[1] not in [asked.path for asked in server.asked]
    assert rows(archive, "SELECT decision, capture_id FROM run_policies WHERE kind = 'tdmrep.json'") == [
        ("not asked", None)
    ]


@pytest.mark.parametrize(
    ("location", "path", "is_reserved"),
    [
        ("/", "/", True),
        ("/", "/a/b?c=d", True),
        ("/a/", "/a", False),
        ("/a", "/ab", True),
        ("/A", "/a", False),
        ("/a$", "/a", True),
        ("/a$", "/ab", False),
        ("/*.html$", "/a/b.html", True),
        ("/*.html$", "/a/b.html?c", False),
        ("/a/*/c", "/a/b/c/d", True),
        ("/a/*/c", "/a/c", False),
        ("/a*a$", "/a", False),
        ("/path/foo-%24", "/path/foo-$", True),
        ("/caf%c3%a9", "/caf%C3%A9", True),
        ("/%61bc", "/abc", True),
        ("/*?page=", "/t/1?page=2", True),
        ("", "/a", True),
    ],
)
def test_a_location_matches_as_in_robots_txt(location: str, path: str, *, is_reserved: bool) -> None:
    found = reserved_by([Reservation(location, is_reserved=True, policy=None)], f"https://kettles.example{path}")
    assert (found is not None) is is_reserved


def test_the_first_rule_that_matches_decides() -> None:
    rules = reservations_in(b'[{"location": "/a/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]')
    assert reserved_by(rules, "https://kettles.example/a/b") is None
    assert reserved_by(rules, "https://kettles.example/b")


def test_a_page_says_more_than_its_headers() -> None:
    said = signals_of({"tdm-reservation": ["1"]}, b'<meta name="tdm-reservation" content="0">')
    assert opt_out(said) is None
    assert opt_out({"TDM-Reservation": "0", "meta tdm-reservation": "1"})


def test_several_headers_are_all_heard() -> None:
    assert opt_out(signals_of({"x-robots-tag": ["otherbot: noindex", "noarchive"]}, b""))


def test_a_comment_about_reservations_reserves_nothing() -> None:
    words = PAGE.replace(SECRET_WORDS.encode(), b'<meta name="robots" content="noarchive">')
    assert opt_out(signals_of({}, words)) is None
