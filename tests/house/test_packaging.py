"""The wheel holds every package, the entry points work, and nothing heavy is imported for a help page."""

import doctest
import json
import os
import subprocess
import sys
import sysconfig
import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import click
import pytest

from tests.conftest import QUICK

ROOT = Path(__file__).parents[2]
PACKAGES = ("archive", "authoring", "cli", "demo", "exports", "jobs", "pipelines", "reading", "scraper", "sites")


def run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, check=False)


@pytest.mark.checkout
def test_every_package_is_listed() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {
        "belowtheline." + ".".join(file.parent.relative_to(ROOT).parts)
        for top in PACKAGES
        for file in (ROOT / top).rglob("__init__.py")
    }
    assert set(listed) == found


def test_what_is_tested_is_what_is_installed_here() -> None:
    """`.ci/run` tests the wheel: nothing of the checkout beside the tests may stand in for what a wheel lacks."""
    installed = Path(sysconfig.get_path("purelib"))
    home = ROOT if any(installed.glob("__editable__*belowtheline*")) else installed / "belowtheline"
    for top in PACKAGES:
        assert Path(str(import_module(f"belowtheline.{top}").__file__)) == home / top / "__init__.py"


def test_what_is_quick_is_there() -> None:
    assert {file.stem for file in (ROOT / "tests").rglob("test_*.py")} >= QUICK


def modules() -> list[str]:
    names = []
    for top in PACKAGES:
        package = import_module(f"belowtheline.{top}")
        names += [
            package.__name__,
            *(module.name for module in walk_packages(package.__path__, package.__name__ + ".")),
        ]
    return names


@pytest.mark.parametrize("name", modules())
def test_doctests_hold(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0


def test_scrapy_finds_the_spiders() -> None:
    listed = run(sys.executable, "-m", "scrapy", "list", cwd=ROOT)
    assert listed.stdout.split() == ["single", "threads"], listed.stderr


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, json; from click.testing import CliRunner; from belowtheline.cli import main;"
        "result = CliRunner().invoke(main, ['--help']); assert result.exit_code == 0, result.output;"
        "print(json.dumps(sorted(sys.modules)))"
    )
    names = set(json.loads(run(sys.executable, "-c", code).stdout))
    assert not names & {"scrapy", "twisted", "datasette", "lxml", "sqlite_utils", "nh3", "dateparser", "warcio"}


def test_every_command_has_help() -> None:
    from belowtheline.cli import COMMANDS, main

    for name in COMMANDS:
        command = main.commands.get(name) or main.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.help, name
        options = [option for option in command.params if isinstance(option, click.Option)]
        assert all(option.help for option in options), name


def test_demo_does_the_main_job(tmp_path: Path) -> None:
    ended = run(
        sys.executable, "-c", "from belowtheline.cli import run; run()", "demo", str(tmp_path / "demo"), cwd=tmp_path
    )
    assert ended.returncode == 0, ended.stderr
    assert {file.name for file in (tmp_path / "demo").iterdir()} >= {
        "demo.db",
        "demo.db.captures",
        "comments.csv",
        "comments.json",
    }
    assert len(json.loads((tmp_path / "demo" / "comments.json").read_text())["articles"]) >= 3
    assert " status " in ended.stderr


@pytest.mark.checkout
@pytest.mark.skipif(os.name != "posix", reason="the script is a POSIX shell's")
def test_install_says_what_is_missing_when_there_is_neither_uv_nor_venv(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\ncase "$2" in *version*) exit 0;; *) exit 1;; esac\n')
    python.chmod(0o755)
    environment = {"PATH": "/usr/bin:/bin", "PYTHON": str(python), "VENV": str(tmp_path / "venv")}
    ended = subprocess.run(
        ["sh", ROOT / ".ci/install", "-e", "."], env=environment, capture_output=True, text=True, check=False
    )
    if "uv" in ended.stdout:
        pytest.skip("uv is in the system's own path")
    assert ended.returncode == 2
    assert "python3-venv" in ended.stderr


@pytest.mark.checkout
@pytest.mark.parametrize("can_install", [True, False])
def test_packages_that_cannot_be_had_are_a_warning(tmp_path: Path, can_install: bool) -> None:
    said = {"id": "echo 0", "apt-get": "exit 100"} if can_install else {"id": "echo 1000"}
    for name, does in said.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    command = ["/bin/sh", str(ROOT / ".ci/system")]
    ended = subprocess.run(
        command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0
    assert "warning: chromium" in ended.stderr
    assert "the tests that want them are skipped" in ended.stderr
