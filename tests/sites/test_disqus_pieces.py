"""Exports of Disqus that are larger than a page, damaged or gzipped: read thread by thread, nothing else lost."""

import gzip
import random
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.reading import sources
from belowtheline.sites.disqus import pieces
from belowtheline.sites.site import Part
from tests.blogs import case

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com"'
    ' xmlns:dsq="http://disqus.com/disqus-internals">\n<category dsq:id="1"><forum>kettles</forum></category>\n'
)


def thread(number: int) -> str:
    return (
        f'<thread dsq:id="{number}"><id>k-{number}</id><forum>kettles</forum><category dsq:id="1" />'
        f"<link>https://kettles.example/{number}</link><title>Kettle {number}</title><message />"
        "<createdAt>2020-01-01T00:00:00Z</createdAt><isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
    )


def post(number: int, of: int, text: str = "<p>Mine pours.</p>") -> str:
    return (
        f'<post dsq:id="{number}"><id /><message><![CDATA[{text}]]></message>'
        "<createdAt>2020-01-02T10:00:00Z</createdAt>"
        f"<isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Ada {number % 7}</name><isAnonymous>false"
        f'</isAnonymous><username>ada{number % 7}</username></author><thread dsq:id="{of}" /></post>\n'
    )


def export(posts: int = 12, threads: int = 3) -> str:
    """Return an export whose posts go from thread to thread, as those of a forum do."""
    written = "".join(post(100 + number, number % threads + 1, f"<p>Post {number}.</p>") for number in range(posts))
    return HEAD + "".join(map(thread, range(1, threads + 1))) + written + "</disqus>\n"


def ingest(folder: Path, *paths: Path) -> Result:
    return CliRunner().invoke(main, ["ingest", str(folder / "a.db"), *map(str, paths)])


