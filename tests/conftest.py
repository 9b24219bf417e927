"""What several tests share: an archive of the sample site's pages, and a browser."""

import os
import shutil
import signal
import subprocess
from importlib.resources import as_file, files
from pathlib import Path

import pytest

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_INSTALL = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"),
)
_INSTALL_SECONDS = 300


def pytest_configure() -> None:
    """Let Ctrl-C reach what the tests start, which a shell in the background keeps from its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the sample pages, HTML and copied text; for reading only."""
    from belowtheline.jobs.ingest import ingest

    path = tmp_path_factory.mktemp("archive") / "sample.db"
    with as_file(files("belowtheline.demo") / "pages") as pages:
        taken = sorted(str(page) for page in pages.iterdir() if page.suffix in (".html", ".txt"))
        ingest(path, taken, fetched_at="2025-05-05T10:00:00Z")
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, installed where that can be done; skips with a reason where there is none."""
    if found := _browser():
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip(
            f"there is no browser ({', '.join(_BROWSERS)}) and no right to install one: apt-get install chromium"
        )
    try:
        for command in _INSTALL:
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_SECONDS, env=environment)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"there is no browser, and chromium cannot be installed: {error}")
    return _browser() or pytest.skip("chromium was installed and is not on the path")


def _browser() -> str | None:
    return next((path for name in _BROWSERS if (path := shutil.which(name))), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update, which writes the expected reading of each page in tests/sites again."""
    parser.addoption("--update", action="store_true", help="write tests/sites/*/*/expected.json again")
