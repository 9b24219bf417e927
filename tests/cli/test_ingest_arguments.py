"""What `btl ingest` and `btl crawl` refuse before anything is started or made, and what they suggest instead."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.cli import main
from tests.blogs import blog

PAGE = blog("The lid leaks.", "Mine pours.")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [os.fspath(argument) for argument in arguments])


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a page, a folder of pages and an archive."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "saved").mkdir()
    for name in ("saved.html", "saved/Page-One.html", "saved/two.html"):
        (tmp_path / name).write_text(PAGE)
    assert run("ingest", "elreg.db", "saved.html").exit_code == 0
    return tmp_path


@pytest.mark.parametrize(
    ("given", "suggested"),
    [
        ("savd.html", "saved.html"),
        ("saved.htm", "saved.html"),
        ("SAVED.HTML", "saved.html"),
        ("saved/page-one.html", "saved/Page-One.html"),
        ("saved/Page-Onee.html", "saved/Page-One.html"),
        ("savde/two.html", "saved"),
        ("save", "saved"),
    ],
)
def test_a_mistyped_path_starts_nothing_and_suggests_one(folder: Path, given: str, suggested: str) -> None:
    before = tree(folder)
    result = run("ingest", "new.db", "saved.html", given)
    assert result.exit_code == 2
    assert f"{given} does not exist: did you mean {suggested}?" in result.stderr
    assert tree(folder) == before


def test_try_suggests_a_name_too(folder: Path) -> None:
    result = run("try", "savd.html")
    assert result.exit_code == 2
    assert "savd.html cannot be read (No such file or directory): did you mean saved.html?" in result.stderr


def test_a_path_like_nothing_is_named(folder: Path) -> None:
    result = run("ingest", "new.db", "qqq/zzz.html", "saved.html")
    assert result.exit_code == 2
    assert "qqq/zzz.html does not exist: check its name" in result.stderr
    assert "`btl crawl` fetches addresses" in run("ingest", "new.db", "https://kettleblog.example/").stderr
    assert "`btl crawl` fetches addresses" in run("ingest", "new.db", "www.kettleblog.example/a").stderr
    assert "`btl ingest` reads files" in run("crawl", "new.db", "saved.html").stderr
    assert run("ingest", "new.db", "bad\0name.html").exit_code == 2
    (folder / "link.html").symlink_to("nowhere.html")
    assert "link.html does not exist, since it links to nothing" in run("ingest", "new.db", "link.html").stderr
    assert not (folder / "new.db").exists()


def test_an_empty_argument_is_no_folder(folder: Path) -> None:
    result = run("ingest", "elreg.db", "saved.html", "")
    assert (result.exit_code, "paths is empty" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "url", ["kettleblog.example/a", "not an address", "http://[::1/", "http://a:99999/", "file:///a"]
)
def test_an_address_of_a_page_is_one(folder: Path, url: str) -> None:
    result = run("ingest", "new.db", "saved.html", "--url", url)
    assert (result.exit_code, "is no web address" in result.stderr) == (2, True)
    assert not (folder / "new.db").exists()


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("ingest", "saved.html", "elreg.db"), "btl ingest elreg.db saved.html"),
        (("ingest", "saved.html", "new.db"), "btl ingest new.db saved.html"),
        (("ingest", "gone.html", "elreg.db"), "btl ingest elreg.db gone.html"),
        (("ingest", "saved.html", "saved/two.html", "elreg.db"), "btl ingest elreg.db saved.html saved/two.html"),
        (("ingest", "saved", "elreg.db"), "btl ingest elreg.db saved"),
        (("ingest", "saved.html", "saved/two.html"), "btl ingest archive.db saved.html saved/two.html"),
        (("ingest", "captures.warc.gz", "elreg.db"), "btl ingest elreg.db captures.warc.gz"),
        (("ingest", "page.mhtml", "saved.html"), "btl ingest archive.db page.mhtml saved.html"),
        (("ingest", "https://kettleblog.example/a", "elreg.db"), "btl crawl elreg.db https://kettleblog.example/a"),
        (("crawl", "https://kettleblog.example/a", "elreg.db"), "btl crawl elreg.db https://kettleblog.example/a"),
        (("crawl", "http://127.0.0.1:9/a"), "btl crawl archive.db http://127.0.0.1:9/a"),
        (("crawl", "saved.html", "http://127.0.0.1:9/"), "btl crawl archive.db http://127.0.0.1:9/"),
    ],
)
def test_arguments_in_the_wrong_order_are_recognised(folder: Path, arguments: tuple[str, ...], meant: str) -> None:
    before = tree(folder)
    result = run(*arguments)
    assert result.exit_code == 2
    assert f"the archive comes first: did you mean `{meant}`?" in " ".join(result.stderr.split())
    assert tree(folder) == before
    assert (folder / "saved.html").read_text() == PAGE


@pytest.mark.parametrize("name", ["archive", "elreg.db", "my.archive", "2024.sqlite", "kettles.v2"])
def test_any_other_name_is_one_for_an_archive(folder: Path, name: str) -> None:
    assert run("ingest", name, "saved.html").exit_code == 0


def test_an_archive_among_the_pages_is_refused(folder: Path) -> None:
    result = run("ingest", "new.db", "saved.html", "elreg.db")
    assert result.exit_code == 2
    assert "elreg.db is a database, not a page" in result.stderr
    assert not (folder / "new.db").exists()


def ahead(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


@pytest.mark.parametrize("command", [("ingest", "new.db"), ("try",)])
@pytest.mark.parametrize(("hours", "code"), [(72, 2), (600_000, 2), (6, 0), (0, 0)])
def test_a_fetch_in_the_future_is_refused(folder: Path, command: tuple[str, ...], hours: int, code: int) -> None:
    when = ahead(hours=hours)
    result = run(*command, "saved.html", "--fetched-at", when)
    assert result.exit_code == code, result.output
    assert ("is in the future" in result.stderr) is (code == 2)
    assert (folder / "new.db").exists() is (code == 0 and command[0] == "ingest")


def test_what_is_no_file_in_a_folder_is_named(folder: Path) -> None:
    (folder / "saved" / "link.html").symlink_to("nowhere.html")
    result = run("ingest", "elreg.db", "saved")
    assert result.exit_code == 0
    assert "link.html was skipped, since it is no file, or links to none." in result.stderr
