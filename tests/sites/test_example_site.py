"""Sites of other packages: the example is installed and used as anybody would, and an unfit one takes nobody down."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installing import install

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-site"
CASE = EXAMPLE / "tests" / "a-reply-and-a-deleted-post"
FETCHED = ("--fetched-at", "2026-02-02T09:00Z")

Ended = subprocess.CompletedProcess[str]

pytestmark = pytest.mark.skipif(not EXAMPLE.is_dir(), reason="the example stands in the repository, not in a wheel")


def run(*command: str, path: Path, cwd: Path | None = None) -> Ended:
    environment = os.environ | {"PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def btl(*arguments: str, path: Path) -> Ended:
    return run(sys.executable, "-c", "from belowtheline.cli import run; run()", *arguments, path=path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the example was installed."""
    target = tmp_path_factory.mktemp("example") / "site-packages"
    install(EXAMPLE, target)
    return target


def a_package(folder: Path, name: str, entry: str, module: str = "") -> None:
    """Put a package into a folder as installers do: its module, its name and its entry point."""
    (folder / f"{name}-1.0.dist-info").mkdir(parents=True)
    (folder / f"{name}-1.0.dist-info" / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / f"{name}-1.0.dist-info" / "entry_points.txt").write_text(f"[belowtheline.sites]\n{entry}\n")
    (folder / f"{name}_module.py").write_text(module)


def test_the_example_is_listed_with_the_other_sites(installed: Path) -> None:
    ended = btl("sites", "--json", path=installed)
    assert (ended.returncode, ended.stderr) == (0, "")
    names = [site["name"] for site in json.loads(ended.stdout)]
    assert {"chalkboard", "theregister"} <= set(names)


def test_the_example_reads_its_page(installed: Path) -> None:
    ended = btl("try", str(CASE / "page.html"), *FETCHED, path=installed)
    assert ended.returncode == 0, ended.stderr
    (page,) = json.loads(ended.stdout)
    assert (page["thread"]["site"], page["thread"]["native_id"]) == ("chalkboard", "41")
    assert [comment.get("deletion") for comment in page["comments"]] == [None, "unknown", None]


def test_the_example_is_ingested_and_exported(installed: Path, tmp_path: Path) -> None:
    archive = str(tmp_path / "chalk.db")
    taken = btl("ingest", archive, str(CASE / "page.html"), *FETCHED, path=installed)
    assert taken.returncode == 0, taken.stderr
    exported = btl("export", "jsonl", archive, path=installed)
    rows = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [row["author"] for row in rows if row.get("author")] == ["Ottoline", "Percival"]
    assert len(rows) == 3


def test_without_the_package_its_page_is_nobodys(tmp_path: Path) -> None:
    ended = btl("try", str(CASE / "page.html"), *FETCHED, path=tmp_path)
    assert ended.returncode == 2
    assert "No site" in ended.stderr


def test_the_examples_own_tests_pass(installed: Path) -> None:
    ended = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", path=installed, cwd=EXAMPLE)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_examples_tests_fail_where_the_page_is_read_otherwise(installed: Path, tmp_path: Path) -> None:
    copied = tmp_path / "tests"
    shutil.copytree(EXAMPLE / "tests", copied)
    page = copied / CASE.name / "page.html"
    page.write_text(page.read_text().replace("Ottoline", "Otto"))
    ended = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(copied), path=installed)
    assert ended.returncode == 1, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("import a_module_that_is_nowhere\n", "No module named 'a_module_that_is_nowhere'"),
        ("class Site(:\n", "SyntaxError"),
        ("raise RuntimeError('the moon\\nis in the wrong phase')\n", "RuntimeError: the moon is in the wrong phase"),
        ("Penny = 3\n", "no subclass of belowtheline.sites.site.Site"),
        ("", "has no attribute 'Penny'"),
        ("from belowtheline.sites.site import Site\nclass Penny(Site):\n    pass\n", "does not define claims"),
    ],
    ids=["missing-import", "syntax", "raises", "no-class", "no-attribute", "abstract"],
)
def test_a_package_that_cannot_be_used_is_named_and_the_others_work(tmp_path: Path, module: str, reason: str) -> None:
    a_package(tmp_path, "penny", "penny = penny_module:Penny", module)
    ended = btl("sites", "--json", path=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "theregister" in {site["name"] for site in json.loads(ended.stdout)}
    (line,) = ended.stderr.splitlines()
    assert line.startswith("The package penny offers a site that cannot be used, penny = penny_module:Penny (")
    assert reason in line
    assert line.endswith("update or uninstall it; all other sites work.")


_TAKEN = """
from belowtheline.sites.lwn import Lwn

class Mine(Lwn):
    name = "{name}"
    title = "Mine"
"""


def test_a_class_that_does_not_say_all_is_named(tmp_path: Path) -> None:
    module = (CASE.parents[1] / "belowtheline_chalkboard.py").read_text().replace("    counts =", "    count_is =")
    a_package(tmp_path, "penny", "penny = penny_module:Chalkboard", module)
    ended = btl("sites", "--json", path=tmp_path)
    assert ended.returncode == 0
    assert "does not declare counts" in ended.stderr


def test_a_name_that_is_taken_stays_with_the_first_and_both_are_named(tmp_path: Path) -> None:
    a_package(tmp_path, "zeta", "lwn = zeta_module:Mine", _TAKEN.format(name="lwn"))
    a_package(tmp_path, "beta", "ours = beta_module:Mine", _TAKEN.format(name="ours"))
    a_package(tmp_path, "gamma", "ours = gamma_module:Mine", _TAKEN.format(name="ours"))
    ended = btl("sites", "--json", path=tmp_path)
    assert ended.returncode == 0, ended.stderr
    titles = {site["name"]: site["title"] for site in json.loads(ended.stdout)}
    assert (titles["lwn"], titles["ours"]) == ("LWN.net", "Mine")
    gamma, zeta = ended.stderr.splitlines()
    assert gamma.startswith("The site 'ours' of the package gamma is left out, since beta has a site of that name")
    assert zeta.startswith("The site 'lwn' of the package zeta is left out, since belowtheline has a site of that name")
