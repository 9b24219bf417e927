"""Costly pages: read in a process of their own as they would be here, ended at the bound, and harming nothing else."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from belowtheline.archive.store.database import Archive
from belowtheline.authoring.cases import page_of
from belowtheline.cli import main
from belowtheline.reading.errors import ParseError, TooCostly, UnknownSite
from belowtheline.reading.item_lines import lines_of, value_of
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Completeness,
    Conventions,
    Icon,
    Link,
    Mark,
    Quote,
    Stub,
    Thread,
    ThreadPage,
)
from belowtheline.reading.page import Page
from belowtheline.scraper import apart
from belowtheline.scraper.apart import Bound, Ended, ask, ask_aside, end_all, is_light, one_process
from belowtheline.scraper.page_work import address_of, reader_of, threads_on
from tests.loopback import Loopback, crawl, pages, post, response, rows, topic, value
from tests.places import SITES
from tests.processes import is_running, wait_until

CASES = [
    "lwn/boxes-in-div-comment",
    "guardian/html-of-2013",
    "reddit/deleted-and-removed",
    "disqus/export",
    "lwn/changed-layout",
]
URL = "https://lwn.net/Articles/123456/"


@pytest.fixture
def heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every page for a heavy one."""
    monkeypatch.setattr(apart, "_LIGHT_BYTES", -1)


def outcome(read: Any) -> Any:
    try:
        return read()
    except (ParseError, UnknownSite) as error:
        return type(error), str(error), error.reason


@pytest.mark.usefixtures("heavy")
@pytest.mark.parametrize("case", CASES)
def test_a_page_is_read_apart_as_it_is_read_here(case: str) -> None:
    page, site = page_of(SITES / case), case.partition("/")[0]
    assert outcome(lambda: ask(threads_on, page, site)) == outcome(lambda: threads_on(page, site))


@pytest.mark.usefixtures("heavy")
def test_all_that_is_asked_of_a_page_is_asked_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started, start = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **told: started.append(1) or start(*given, **told))
    case = page_of(SITES / "lwn/boxes-in-div-comment")
    page, other = Page(None, case.body, case.content_type, case.fetched_at), Page(None, b"<html><p>kettles</p></html>")
    with one_process():
        assert ask(address_of, page) == address_of(page)
        with one_process():
            assert ask(reader_of, page.at(URL)) == "lwn"
        assert ask(threads_on, page.at(URL), "lwn") == threads_on(page.at(URL), "lwn")
        assert len(started) == 1
        for _ in range(2):  # a refusal ends no process
            assert outcome(lambda: ask(reader_of, other)) == outcome(lambda: reader_of(other))
    assert len(started) == 2
    assert not apart._under_way


texts = st.text(st.characters(exclude_categories=()), max_size=5)
shown = st.one_of(st.none(), st.just(NOT_SHOWN), texts)
numbers = st.one_of(st.none(), st.just(NOT_SHOWN), st.integers())
marks = st.one_of(st.just(NOT_SHOWN), st.lists(st.builds(Mark, kind=texts, value=st.none() | texts)).map(tuple))
authors = st.builds(Author, name=st.none() | texts, native_id=shown, badge=shown, is_staff=st.none() | st.booleans())
quotes = st.builds(
    Quote, field=st.just("body"), start=st.integers(), end=st.integers(), text=texts, kind=st.just("block"),
    score=st.one_of(st.none(), st.just(NOT_SHOWN), st.floats(allow_nan=False)),
)  # fmt: skip
comments = st.builds(
    Comment,
    native_id=st.none() | texts,
    position=st.integers(),
    parent_native_id=shown,
    author=st.one_of(st.none(), st.just(NOT_SHOWN), authors),
    icon=st.one_of(st.none(), st.just(NOT_SHOWN), st.builds(Icon, name=st.none() | texts, image_url=shown)),
    body_text=shown,
    score=numbers,
    is_edited=st.one_of(st.none(), st.just(NOT_SHOWN), st.booleans()),
    marks=marks,
    quotes=st.lists(quotes, max_size=2).map(tuple),
)
thread_pages = st.builds(
    ThreadPage,
    thread=st.builds(
        Thread,
        site=texts,
        native_id=st.none() | texts,
        declared_count=numbers,
        article=st.builds(Article, headline=shown),
        author=st.one_of(st.none(), st.just(NOT_SHOWN), authors),
        marks=marks,
    ),
    comments=st.lists(comments, max_size=3).map(tuple),
    stubs=st.lists(st.builds(Stub, native_id=st.none() | texts, count=st.integers()), max_size=2).map(tuple),
    links=st.lists(st.builds(Link, url=texts, body=texts), max_size=2).map(tuple),
    conventions=st.builds(
        Conventions,
        timezone=st.none() | texts,
        anonymous_names=st.frozensets(texts, max_size=3),
        floors=st.lists(st.tuples(texts, st.floats(0, 1)), max_size=2).map(tuple),
        languages=st.sampled_from([(), ("en",), ("de", "fr")]),
    ),
    completeness=st.builds(Completeness, page_number=st.none() | st.integers(), is_whole=st.booleans()),
    is_part=st.booleans(),
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(thread_pages, max_size=2).map(tuple))
def test_items_come_back_from_lines_exactly_as_they_were(items: tuple[ThreadPage, ...]) -> None:
    back = value_of(iter(lines_of(items)))
    assert back == items
    assert repr([page.comments for page in back]) == repr([page.comments for page in items])


