"""Pages that make their reader fail in a crawl: told from errors of ours, and harming no other page."""

from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from belowtheline.reading.errors import ReaderError
from belowtheline.reading.faults import reader_faults
from belowtheline.reading.instants import read_instant
from tests.loopback import Loopback, crawl, pages, post, response, topic, value

PAGE = topic([post(1, "Mine never updated."), post(2, "Mine did.", answers=1)])
WHOLE = response(PAGE)


def path_of(name: str) -> str:
    return f"/forum/all/2025/03/14/{name}/"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


ODD_SITE = """
from dataclasses import replace
from belowtheline.sites.theregister import TheRegister
whole = TheRegister.parse
def parse(self, page):
    found = whole(self, page)
    if "broken" in page.url:
        return int("²")
    if "huge" in page.url:
        return [replace(one, thread=replace(one.thread, title=["no text"])) for one in found]
    return found
TheRegister.parse = parse
"""


def test_a_page_that_makes_its_reader_fail_is_told_from_an_error_of_ours(archive: Path, server: Loopback) -> None:
    names = ("broken", "kettle", "huge", "packed")
    server.answers = {path_of(name): WHOLE for name in names}
    server.answers[path_of("packed")] = response(brotli.compress(PAGE), 200, {"Content-Encoding": "br"})
    ended = crawl(archive, *(server.url(path_of(name)) for name in names), change=ODD_SITE)
    assert ended.code == 4
    assert pages(archive) == [("failed", "reader error"), ("done", None), ("failed", "reader error"), ("done", None)]
    assert "ValueError: invalid literal for int()" in value(archive, "SELECT detail FROM pages WHERE id = 1")
    assert "its reader fails on it" in ended.err
    assert value(archive, "SELECT count(*) FROM pages WHERE capture_id IS NULL") == 0


def fails() -> None:
    with reader_faults("https://k.example/1"):
        {}["author"]


def test_a_fault_names_page_error_and_place() -> None:
    said = r"^https://k\.example/1 is not read, since its reader fails on it \(TypeError: .*, in reading/instants\.py:"
    with pytest.raises(ReaderError, match=said), reader_faults("https://k.example/1"):
        read_instant(None)  # type: ignore[arg-type]
    # The test itself is a file of ours in a checkout and none beside an installed wheel.
    with pytest.raises(
        ReaderError, match=r"\(KeyError: 'author', in (tests/sites/test_reader_faults\.py:\d+|a library)\)"
    ):
        fails()
    with pytest.raises(ReaderError, match="generator raised StopIteration"), reader_faults("https://k.example/1"):
        tuple(next(iter(())) for _ in "k")  # type: ignore[call-overload]
    with pytest.raises(RuntimeError, match="boom"), reader_faults("https://k.example/1"):
        raise RuntimeError("boom")
