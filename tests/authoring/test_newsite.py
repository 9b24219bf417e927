"""`btl new-site`: what it writes, what it refuses, and that its test fails until a person has done the reading."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.authoring.cases import page_of
from belowtheline.authoring.guessing import Guess
from belowtheline.authoring.sitefiles import class_name, site_module
from belowtheline.cli import main
from belowtheline.demo.server import SampleSite
from belowtheline.reading.items import NOT_SHOWN
from tests.installing import install

ROOT = Path(__file__).parents[2]
URL = "https://gazette.example/2026/a-goat-on-the-roof/"
KETTLE = "/forum/all/2025/03/14/kettle_firmware/"

LETTERS = """<!DOCTYPE html>
<html><head><title>A goat on the roof - The Penny Gazette</title><script>follow("Ada Crumb")</script>
<style>.letter { margin: 0 }</style></head>
<body>
<h1>A goat on the roof</h1>
<ol id="letters" data-count="3">
<li class="letter" id="letter-17"><b class="by">Ada Crumb</b> <time datetime="2026-01-04T10:30:00+00:00">Sunday</time>
  <div class="said"><p>It was there <i>yesterday</i>, too.</p></div>
  <ol><li class="letter" id="letter-18"><b class="by">Bea Quill</b>
    <time datetime="2026-01-04T11:00:00+00:00">Sunday</time>
    <div class="said"><p>"It was there yesterday" &mdash; which roof, Ada Crumb?</p></div></li></ol></li>
<li class="letter" id="letter-19"><b class="by">Cy Drummond</b> <time datetime="2026-01-04T11:20:00+00:00">Sunday</time>
  <div class="said"><p>Mine, I am sorry to say.</p></div></li>
</ol>
</body></html>
"""
BARE = "<!DOCTYPE html>\n<html><title>Kettles</title><h1>Out of stock</h1><p>Come back tomorrow.</p></html>\n"


def new_site(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["new-site", *map(str, arguments)])


def run(
    *command: str, path: Path, cwd: Path, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1", **(more or {})}
    return subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def pytest_on(*arguments: str, path: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    line = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)
    return run(*line, path=path, cwd=cwd, more={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    path = tmp_path / "letters.html"
    path.write_text(LETTERS, encoding="utf-8")
    return path


@pytest.fixture
def package(letters: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    result = new_site("gazette", letters, "--url", URL, "--dir", folder)
    assert result.exit_code == 0, result.output
    return folder


def corrected(case: Path, module: Path) -> None:
    """Do what the person does: look at each value, take its mark away, and describe the site."""
    expected = case / "expected.json"
    expected.write_text(expected.read_text(encoding="utf-8").replace('"? ', '"'), encoding="utf-8")
    text = module.read_text(encoding="utf-8").replace("reads = ()", 'reads = ("articles with their letters",)')
    text = text.replace('counts = ""', 'counts = "all letters"').replace('end = ""', 'end = "one page holds them all"')
    module.write_text(text, encoding="utf-8")


def test_a_package_is_written_and_the_next_steps_are_said(letters: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a package"
    result = new_site("gazette", letters, "--url", URL, "--dir", folder)
    assert result.exit_code == 0
    assert result.stdout == ""
    written = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert written == {
        "pyproject.toml", "belowtheline_gazette.py", "tests/test_gazette.py",
        "tests/first/page.html", "tests/first/page.json", "tests/first/expected.json",
    }  # fmt: skip
    assert all(str(folder / file) in result.stderr for file in written)
    assert "Found 3 comments as .letter with author by, date time, body said." in result.stderr
    assert "1. Read " in result.stderr
    assert f"pip install -e '{folder}'" in result.stderr


def test_the_class_reads_what_was_guessed_on_the_small_page(package: Path) -> None:
    expected = json.loads((package / "tests/first/expected.json").read_text())
    (page,) = expected
    assert [comment["native_id"] for comment in page["comments"]] == ["? 17", "? 18", "? 19"]
    assert [comment.get("parent_native_id") for comment in page["comments"]] == [None, "? 17", None]
    assert page["comments"][0]["published_raw"] == "? 2026-01-04T10:30:00+00:00"
    assert page["thread"]["native_id"] == "? 2026/a-goat-on-the-roof"
    assert "completeness" not in page  # nothing proves the end as yet


def test_the_small_page_has_the_markup_and_nobodys_words(package: Path) -> None:
    page = page_of(package / "tests/first")
    assert page.url == URL
    text = page.text
    assert all(word not in text for word in ("Ada", "Crumb", "Bea", "Quill", "Cy ", "Drummond", "yesterday", "goat on"))
    assert "<script" not in text
    assert "<style" not in text
    assert text.count('class="letter"') == 3
    assert 'datetime="2026-01-04T10:30:00+00:00"' in text


def test_the_packages_tests_fail_until_a_person_has_read_the_page(package: Path, tmp_path: Path) -> None:
    target = tmp_path / "site-packages"
    install(package, target)
    before = pytest_on("tests", path=target, cwd=package)
    assert before.returncode == 1, before.stdout + before.stderr
    assert "2 failed" in before.stdout
    corrected(package / "tests/first", package / "belowtheline_gazette.py")
    shutil.copy(package / "belowtheline_gazette.py", target)
    after = pytest_on("tests", path=target, cwd=package)
    assert after.returncode == 0, after.stdout + after.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a checkout needs; `path` beside it is where Python finds it as belowtheline."""
    root, path = tmp_path / "checkout", tmp_path / "path"
    for folder in (
        "archive",
        "authoring",
        "cli",
        "demo",
        "exports",
        "jobs",
        "pipelines",
        "reading",
        "scraper",
        "sites",
    ):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tests" / "sites").mkdir(parents=True)
    for file in (
        "pyproject.toml",
        "tests/conftest.py",
        "tests/later.py",
        "tests/places.py",
        "tests/sites/test_sites.py",
    ):
        shutil.copy(ROOT / file, root / file)
    path.mkdir()
    (path / "belowtheline").symlink_to(root)
    return root


