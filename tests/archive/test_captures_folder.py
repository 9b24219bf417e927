"""The folder that the captures of an archive belong to."""

import shutil
from pathlib import Path

import pytest

from belowtheline.archive.fixity.verify import verify
from tests.held_sample import btl, copied, new_page, relative


@pytest.fixture
def archive(tmp_path: Path, sample_archive: Path) -> Path:
    return copied(sample_archive, tmp_path)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return new_page(tmp_path)


def as_before(archive: Path) -> Path:
    """Give an archive the folder that an older version gave it."""
    return archive.with_name("a.db.captures").rename(archive.with_name("a.captures"))


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_two_archives_of_one_stem_share_no_folder(tmp_path: Path, page: Path) -> None:
    for name in ("reg.db", "reg.sqlite", "reg"):
        assert btl("ingest", tmp_path / name, page)[0] == 0
    assert {path.name for path in tmp_path.glob("*.captures")} == {
        f"{name}.captures" for name in ("reg.db", "reg.sqlite", "reg")
    }
    for name in ("reg.db", "reg.sqlite", "reg"):
        assert verify(tmp_path / name, [], 7).defects == []


def test_an_archive_of_an_older_version_keeps_its_folder(archive: Path, page: Path) -> None:
    older = as_before(archive)
    before = names_in(older)
    assert btl("reparse", archive, "--diff")[0] == 0
    assert btl("ingest", archive, page)[0] == 0
    assert len(names_in(older) - before) == 1
    assert not archive.with_name("a.db.captures").exists()
    assert verify(archive, [], 7).defects == []
    assert verify(archive, [], 7).files == len(names_in(older))
    warc = next(iter(names_in(older) - before))
    (older / warc).unlink()
    assert {defect.code for defect in verify(archive, [], 7).defects} == {"C01"}


def test_two_older_archives_that_share_a_folder_do_no_harm_to_each_other(archive: Path, page: Path) -> None:
    older, other = as_before(archive), archive.with_name("a.sqlite")
    shutil.copy(archive, other)
    before = {path.name: path.read_bytes() for path in older.iterdir()}
    for one in (archive, other):
        assert btl("ingest", one, page)[0] == 0
        assert len(names_in(one.with_name(f"{one.name}.captures"))) == 1
    assert {path.name: path.read_bytes() for path in older.iterdir()} == before
    for one in (archive, other):
        assert verify(one, [], 7).defects == []
        assert btl("reparse", one, "--diff")[0] == 0


def test_a_new_archive_takes_no_folder_that_was_left_behind(archive: Path, page: Path) -> None:
    older = as_before(archive)
    before = names_in(older)
    archive.unlink()
    assert btl("ingest", archive, page)[0] == 0
    assert names_in(older) == before
    assert len(names_in(archive.with_name("a.db.captures"))) == 1


def test_captures_that_an_older_version_put_beside_a_link_are_read_by_it(archive: Path, tmp_path: Path) -> None:
    link = relative(archive)
    archive.with_name("a.db.captures").rename(tmp_path / "relative.captures")
    assert verify(link, [], 7).defects == []
    assert btl("reparse", link, "--diff")[0] == 0
