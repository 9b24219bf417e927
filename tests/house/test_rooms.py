"""What holds in a whole room: jobs print nothing and exit nowhere, one room asks servers, types are for users too."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

TOPS = ("archive", "authoring", "cli", "demo", "exports", "jobs", "pipelines", "reading", "scraper", "sites")
_SCREEN = {"print", "input", "exit", "quit", "sys.stderr", "sys.stdout", "sys.exit", "sys.stdin.isatty"}
_CLIENTS = {
    "urlopen", "urlretrieve", "Request", "build_opener", "HTTPConnection", "HTTPSConnection", "create_connection",
    "requests", "httpx", "aiohttp", "urllib3", "pycurl", "ftplib", "getPage", "Agent",
}  # fmt: skip
_ASKS_ITSELF = "cli/browse.py"
"""It asks the server that it has started, on this machine, whether its guard is there; Scrapy would need a process."""


def _folder(top: str) -> Path:
    return Path(next(iter(import_module(f"belowtheline.{top}").__path__)))


def _files(top: str) -> Iterator[tuple[str, ast.Module]]:
    folder = _folder(top)
    for file in sorted(folder.rglob("*.py")):
        yield f"{top}/{file.relative_to(folder).as_posix()}", ast.parse(file.read_text("utf-8"))


def _names(tree: ast.AST) -> set[str]:
    """Return the names that a module calls or reads, with those that they are taken from."""
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute))}


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name.partition(".")[0], name.name.partition(".")[0]) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (((node.module or "").partition(".")[0], name.name) for name in node.names)


def test_jobs_print_nothing_and_exit_nowhere() -> None:
    found = {name: used for name, tree in _files("jobs") if (used := _names(tree) & _SCREEN)}
    assert found == {}


def test_one_client_asks_servers() -> None:
    found = {
        name
        for top in TOPS
        for name, tree in _files(top)
        if {wanted for module, wanted in _imported(tree) if module not in ("belowtheline", "scrapy")} & _CLIENTS
    }
    assert found == {_ASKS_ITSELF}


@pytest.mark.parametrize("top", TOPS)
def test_types_are_for_users_too(top: str) -> None:
    assert (_folder(top) / "py.typed").is_file()