def held(folder: Path) -> dict[str, tuple[int, str]]:
    with Archive.open_to_read(folder / "a.db") as archive:
        found = archive.query("SELECT thread, held, verdict FROM thread_status ORDER BY thread").fetchall()
    return {name: (count, verdict) for name, count, verdict in found}


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 4 KiB at most, so that a small export is larger than a page; bytes come 700 at a time."""
    monkeypatch.setattr(sources, "MAX_BYTES", 4096)
    monkeypatch.setattr(pieces, "MAX_BYTES", 4096)
    monkeypatch.setattr(pieces, "_PART", 700)


WHOLE = {"1": (4, "complete"), "2": (4, "complete"), "3": (4, "complete")}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["export.xml", "export.xml.gz"])
def test_an_export_larger_than_a_page_is_read_thread_by_thread(tmp_path: Path, name: str) -> None:
    body = export().encode()
    file = write(tmp_path / name, gzip.compress(body) if name.endswith(".gz") else body)
    result = ingest(tmp_path, file)
    assert result.exit_code == 0, result.output
    assert held(tmp_path) == WHOLE
    again = ingest(tmp_path, file)
    assert again.exit_code == 0
    assert "0 pages taken in, 3 already held" in again.stderr


def test_it_gives_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "SELECT thread, native_id, author, body_text, published_at, url FROM comments_flat ORDER BY 1, 2"
    found = []
    for name, limit in (("whole", 1 << 25), ("parts", 4096)):
        monkeypatch.setattr(sources, "MAX_BYTES", limit)
        (tmp_path / name).mkdir()
        assert ingest(tmp_path / name, write(tmp_path / name / "export.xml", export(30, 4))).exit_code == 0
        with Archive.open_to_read(tmp_path / name / "a.db") as archive:
            found.append(archive.query(sql).fetchall())
    assert found[0] == found[1]
    assert len(found[0]) == 30


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("end", [0.5, 0.8, 0.99])
def test_the_threads_of_a_cut_export_are_incomplete(tmp_path: Path, end: float) -> None:
    body = export(24).encode()
    for name, cut in (("plain", body[: int(len(body) * end)]), ("packed", gzip.compress(body)[: int(-200 * end)])):
        (tmp_path / name).mkdir()
        result = ingest(tmp_path / name, write(tmp_path / name / ("e.xml.gz" if name == "packed" else "e.xml"), cut))
        assert result.exit_code == 3, result.output
        threads = held(tmp_path / name)
        assert {verdict for _, verdict in threads.values()} == {"incomplete"}
        assert set(threads) == {"1", "2", "3"}
        assert sum(count for count, _ in threads.values()) > 2


DAMAGE = {
    "a post without its end": (post(103, 1, "<p>Post 3.</p>"), post(103, 1, "<p>Post 3.</p>")[:-9]),
    "a post that is no XML": ("<name>Ada 5</name>", "<name>Ada 5</nome>"),
    "an unknown entity": ("<title>Kettle 1</title>", "<title>Kettle &nbsp; 1</title>"),
}


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("name", DAMAGE)
def test_one_damaged_post_costs_no_other_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: str
) -> None:
    if size == "large":
        monkeypatch.setattr(sources, "MAX_BYTES", 4096)
    old, new = DAMAGE[name]
    assert old in export()
    result = ingest(tmp_path, write(tmp_path / "export.xml", export().replace(old, new, 1)))
    threads = held(tmp_path)
    assert result.exit_code in (3, 4), result.output
    assert "export.xml" in result.stderr
    assert sum(threads[key] == (4, "complete") for key in ("1", "2", "3") if key in threads) >= 2
    assert threads.get("1", (0, ""))[1] != "complete" or name == "a post that is no XML"


def test_what_a_comment_writes_is_no_element() -> None:
    text = 'See <post dsq:id="7"> and </post>, </disqus> or <thread dsq:id="9">.'
    body = HEAD + thread(1) + post(101, 1, text) + post(102, 1) + "</disqus>"
    (part,) = pieces.parts_of(BytesIO(body.encode())) or ()
    assert (part.name, part.problem) == ("thread 1", None)
    assert part.body.count(b"<post ") == 3
    assert part.body.endswith(b"</disqus>")


def test_elements_are_found_however_the_bytes_come(monkeypatch: pytest.MonkeyPatch) -> None:
    body = export(40, 5).encode()
    expected = list(pieces.parts_of(BytesIO(body)) or ())
    assert [part.name for part in expected] == [f"thread {number}" for number in range(1, 6)]
    rng = random.Random(4)
    for _ in range(30):
        monkeypatch.setattr(pieces, "_PART", rng.randrange(1, 3000))
        assert list(pieces.parts_of(BytesIO(body)) or ()) == expected


def test_a_thread_larger_than_a_page_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_BYTES", 2000)
    body = (
        HEAD
        + thread(1)
        + thread(2)
        + "".join(post(100 + number, 1) for number in range(20))
        + post(200, 2)
        + "</disqus>"
    )
    first, second = pieces.parts_of(BytesIO(body.encode())) or ()
    assert first == Part("thread 1", b"", "its posts are larger than 0 MiB")
    assert (second.name, second.problem) == ("thread 2", None)


@pytest.mark.parametrize("text", ["<html></html>", "", "{}", '<disqus xmlns="http://other.example">'])
def test_other_files_are_no_exports(text: str) -> None:
    assert pieces.parts_of(BytesIO(text.encode())) is None


def test_only_a_window_of_the_file_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_PART", 1000)
    window = pieces._Window(BytesIO((HEAD + "x" * 1_000_000 + "</disqus>").encode()))
    longest = 0
    read = window._read

    def watched(keeping: int | None) -> bool:
        nonlocal longest
        found = read(keeping)
        longest = max(longest, len(window._held))
        return found

    monkeypatch.setattr(window, "_read", watched)
    while (found := window.find(pieces._TOP)) and found[1]:
        window.take(5)
    assert found is not None
    assert longest < 5000


def test_what_a_comment_of_an_export_writes_is_not_its_address(tmp_path: Path) -> None:
    text = '<link rel="canonical" href="https://forums.theregister.com/forum/all/2025/03/14/kettle/">'
    assert (
        ingest(tmp_path, write(tmp_path / "export.xml", HEAD + thread(1) + post(101, 1, text) + "</disqus>")).exit_code
        == 0
    )
    with Archive.open_to_read(tmp_path / "a.db") as archive:
        ((url,),) = archive.query("SELECT url FROM captures").fetchall()
    assert url.startswith("file://")


def test_the_small_input(tmp_path: Path) -> None:
    assert ingest(tmp_path, case("disqus/export.xml.gz")).exit_code == 0
    assert {key: count for key, (count, _) in held(tmp_path).items()} == {"10": 0, "11": 2, "12": 1}