def test_in_a_checkout_the_files_go_where_its_sites_are_and_its_tests_fail(checkout: Path, letters: Path) -> None:
    path = checkout.parent / "path"
    btl = (sys.executable, "-c", "from belowtheline.cli import run; run()")
    ended = run(*btl, "new-site", "gazette", str(letters), "--url", URL, path=path, cwd=checkout / "tests")
    assert ended.returncode == 0, ended.stderr
    case = checkout / "tests/sites/gazette/first"
    assert sorted(file.name for file in case.iterdir()) == ["expected.json", "page.html", "page.json"]
    assert "python -m pytest tests/sites/test_sites.py -k gazette" in ended.stderr
    before = pytest_on("tests/sites/test_sites.py", "-k", "gazette", path=path, cwd=checkout)
    assert before.returncode == 1, before.stdout + before.stderr
    assert "FAILED tests/sites/test_sites.py::test_page_reads_as_expected" in before.stdout
    assert "FAILED tests/sites/test_sites.py::test_site_describes_itself" in before.stdout
    corrected(case, checkout / "sites/gazette.py")
    after = pytest_on("tests/sites/test_sites.py", "-k", "gazette", path=path, cwd=checkout)
    assert after.returncode == 0, after.stdout + after.stderr
    again = run(*btl, "new-site", "gazette", str(letters), "--url", URL, "--force", path=path, cwd=checkout)
    assert again.returncode == 2
    assert "There is a site called gazette already" in again.stderr


