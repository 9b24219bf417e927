"""The sample archive under other names, with its captures, and commands on it in this process."""

import os
import shutil
from pathlib import Path

from click.testing import CliRunner

from belowtheline.cli import main
from belowtheline.reading.errors import StorageError
from tests.made_up import Post, as_html

WRITTEN = "is being written by another btl"


def btl(*arguments: object) -> tuple[int, str]:
    """Run a command in this process; return its exit code and what it says."""
    ended = CliRunner().invoke(main, list(map(str, arguments)))
    assert not ended.exception or isinstance(ended.exception, SystemExit | StorageError), ended.exception
    return (6 if isinstance(ended.exception, StorageError) else ended.exit_code), f"{ended.output}{ended.exception}"


def copied(sample: Path, folder: Path) -> Path:
    """Return a copy of the sample in a folder, with its captures."""
    held = folder / "held" / "a.db"
    held.parent.mkdir()
    shutil.copy(sample, held)
    shutil.copytree(sample.with_name("sample.db.captures"), held.with_name("a.db.captures"))
    return held


def new_page(folder: Path) -> Path:
    """Return a page that no archive holds yet."""
    page = folder / "page.html"
    page.write_text(as_html([Post(id="900", body="Nobody has said this before.")]))
    return page


def hard(archive: Path) -> Path:
    other = archive.with_name("hard.db")
    os.link(archive, other)
    return other


def relative(archive: Path) -> Path:
    other = archive.parent.parent / "relative.db"
    other.symlink_to(Path("held", "a.db"))
    return other


def chained(archive: Path) -> Path:
    other = archive.with_name("chained.sqlite")
    other.symlink_to(relative(archive))
    return other


def by_folder(archive: Path) -> Path:
    folder = archive.parent.parent / "folder"
    folder.symlink_to(archive.parent)
    return folder / "a.db"


def with_dots(archive: Path) -> Path:
    return archive.parent / ".." / "held" / "." / "a.db"
