"""`btl new-site`: what somebody needs who teaches btl a site: its class, a small page of it, and a test that fails."""

import re
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

import click

from belowtheline.cli.console.legal_basis import legal_basis_option
from belowtheline.cli.console.local import local_option

if TYPE_CHECKING:
    from belowtheline.authoring.guessing import Guess
    from belowtheline.reading.page import Page

_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
_CASE = "first"


@click.command("new-site")
@click.argument("name")
@click.argument("source", metavar="URL|FILE")
@click.option("--url", help="Address of the page, for a FILE that does not say its own.")
@click.option(
    "--dir", "folder", metavar="FOLDER", help="Write a package of its own there, instead of into the checkout."
)
@click.option(
    "--contact", metavar="ADDRESS", help="For a URL: where its server's owner can reach you; required off loopback."
)
@click.option(
    "--delay", metavar="SECONDS", type=click.FloatRange(0, 3600), help="Least time between two requests to one host."
)
@local_option
@legal_basis_option
@click.option("--force", is_flag=True, help="Write it though another site reads the page already.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    source: str,
    url: str | None,
    folder: str | None,
    contact: str | None,
    delay: float | None,
    local: tuple[str, ...],
    legal_basis: str | None,
    force: bool,
) -> None:
    """Write the beginnings of a site: a class that guesses, a small page, and a test that fails until both are right.

    NAME is what --site will take. The page, a thread's URL or a saved FILE, is cut down to a few comments, and words
    and names are replaced by invented ones. In a checkout of belowtheline the files go where its sites are; anywhere
    else --dir names a folder for a package. No file is overwritten. Exit code 3 says that comments, or a part of them,
    were not found on the page: the class then says what to look for.
    """
    from belowtheline.jobs.endings import Ending

    _check_name(name)
    place = _place(name, folder)
    place.check()
    is_live = "://" in source
    source = source.strip() if is_live else source
    if is_live and url:
        raise click.UsageError("--url is for a FILE: a URL says its address.")
    page = _fetched(source, contact, delay, local, legal_basis) if is_live else _saved(source, url)
    _check_page(source, page)
    if not force:
        _check_unread(page)
    written = _write(name, page, place)
    _tell(name, page, place, written)
    ctx.exit(Ending.INCOMPLETE if written.guess.missing else Ending.COMPLETE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of a site go: into a checkout, or into a package of its own."""

    root: Path
    module: Path
    case: Path
    project: Path | None = None
    test: Path | None = None

    @property
    def files(self) -> list[Path]:
        """All that is written."""
        pages = [self.case / file for file in ("page.html", "page.json", "expected.json")]
        return [*(file for file in (self.project, self.module, self.test) if file), *pages]

    def check(self) -> None:
        """Raise UsageError where a file is there already."""
        from belowtheline.cli.console.targets import check_target

        if there := [str(file) for file in self.files if file.exists() or file.is_symlink()]:
            raise click.UsageError(f"{there[0]} is there already and is not overwritten: take another name or folder.")
        for file in self.files:
            check_target(file, option="--dir:")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and what was found on the page."""

    guess: "Guess"
    size: int


def _check_name(name: str) -> None:
    from belowtheline.sites.registry import all_sites

    if not _NAME.fullmatch(name) or iskeyword(name):
        raise click.UsageError(
            f"{name!r} is no name for a site: take lower-case letters, digits and _, such as penny_gazette."
        )
    if name in all_sites():
        raise click.UsageError(f"There is a site called {name} already ({all_sites()[name].title}): take another name.")


def _place(name: str, folder: str | None) -> Place:
    from belowtheline.authoring.sitefiles import module_name

    if folder is not None:
        root = Path(folder)
        test = root / "tests" / f"test_{name}.py"
        return Place(root, root / f"{module_name(name)}.py", root / "tests" / _CASE, root / "pyproject.toml", test)
    root = _checkout()
    sites = root / "sites"
    if (sites / name).exists():
        raise click.UsageError(f"{sites / name} is there already: take another name.")
    return Place(root, sites / f"{name}.py", root / "tests" / "sites" / name / _CASE)


def _checkout() -> Path:
    """Return the checkout that the current folder is in; raise UsageError where it is in none."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        project = folder / "pyproject.toml"
        if (folder / "sites" / "registry.py").is_file() and (folder / "tests" / "sites").is_dir() and project.is_file():
            return folder
    raise click.UsageError(f"{here} is in no checkout of belowtheline: --dir FOLDER writes a package of its own.")


def _check_page(source: str, page: "Page") -> None:
    """Raise where a page shows no HTML, or what stands before its comments, or has no address to be asked at."""
    from belowtheline.reading.barriers import is_barrier
    from belowtheline.reading.errors import BlockedPage, TooCostly
    from belowtheline.scraper.apart import is_small

    if not page.looks_like_html:
        raise click.UsageError(
            f"{source} is no HTML: new-site begins with a page that shows comments; docs/adding-a-site.md says how "
            "answers of an API are read."
        )
    if not is_small(page):
        raise TooCostly(
            f"{source} is too large or too deep to begin a site with: give a smaller page of the site, such as that "
            "of a thread with few comments."
        )
    if is_barrier(page.text):
        raise BlockedPage(f"{source} shows a challenge or a login and no comments: save the page in a browser.")
    _check_address(page.url or "")


def _fetched(
    url: str, contact: str | None, delay: float | None, local: tuple[str, ...], legal_basis: str | None
) -> "Page":
    from belowtheline.jobs.fetch import fetch
    from belowtheline.jobs.request_rules import RequestRules, with_typed
    from belowtheline.reading.items import Link

    rules = RequestRules(contact=contact, delay=delay, local=with_typed(local, [url]), legal_basis=legal_basis)
    return fetch(Link(url=url.partition("#")[0]), rules)


def _saved(source: str, url: str | None) -> "Page":
    from belowtheline.reading.page import Page
    from belowtheline.reading.sources import content_type, read_bytes, saved_address

    path = Path(source)
    try:
        with path.open("rb") as file:
            body = read_bytes(file, str(path))
    except OSError as error:
        raise click.UsageError(
            f"{path} cannot be read ({error.strerror}): give a URL with http:// or a saved page."
        ) from error
    page = Page(url, body, content_type(path))
    address = url or saved_address(page)
    if address is None:
        raise click.UsageError(f"{path} does not say its address: give it with --url.")
    return Page(address, body, content_type(path))


def _check_address(url: str) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.hostname or ""))
        is_open = parts.username is None
    except ValueError:
        is_web = is_open = False
    if not is_web:
        raise click.UsageError(f"{url} is no web address: give one with http:// or https://, its host in ASCII.")
    if not is_open:
        raise click.UsageError(f"The address of {parts.hostname} holds a user's name: give it without.")


def _check_unread(page: "Page") -> None:
    """Raise UsageError where a site claims the page's address, or recognises the page and finds comments on it."""
    from belowtheline.reading.errors import ParseError
    from belowtheline.sites.registry import all_sites, read

    for site in all_sites().values():
        is_read = site.claims(page.url or "")
        if not is_read and site.recognises(page):
            try:
                is_read = any(found.comments for found in read(site, page))
            except ParseError:
                continue
        if is_read:
            raise click.UsageError(
                f"{page.url} is read by the site {site.name} already: `btl try` with --site {site.name} shows how; "
                "--force writes a site of its own all the same."
            )


def _write(name: str, page: "Page", place: Place) -> Written:
    import runpy
    from urllib.parse import urlsplit

    from belowtheline.authoring import cases, sitefiles
    from belowtheline.authoring.guessing import guess
    from belowtheline.authoring.trimming import trimmed
    from belowtheline.reading.errors import StorageError
    from belowtheline.reading.page import Page

    url, host = page.url or "", urlsplit(page.url or "").hostname or ""
    found = guess(page.root)
    body = trimmed(page.root, found, host)
    texts = {
        place.module: sitefiles.site_module(name, url, host, found, is_ours=place.project is None),
        place.case / "page.html": body.decode(),
        place.case / cases.KNOWN: sitefiles.known(url, page.fetched_at),
    }
    if place.project and place.test:
        texts |= {place.project: sitefiles.project(name, host), place.test: sitefiles.package_test(name)}
    try:
        for file, text in texts.items():
            _write_new(file, text)
        site = runpy.run_path(str(place.module), run_name=place.module.stem)[sitefiles.class_name(name)]()
        reading = cases.reading(Page(url, body, "text/html", page.fetched_at), site)
        cases.write_expected(place.case, sitefiles.draft(reading))
    except OSError as error:
        raise StorageError(
            f"{error.filename or place.root} cannot be written ({error.strerror}): what was written before it is "
            "there; remove it, and choose a folder with --dir."
        ) from error
    return Written(found, len(body))


def _write_new(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("x", encoding="utf-8", newline="\n") as opened:
        opened.write(text)


def _tell(name: str, page: "Page", place: Place, written: Written) -> None:
    """Say on stderr what was written and found, and what is to be done next."""
    from shlex import quote

    from belowtheline.authoring.trimming import LARGEST
    from belowtheline.cli.console.text import one_line

    lines = ["Written:", *(f"  {file}" for file in place.files), *_found(written.guess), "", "Next:"]
    saved = place.case / "page.html"
    steps = [f"Read {saved}: nobody's name and nobody's words may be left in it. Remove what is."]
    if written.size > LARGEST:
        steps[0] += f" It has {written.size} bytes: cut it below {LARGEST} by hand, with what is no comment."
    if place.project is not None:
        steps.append(f"Install the package: pip install -e {quote(str(place.root))}")
    trial = f"btl try {quote(str(saved))} --site {name} --url {quote(page.url or '')}"
    steps += [
        f"Correct {place.module} until this prints what the page shows: {trial}",
        f"Say in {place.module} what it reads, what its count counts and what proves the end.",
        f"Correct {place.case / 'expected.json'} by the page, and take away each `? ` before what is right.",
        f"Until all of that is done this fails: {_test_command(name, place)}",
        "Add cases: replies, a deleted comment, a second page, no comments. docs/adding-a-site.md tells the rest.",
    ]
    lines += [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    for line in lines:
        click.echo(one_line(line) if not line.startswith("  ") else f"  {one_line(line)}", err=True)


def _test_command(name: str, place: Place) -> str:
    from shlex import quote

    if place.project is not None:
        return f"python -m pytest {quote(str(place.root / 'tests'))}"
    return f"python -m pytest tests/sites/test_sites.py -k {name}"


def _found(guess: "Guess") -> list[str]:
    if not guess.comment:
        return [
            "",
            "No comments were found on the page: looked for a class that several elements have, each with a name, a "
            "date and words in it. Perhaps a script loads them: see what it asks for, and begin with that.",
        ]
    parts = ", ".join(f"{part} {getattr(guess, part)}" for part in ("author", "date", "body") if getattr(guess, part))
    missing = f" Not found: {', '.join(guess.missing)}." if guess.missing else ""
    return ["", f"Found {guess.count} comments as .{guess.comment}{f' with {parts}' if parts else ''}.{missing}"]
