"""Flipped bits, cut and missing files: every change of content is named, and nothing is named that has not changed."""

import hashlib
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner

from belowtheline.archive.fixity.defects import CODES
from belowtheline.archive.fixity.verify import verify
from belowtheline.archive.store.seals import SEALED
from belowtheline.authoring.cases import body_of
from belowtheline.cli import main
from belowtheline.jobs.ingest import ingest
from belowtheline.reading.errors import StorageError
from tests.altered import FAILED, copy_of
from tests.faults.conftest import Figure
from tests.faults.mutation import SITES

CHANGES = [150, pytest.param(10_000, marks=pytest.mark.long)]
CLEAN = [12, pytest.param(1_000, marks=pytest.mark.long)]
EXPORT = "out.csv"


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of copies are made."""
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def whole(sample_archive: Path, memory: Path) -> Path:
    """A folder with an archive, its captures and an export with its checksum."""
    archive = copy_of(sample_archive, memory / "whole")
    assert run("export", "csv", archive, "-o", archive.with_name(EXPORT), "--checksum") == 0
    return archive.parent


def run(*arguments: object) -> int:
    return CliRunner().invoke(main, [*map(str, arguments)], catch_exceptions=False).exit_code


def codes_of(folder: Path) -> Counter[str]:
    """Return the codes of what a verification names; an archive that cannot be opened is named by its error."""
    try:
        found = verify(folder / "sample.db", [folder / EXPORT], FAILED)
    except StorageError:
        return Counter(["refused"])
    return Counter(defect.code for defect in found.defects)


def content(folder: Path) -> str | None:
    """Return the hash of all rows, of what the captures hold and of the export; None where they cannot be read."""
    digest = hashlib.sha256()
    try:
        with closing(sqlite3.connect(f"{(folder / 'sample.db').as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            for table in SEALED:
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY id"):
                    digest.update(repr(row).encode())
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".gz", ".csv"):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def flip(rng: random.Random, file: Path) -> None:
    """Flip one bit, nearly always of a byte that is not zero: most of a small database is empty."""
    held = bytearray(file.read_bytes())
    place = next((place for _ in range(6) if held[place := rng.randrange(len(held))]), 0) or rng.randrange(len(held))
    held[place] ^= 1 << rng.randrange(8)
    file.write_bytes(held)


def cut(rng: random.Random, file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(rng.randrange(file.stat().st_size))


def remove(_: random.Random, file: Path) -> None:
    file.unlink()


KINDS: dict[str, tuple[Callable[[random.Random, Path], None], str, int]] = {
    "bit of the database": (flip, "sample.db", 60),
    "bit of the captures": (flip, "sample.db.captures/run-000001.warc.gz", 20),
    "bit of an export": (flip, EXPORT, 8),
    "cut database": (cut, "sample.db", 4),
    "cut captures": (cut, "sample.db.captures/run-000001.warc.gz", 4),
    "cut export": (cut, EXPORT, 2),
    "no captures": (remove, "sample.db.captures/run-000001.warc.gz", 1),
    "no export": (remove, EXPORT, 1),
}
"""What is done, to which file, and how often of a hundred times."""


@pytest.mark.parametrize("changes", CHANGES)
def test_every_change_of_content_is_named(whole: Path, memory: Path, figure: Figure, changes: int) -> None:
    rng = random.Random(changes)
    before, unnamed = content(whole), []
    done, changed, codes = Counter[str](), Counter[str](), Counter[str]()
    weights = [weight for *_, weight in KINDS.values()]
    for number in range(changes):
        (kind,) = rng.choices(list(KINDS), weights)
        change, name, _ = KINDS[kind]
        folder = memory / "changed"
        shutil.copytree(whole, folder)
        change(rng, folder / name)
        is_changed = content(folder) != before
        found = codes_of(folder)
        done[kind] += 1
        changed[kind] += is_changed
        codes.update(found.keys())
        if is_changed and not found:
            unnamed.append((number, kind))
        shutil.rmtree(folder)
    assert unnamed == []
    assert set(codes) <= {*CODES, "refused"}
    told = ", ".join(f"{kind} {changed[kind]} of {done[kind]}" for kind in KINDS)
    figure(f"changes: {changes}, of content {changed.total()}, all named ({told})")
    figure(f"changes, how often each code: {dict(sorted(codes.items()))}")


@pytest.mark.parametrize("runs", CLEAN)
def test_nothing_is_named_that_has_not_changed(memory: Path, figure: Figure, runs: int) -> None:
    """Each archive holds other pages of other sites; it is verified after each thing that is done with it."""
    rng = random.Random(runs)
    pages = [body_of(told.parent) for told in sorted(SITES.glob("*/*/page.json"))]
    clean = archives = 0
    while clean < runs:
        archive = memory / str(archives) / "a.db"
        archive.parent.mkdir()
        archives += 1
        for step in range(4):
            if step % 2 == 0:
                taken = [str(page) for page in rng.sample(pages, 3)]
                ingest(archive, taken, fetched_at=rng.choice((None, "2025-05-05T10:00:00Z", "2026-01-05T10:00:00Z")))
            else:
                run(rng.choice(("link", "status", "reparse")), archive)
            assert verify(archive, [], FAILED).defects == []
            clean += 1
        shutil.rmtree(archive.parent)
    figure(f"clean verifications: {clean} of {archives} archives, 0 false alarms")