def test_two_halves_of_a_pair_that_stand_apart_do_not_become_one_letter() -> None:
    halves = Icon(name="\ud83d" + "\ude00")
    assert value_of(iter(lines_of(halves))) == halves
    assert len(value_of(iter(lines_of(halves))).name) == 2


def test_what_is_read_is_no_code() -> None:
    line = b'{"":"cli.process:run"}\n'
    with pytest.raises((ValueError, AttributeError)):
        value_of(iter([line]))


def test_pages_of_the_usual_kinds_are_light() -> None:
    found = [page_of(told.parent) for told in SITES.glob("*/*/page.json")]
    assert len(found) > 200
    assert all(map(is_light, found))


@pytest.mark.parametrize(
    "body",
    [
        b"x" * (1 << 21),
        b"<p>" * 30_000,
        b"[" * 200_000,
        b"<p " + b"".join(b"a%d=x " % number for number in range(60_000)) + b">",
        b"<p " + b"".join(b"""a%d='>'""" % number for number in range(60_000)) + b">",
    ],
)
def test_what_may_be_costly_is_heavy(body: bytes) -> None:
    assert not is_light(Page(None, body))


def spinning(page: Page) -> None:
    while True:
        pass


def hoarding(page: Page) -> None:
    held = []
    while True:
        held.append(bytearray(1 << 20))


def descriptors(page: Page) -> tuple[str, ...]:
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            continue
    return tuple(found)


for _work in (spinning, hoarding, descriptors):
    _work.__module__ = "belowtheline.scraper.page_work"  # a work is found by module and name


BOUNDED = """
import sys
sys.path.insert(0, {root!r})
from belowtheline.scraper import page_work
import tests.scraper.test_apart as works
for work in (works.spinning, works.hoarding, works.descriptors):
    setattr(page_work, work.__qualname__, work)
from belowtheline.scraper.apartprocess import main
main()
"""


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch, heavy: None) -> None:
    """Let the process know the works of these tests."""
    monkeypatch.setattr(apart, "_ENTRY", BOUNDED.format(root=str(Path(__file__).parents[2])))


@pytest.mark.usefixtures("works")
def test_a_work_without_end_ends_at_its_bound_of_cpu_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "bound", Bound(cpu_seconds=1))
    with pytest.raises(TooCostly, match=r"https://lwn.net/.* takes more than 1 seconds of CPU time") as caught:
        ask(spinning, Page(URL, b"x"))
    assert caught.value.reason == "too costly"


@pytest.mark.usefixtures("works")
def test_a_page_that_is_too_costly_once_is_so_whatever_else_is_asked_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "bound", Bound(seconds=1))
    page = Page(URL, b"x")
    with one_process():
        for work in (spinning, descriptors):
            with pytest.raises(TooCostly, match="takes more than 1 seconds to read"):
                ask(work, page)


@pytest.mark.usefixtures("works")
def test_a_work_that_takes_all_memory_ends_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "bound", Bound(memory_mb=150))
    with pytest.raises(TooCostly, match="takes more than 150 MB of memory"):
        ask(hoarding, Page(URL, b"x"))


