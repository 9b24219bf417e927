"""The docs say what the program does: generated parts are fresh, links lead somewhere, the tutorial's code runs."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from belowtheline.cli import COMMANDS, main
from belowtheline.jobs.endings import Ending
from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites import registry
from belowtheline.sites.site import Site

_ROOT = Path(__file__).parents[2]
_PAGES = sorted([*_ROOT.glob("*.md"), *_ROOT.glob("docs/*.md")])
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

pytestmark = pytest.mark.checkout


def _name(path: Path) -> str:
    return str(path.relative_to(_ROOT))


def test_the_generated_parts_are_fresh() -> None:
    pytest.importorskip("cogapp", reason="cogapp is not installed: pip install 'belowtheline[test]'")
    command = [sys.executable, "-m", "cogapp", "--check", "--diff", *map(_name, _PAGES)]
    ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, f"the docs are stale: run `make docs`\n{ended.stdout}{ended.stderr}"


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_links_between_the_docs_lead_somewhere(page: Path) -> None:
    for target, anchor in _LINK.findall(page.read_text()):
        file = page.parent / target if target else page
        assert file.exists(), target
        if anchor:
            assert anchor[1:] in {_slug(heading) for heading in _HEADING.findall(file.read_text())}


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"| `btl {name}` |" in (_ROOT / "README.md").read_text()
    assert f"## `btl {name}`" in (_ROOT / "docs/cli.md").read_text()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_has_a_help_text(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    command = main.commands.get(name) or main.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.help
    assert [option.name for option in command.params if option.param_type_name == "option" and not option.help] == []  # type: ignore[attr-defined]


def test_the_exit_codes_of_the_readme_are_those_of_the_program() -> None:
    said = re.findall(r"^\| (\d+) \| \S", (_ROOT / "README.md").read_text(), re.MULTILINE)
    assert [int(code) for code in said] == sorted(Ending)


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_no_page_names_a_place_on_one_machine(page: Path) -> None:
    assert re.findall(r"/(?:home|work|tmp|root|Users)/", page.read_text()) == []


def _block(language: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", (_ROOT / "docs/adding-a-site.md").read_text(), re.DOTALL)
    assert len(blocks) == 1
    block: str = blocks[0]
    return block


@pytest.fixture(scope="module")
def gazette() -> Site:
    """The site of the tutorial."""
    module = ModuleType("gazette")
    exec(compile(_block("python"), "docs/adding-a-site.md", "exec"), vars(module))
    site: Site = module.Gazette()
    return site


def _read(site: Site, body: str, url: str | None = None) -> ThreadPage:
    page = Page(url, body.encode(), "text/html; charset=utf-8", "2026-01-05T09:00:00Z")
    (found,) = registry.read(site, page)
    return normalise(found)


def test_the_site_of_the_tutorial_reads_its_page(gazette: Site) -> None:
    page = _read(gazette, _block("html"), gazette.example_url)
    assert page.thread.native_id == "2026/a-goat-on-the-roof"
    assert page.thread.declared_count == len(page.comments) == 2
    assert page.completeness.is_whole
    first, second = page.comments
    assert (first.native_id, first.parent_native_id, first.body_text) == ("17", None, "It was there yesterday, too.")
    assert (second.parent_native_id, second.published_at) == ("17", "2026-01-04T11:00:00Z")
    assert [comment.author.kind for comment in page.comments] == [None, "anonymous"]  # type: ignore[union-attr]
    assert [quote.text for quote in second.quotes] == ["It was there yesterday"]


def test_the_site_of_the_tutorial_keeps_its_own_rules(gazette: Site) -> None:
    assert gazette.claims(gazette.example_url)
    assert gazette.start(gazette.example_url).url == gazette.example_url
    assert gazette.recognises(Page(None, _block("html").encode()))
    with pytest.raises(UnknownSite, match="no article"):
        gazette.start("https://gazette.example/")
    with pytest.raises(ParseError, match="looked for ol#letters"):
        _read(gazette, "<html><p>Sold out</p></html>")
    assert _read(gazette, "<html><ol id='letters'></ol></html>").comments == ()
    assert _read(gazette, _block("html").partition("</ol>")[0]).completeness.is_cut
