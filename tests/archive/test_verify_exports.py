"""Exported files with a checksum beside them, which `btl verify` and `sha256sum` read."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.altered import copy_of, flip
from tests.loopback import btl


@pytest.fixture
def exported(sample_archive: Path, tmp_path: Path) -> tuple[Path, Path]:
    archive, file = copy_of(sample_archive, tmp_path), tmp_path / "comments of kettles.csv"
    assert btl("export", "csv", archive, "-o", file, "--checksum").code == 0
    return archive, file


def test_the_checksum_is_that_of_the_file(exported: tuple[Path, Path]) -> None:
    _, file = exported
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.with_name(file.name + ".sha256").read_text() == f"{digest}  {file.name}\n"


def test_sha256sum_reads_it(exported: tuple[Path, Path]) -> None:
    if not shutil.which("sha256sum"):
        pytest.skip("there is no sha256sum")
    _, file = exported
    subprocess.run(["sha256sum", "--check", f"{file.name}.sha256"], cwd=file.parent, check=True, capture_output=True)


def test_an_unchanged_file_has_no_defect_and_a_flipped_bit_is_named(exported: tuple[Path, Path]) -> None:
    archive, file = exported
    assert btl("verify", archive, "--file", file).code == 0
    flip(file, file.stat().st_size // 2)
    ended = btl("verify", archive, "--file", file)
    assert ended.code == 7
    assert ended.out.startswith(f"F01  {file}: ")


def test_a_missing_file_is_named(exported: tuple[Path, Path]) -> None:
    archive, file = exported
    file.unlink()
    ended = btl("verify", archive, "--file", file)
    assert (ended.code, ended.out[:3]) == (7, "F02")


def test_a_checksum_that_is_none_is_named(exported: tuple[Path, Path]) -> None:
    archive, file = exported
    file.with_name(file.name + ".sha256").write_text("kettle")
    assert btl("verify", archive, "--file", file).out.startswith("F01")


def test_a_file_without_a_checksum_is_said_with_the_next_step(exported: tuple[Path, Path]) -> None:
    archive, file = exported
    ended = btl("verify", archive, "--file", file.with_name("other.csv"))
    assert ended.code == 6
    assert "--checksum" in ended.err


@pytest.mark.parametrize("output", [(), ("-o", "-")])
def test_a_checksum_needs_a_file(exported: tuple[Path, Path], output: tuple[str, ...]) -> None:
    ended = btl("export", "csv", exported[0], "--checksum", *output)
    assert (ended.code, ended.out) == (2, "")
