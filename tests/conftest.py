"""What several tests share: an archive of the sample site's pages, and a browser."""

import shutil
import signal
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from tests import later

QUICK = {
    "test_alignment", "test_charsets", "test_crawl", "test_exit_codes", "test_exports", "test_gaps", "test_ingest",
    "test_linking_explicit", "test_linking_quotes", "test_linking_replies", "test_log", "test_packaging", "test_page",
    "test_reading_commands", "test_safety", "test_show_tree", "test_site_hackernews", "test_sites",
    "test_theregister_pages", "test_theregister_posts",
}  # fmt: skip
"""What `make test-quick` runs: of every room the tests that most mistakes are found by, in a minute or so."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(autouse=True)
def clock_is_right() -> Iterator[None]:
    """Let no test put the clock forward for the next one."""
    yield
    later.reset()


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
    """The path of a Chromium, which `make test` installs where it may; skips with a reason where there is none."""
    return _browser() or pytest.skip(f"there is no browser ({', '.join(_BROWSERS)}): apt-get install chromium")


def _browser() -> str | None:
    return next((path for name in _BROWSERS if (path := shutil.which(name))), None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --quick, and --update, which writes the expected reading of each page in tests/sites again."""
    parser.addoption("--quick", action="store_true", help="run the files that QUICK names in tests/conftest.py alone")
    parser.addoption("--update", action="store_true", help="write tests/sites/*/*/expected.json again")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files that --quick does not name."""
    is_left_out = config.getoption("quick") and collection_path.match("test_*.py") and collection_path.stem not in QUICK
    return is_left_out or None