@pytest.mark.parametrize("entry", ["raise SystemExit(1)", "import belowtheline.none_of_ours", "1 ("])
@pytest.mark.usefixtures("heavy")
def test_a_process_that_does_not_start_is_no_costly_page(monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    monkeypatch.setattr(apart, "_ENTRY", entry)
    with pytest.raises(RuntimeError, match="could not be started to read https://lwn"):
        ask(descriptors, Page(URL, b"x"))


@pytest.mark.usefixtures("works")
def test_nothing_of_ours_is_open_in_the_process(tmp_path: Path) -> None:
    with Archive.create_or_open(tmp_path / "a.db"):
        found = ask(descriptors, Page(URL, b"x"))
    assert found
    assert not any(str(tmp_path) in name for name in found)


@pytest.mark.usefixtures("works")
def test_the_process_ends_when_the_command_does() -> None:
    async def both() -> None:
        reading = asyncio.create_task(ask_aside(spinning, Page(URL, b"x")))
        while not any(process._child for process in apart._under_way):
            await asyncio.sleep(0.02)  # other work goes on meanwhile
        end_all()
        with pytest.raises(Ended):
            await reading

    asyncio.run(both())
    assert not apart._under_way


ORPHAN = """
import sys
sys.path.insert(0, {root!r})
import tests.scraper.test_apart as t
from belowtheline.scraper import apart
from belowtheline.reading.page import Page
from threading import Thread
apart._LIGHT_BYTES, apart._ENTRY = -1, t.BOUNDED.format(root={root!r})
Thread(target=lambda: apart.ask(t.spinning, Page(t.URL, b"x")), daemon=True).start()
while not any(process._child for process in list(apart._under_way)):
    pass
print(next(iter(apart._under_way))._child.pid, flush=True)
sys.stdin.read()
"""


def test_the_process_ends_with_its_parent_however_that_ends() -> None:
    line = [sys.executable, "-c", ORPHAN.format(root=str(Path(__file__).parents[2]))]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait(60)
    if not wait_until(lambda: not is_running(child)):
        os.kill(child, signal.SIGKILL)
        pytest.fail("the process outlives its parent")


@pytest.mark.usefixtures("heavy")
@pytest.mark.parametrize("memories", [(40, 200), pytest.param(range(56, 200, 2), marks=pytest.mark.long)])
@pytest.mark.parametrize("deep", ["", "<div>" * 3000])
def test_a_page_is_read_whole_or_not_at_all_however_little_memory_there_is(
    monkeypatch: pytest.MonkeyPatch, deep: str, memories: Iterable[int]
) -> None:
    box = page_of(SITES / "lwn/boxes-in-div-comment")
    body = box.body.replace(b"</body>", b"<p>words of kettles</p>" * 40_000 + deep.encode() + b"</body>")
    page = Page(box.url, body, box.content_type, box.fetched_at)
    whole = threads_on(page, "lwn")
    ended = set()
    for memory in memories:
        monkeypatch.setattr(apart, "bound", Bound(memory_mb=memory))
        try:
            assert ask(threads_on, page, "lwn") == whole
            ended.add("whole")
        except TooCostly:
            ended.add("too costly")
    assert ended == {"whole", "too costly"}


LIMITED = """
from belowtheline.scraper import apart
apart.bound = apart.Bound(memory_mb=60)
"""
PAGE = topic([post(1, "Mine never updated."), post(2, "Mine did.", answers=1)])
BOMB = PAGE.replace(b"</body>", b"<a>" * 250_000 + b"</body>")
DEEP = PAGE.replace(b"</body>", b"<b>" * 21_000 + b"</body>")


def path_of(name: str) -> str:
    return f"/forum/all/2025/03/14/{name}/"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def test_a_crawl_fails_what_is_too_costly_and_goes_on(tmp_path: Path, server: Loopback) -> None:
    archive, names = tmp_path / "a.db", ("bomb", "kettle", "deep")
    for name, body in zip(names, (BOMB, PAGE, DEEP), strict=True):
        server.answers[path_of(name)] = response(body)
    ended = crawl(archive, *(server.url(path_of(name)) for name in names), change=LIMITED)
    assert ended.code == 3
    assert pages(archive) == [("failed", "too costly"), ("done", None), ("failed", "too costly")]
    assert "takes more than 60 MB of memory to read" in ended.err
    assert "nests deeper than 20000 levels" in ended.err
    assert value(archive, "SELECT count(*) FROM pages WHERE capture_id IS NULL") == 0
    assert value(archive, "SELECT count(*) FROM comments") == 2


def test_ingest_and_try_say_what_is_too_costly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "bound", Bound(memory_mb=60))
    files = []
    for name, body in (("bomb", BOMB), ("deep", DEEP), ("kettle", PAGE)):
        files.append(tmp_path / f"{name}.html")
        files[-1].write_bytes(body)
    archive, runner = tmp_path / "a.db", CliRunner()
    result = runner.invoke(main, ["ingest", str(archive), *map(str, files)])
    assert result.exit_code == 3, result.output
    assert rows(archive, "SELECT state, reason FROM pages ORDER BY state, reason") == [
        ("done", None),
        ("failed", "too costly"),
        ("failed", "too costly"),
    ]
    assert value(archive, "SELECT count(*) FROM pages WHERE capture_id IS NULL") == 0
    tried = runner.invoke(main, ["try", str(files[0])])
    assert tried.exit_code == 3
    assert "takes more than 60 MB of memory" in tried.stderr