@pytest.mark.checkout
@pytest.mark.skipif(not find_spec("ruff"), reason="ruff comes with the extra dev")
@pytest.mark.parametrize("source", [LETTERS, BARE], ids=["guessed", "nothing found"])
def test_the_written_files_are_clean(source: str, tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    saved.write_text(source)
    new_site("gazette", saved, "--url", URL + "of-our-house-and-what-it-ate-there-" * 5, "--dir", tmp_path / "package")
    ruff = (sys.executable, "-m", "ruff")
    config = ("--no-cache", "--config", str(ROOT / "pyproject.toml"), "package")
    for verb in (("check",), ("format", "--check")):
        ended = run(*ruff, *verb, *config, path=tmp_path, cwd=tmp_path)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_page_without_comments_gives_a_class_that_says_what_to_look_for(tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    saved.write_text(BARE)
    result = new_site("gazette", saved, "--url", URL, "--dir", tmp_path / "package")
    assert result.exit_code == 3
    assert "No comments were found on the page: looked for a class that several elements have" in result.stderr
    module = tmp_path / "package/belowtheline_gazette.py"
    code = f"import runpy; from belowtheline.reading.page import Page; made = runpy.run_path({str(module)!r})"
    parse = "; made['Gazette']().parse(Page(None, b'<p>'))"
    ended = run(sys.executable, "-c", code + parse, path=tmp_path, cwd=tmp_path)
    assert (
        "ParseError: the page cannot be read yet: nothing says where its comment, author, date, body is" in ended.stderr
    )
    assert json.loads((tmp_path / "package/tests/first/expected.json").read_text())[0]["comments"].startswith("? ")


def test_no_file_is_overwritten(package: Path, letters: Path) -> None:
    before = {file: file.read_bytes() for file in package.rglob("*") if file.is_file()}
    result = new_site("gazette", letters, "--url", URL, "--dir", package)
    assert result.exit_code == 2
    assert f"{package / 'pyproject.toml'} is there already and is not overwritten" in result.stderr
    (package / "pyproject.toml").unlink()
    assert new_site("gazette", letters, "--url", URL, "--dir", package).exit_code == 2
    assert not (package / "pyproject.toml").exists()
    assert {file: file.read_bytes() for file in before if file.exists()}.items() <= before.items()


@pytest.mark.parametrize(
    "name", ["Gazette", "penny-gazette", "7letters", "../gazette", "class", "", "gazétte", "a" * 60]
)
def test_what_is_no_name_is_refused(name: str, letters: Path, tmp_path: Path) -> None:
    result = new_site(name, letters, "--url", URL, "--dir", tmp_path / "package")
    assert result.exit_code == 2
    assert "is no name for a site" in result.stderr
    assert not (tmp_path / "package").exists()


def test_a_name_that_is_taken_is_refused(letters: Path, tmp_path: Path) -> None:
    result = new_site("lwn", letters, "--url", URL, "--dir", tmp_path / "package")
    assert result.exit_code == 2
    assert "There is a site called lwn already (LWN.net)" in result.stderr


def test_an_address_of_a_known_site_is_refused_unless_forced(letters: Path, tmp_path: Path) -> None:
    claimed = ("mine", letters, "--url", "https://lwn.net/Articles/7/", "--dir", tmp_path / "package")
    result = new_site(*claimed)
    assert result.exit_code == 2
    assert "https://lwn.net/Articles/7/ is read by the site lwn already" in result.stderr
    assert new_site(*claimed, "--force").exit_code == 0


def test_a_live_page_is_fetched_once_and_one_that_a_site_reads_is_named(tmp_path: Path) -> None:
    with SampleSite() as site:
        result = new_site("kettle", site.url + KETTLE, "--dir", tmp_path / "package")
        assert result.exit_code == 2
        assert "is read by the site theregister already" in result.stderr
        assert site.requests == ["/robots.txt", "/.well-known/tdmrep.json", KETTLE]
        forced = new_site("kettle", site.url + KETTLE, "--dir", tmp_path / "package", "--force")
        assert forced.exit_code == 0, forced.output
    told = json.loads((tmp_path / "package/tests/first/page.json").read_text())
    assert told["url"] == site.url + KETTLE
    assert told["fetched_at"].endswith("Z")
    assert 'hosts = ("127.0.0.1",)' in (tmp_path / "package/belowtheline_kettle.py").read_text()


def test_off_loopback_a_contact_is_required(tmp_path: Path) -> None:
    result = new_site("gazette", URL, "--dir", tmp_path / "package")
    assert result.exit_code == 2
    assert "--contact" in result.stderr


def test_robots_txt_is_obeyed(tmp_path: Path) -> None:
    with SampleSite(pages={"/robots.txt": b"User-agent: *\nDisallow: /\n"}) as site:
        result = new_site("kettle", site.url + KETTLE, "--dir", tmp_path / "package")
    assert result.exit_code == 5
    assert not (tmp_path / "package").exists()


@pytest.mark.parametrize(
    ("name", "body", "options", "code", "said"),
    [
        ("a.html", LETTERS, (), 2, "does not say its address: give it with --url"),
        ("a.html", LETTERS, ("--url", "gazette"), 2, "gazette is no web address"),
        ("a.html", LETTERS, ("--url", "https://[gazette/"), 2, "is no web address"),
        ("a.html", LETTERS, ("--url", "https://ada:crumb@gazette.example/a"), 2, "holds a user's name"),
        ("a.json", '{"comments": []}', ("--url", URL), 2, "is no HTML"),
        ("a.html", "<html><title>Just a moment...</title></html>", ("--url", URL), 5, "a challenge or a login"),
        ("a.html", " \n", ("--url", URL), 4, "is empty"),
    ],
    ids=["no address", "no web address", "broken address", "password", "json", "challenge", "empty"],
)
def test_what_is_no_page_is_refused(
    tmp_path: Path, name: str, body: str, options: tuple[str, ...], code: int, said: str
) -> None:
    saved = tmp_path / name
    saved.write_text(body)
    result = new_site("gazette", saved, *options, "--dir", tmp_path / "package")
    assert (result.exit_code, said in result.stderr) == (code, True), result.output
    assert not (tmp_path / "package").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = new_site("gazette", tmp_path / "none.html", "--url", URL, "--dir", tmp_path / "package")
    assert result.exit_code == 2
    assert f"{tmp_path / 'none.html'} cannot be read" in result.stderr


def test_outside_of_a_checkout_a_folder_is_asked_for(
    letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = new_site("gazette", letters, "--url", URL)
    assert result.exit_code == 2
    assert "is in no checkout of belowtheline: --dir FOLDER" in result.stderr


def test_a_folder_that_cannot_be_written_is_a_storage_error(letters: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = new_site("gazette", letters, "--url", URL, "--dir", tmp_path / "file" / "package")
    assert result.exit_code == 6
    assert "cannot be written" in result.stderr


def test_a_hostile_address_and_hostile_classes_stay_text(tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    saved.write_text(LETTERS.replace('class="letter"', "class='letter &quot;+exit(7)+&quot; ${x}'"))
    url = URL + "?a=\"+exit(7)+\"&b=\\N{DASH}${url}'''"
    result = new_site("gazette", saved, "--url", url, "--dir", tmp_path / "package")
    assert result.exit_code == 0, result.output
    module = tmp_path / "package/belowtheline_gazette.py"
    code = f"import runpy; print(runpy.run_path({str(module)!r})['Gazette'].example_url)"
    ended = run(sys.executable, "-c", code, path=tmp_path, cwd=tmp_path)
    assert (ended.returncode, ended.stdout.rstrip("\n")) == (0, url)


@pytest.mark.parametrize("name", ["page", "comment", "none", "site", "penny_gazette", "parse"])
def test_any_name_gives_a_module_that_can_be_imported(name: str) -> None:
    names: dict[str, object] = {"__name__": name}
    guess = Guess(comment="letter", author="by", date="when", body="said", is_nested=True, count=2)
    exec(compile(site_module(name, URL, "gazette.example", guess, is_ours=True), name, "exec"), names)
    site = names[class_name(name)]()  # type: ignore[operator]
    from belowtheline.reading.page import Page

    body = b"<p class=letter><b class=by>Ada</b> <i class=when>4 May 2026</i><span class=said>So?</span></p>"
    (found,) = site.parse(Page(URL, body))
    (comment,) = found.comments
    assert (comment.author.name, comment.published_raw, comment.body_html) == ("Ada", "4 May 2026", "So?")
    assert comment.native_id is None
    assert comment.parent_native_id is None
    (empty,) = site.parse(Page(URL, b"<p class=letter></p>"))
    assert (empty.comments[0].author, empty.comments[0].published_raw) == (NOT_SHOWN, NOT_SHOWN)
