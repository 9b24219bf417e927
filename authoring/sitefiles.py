"""The files of a new site: its class with what was guessed, and where it is a package of its own, what makes one."""

import json
from keyword import iskeyword
from string import Template

from belowtheline.authoring.guessing import Guess, has_class

_LINE = 120
_IMPORTED = frozenset((
    "Author", "Comment", "Completeness", "Conventions", "Link", "Page", "ParseError", "Section", "Sections", "Shown",
    "Site", "Thread", "ThreadPage", "UnknownSite",
))  # fmt: skip

_SITE = Template('''"""$title: comments on $host, read from one page by guesses that are to be checked."""

from typing import cast
from urllib.parse import urlsplit

from lxml import etree

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import $items
from belowtheline.reading.markup import Section, Sections, inner_html, visible
from belowtheline.reading.page import Page
from belowtheline.sites.site import Site

# Each is a class or a tag; "" was not found on the page, and until it is named no page is read.
_PARTS = {
    "comment": $comment,  # the element around each comment: repeated, often with an id
    "author": $author,  # the name alone, without "says" or a rank
    "date": $date,  # with the time of day, where the page has it
    "body": $body,  # the words of the comment alone: no name, no buttons, no replies
}
_LIST = etree.XPath($list_path)
_COMMENTS = Sections(
    _PARTS["comment"], classes=tuple(_PARTS.values()), tags=tuple(_PARTS.values()), closed=(_PARTS["body"],)
)


class $cls(Site):
    """Comments on $host.

    Relies on `$list_shown`$relies.
    """

    name = $name
    title = $title_text
    hosts = ($host_text,)
    example_url = $url
    reads = ()  # what it reads, and from which sources: ("articles with their comments at /YEAR/SLUG/",)
    cannot = ()  # what it cannot, in plain words
    counts = ""  # what the count on the page counts, or that there is none
    end = ""  # what proves that a thread was read to its end; until then it is unverified
    floors = {"author": 0.9, "published_at": 0.9, "body_text": 0.9}$noqa  # the least shares, and why
    conventions = Conventions(timezone=None, languages=())  # its zone, languages and anonymous names, once known

    def claims(self, url: str) -> bool:
        """Return whether the host is one of this site's."""
        return urlsplit(url).hostname in self.hosts

    def recognises(self, page: Page) -> bool:
        """Return False: name here what only this site's pages have, so that a page without address is known."""
        return False

    def thread_id(self, url: str) -> str | None:
        """Return path and query, until it is known what in them stands for the thread."""
        parts = urlsplit(url)
        return "?".join(filter(None, (parts.path.strip("/"), parts.query))) or None

    def start(self, url: str) -> Link:
        """Return the page at an address; raise UnknownSite for the front page."""
        if self.thread_id(url) is None:
            raise UnknownSite(f"{url} is no thread: give an address like {self.example_url}.")
        return Link(url=url.partition("#")[0])

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one thread of a page; raise ParseError where its list of comments is not found."""
        if unnamed := [part for part, name in _PARTS.items() if not name]:
            raise ParseError(
                f"{page.name} cannot be read yet: nothing says where its {', '.join(unnamed)} is; "
                f"look at the page and name the class or tag in _PARTS of {__name__}."
            )
        found = cast(list[etree._Element], _LIST(page.root))
        if not found:
            raise ParseError(
                f"{page.name} does not read as a page of {self.title}: looked for $list_shown; "
                "open it in a browser: if it shows comments, this reader needs an update."
            )
        sections = _COMMENTS(found[0])
        ids = {section.element: _native_id(section) for section in sections}
        headline = visible(page.root.find(".//h1")) or None
        thread = Thread(site=self.name, native_id=self.thread_id(page.url) if page.url else None, title=headline)
        return (
            ThreadPage(
                thread=thread,
                comments=tuple(_comment(section, position, ids) for position, section in enumerate(sections, 1)),
                conventions=self.conventions,
                completeness=Completeness(is_cut=page.is_cut),
            ),
        )


def _native_id(section: Section) -> str | None:
$native_id


def _comment(section: Section, position: int, ids: dict[etree._Element, str | None]) -> Comment:
    author, date, body = (section.parts.get(_PARTS[part], [None])[0] for part in ("author", "date", "body"))
    return Comment(
        native_id=ids[section.element],
        position=position,$parent
        author=Author(name=visible(author)) if author is not None else NOT_SHOWN,
        body_html=inner_html(body) if body is not None else NOT_SHOWN,
        published_raw=$date_value or NOT_SHOWN if date is not None else NOT_SHOWN,
    )
$parent_function''')

_PARENT_FUNCTION = '''

def _parent(section: Section, ids: dict[etree._Element, str | None]) -> Shown[str]:
    """Return the id of the comment around this one, None for a comment on the article."""
    around = (element for element in section.element.iterancestors() if element in ids)
    above = next(around, None)
    return None if above is None else ids[above] or NOT_SHOWN
'''

_PROJECT = Template("""[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "belowtheline-$dashed"
version = "0.1.0"
description = "Reads the comments of $host for Below the Line."
requires-python = ">=3.11"
dependencies = ["belowtheline>=0.1"]

[project.entry-points."belowtheline.sites"]
$name = "$module:$cls"

[tool.setuptools]
py-modules = ["$module"]
""")

_TEST = Template('''"""The site against its saved pages.

`UPDATE=1 python -m pytest` writes expected.json, to be read by a person before it is kept.
"""

import os
from pathlib import Path

import pytest

from belowtheline.authoring.cases import expected_of, page_of, reading_of, write_expected
from belowtheline.sites.registry import site_named, site_of_page

CASES = sorted(file.parent for file in Path(__file__).parent.glob("*/page.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page_reads_as_expected(case: Path) -> None:
    """What is read is what a person saw on the page."""
    found = reading_of(case, site_named("$name"))
    if os.environ.get("UPDATE"):
        write_expected(case, found)
    assert found == expected_of(case)
    assert site_of_page(page_of(case)).name == "$name"


def test_site_describes_itself() -> None:
    """Whoever crawls can see what is read, what is counted and what proves the end."""
    site = site_named("$name")
    assert site.claims(site.example_url)
    assert site.reads
    assert site.counts
    assert site.end
''')


def class_name(name: str) -> str:
    """Return the name of a site's class.

    >>> class_name("penny_gazette"), class_name("page"), class_name("none")
    ('PennyGazette', 'PageSite', 'NoneSite')
    """
    camel = "".join(part.capitalize() for part in name.split("_"))
    return f"{camel}Site" if camel in _IMPORTED or iskeyword(camel) else camel


def site_module(name: str, url: str, host: str, guess: Guess, *, is_ours: bool) -> str:
    """Return the source of a site's module."""
    path = guess.list_path or (f"/*[.//*[{has_class(guess.comment)}]]" if guess.comment else "/*")
    shown = guess.list_shown or (f".{guess.comment}" if guess.comment else "an element around the comments")
    items = ["NOT_SHOWN", "Author", "Comment", "Completeness", "Conventions", "Link", "Thread", "ThreadPage"]
    if guess.is_nested:
        items.insert(6, "Shown")
    return _SITE.substitute(
        title=name.replace("_", " ").capitalize(),
        title_text=_quoted(name.replace("_", " ").capitalize()),
        host=host,
        host_text=_quoted(host),
        cls=class_name(name),
        name=_quoted(name),
        url=_quoted(url),
        items=_imported(items),
        comment=_quoted(guess.comment),
        author=_quoted(guess.author),
        date=_quoted(guess.date),
        body=_quoted(guess.body),
        list_path=_argument(path),
        list_shown=shown,
        relies=_relies(guess),
        noqa="" if is_ours else "  # noqa: RUF012",
        native_id=_native_id(guess),
        parent="\n        parent_native_id=_parent(section, ids)," if guess.is_nested else "",
        parent_function=_PARENT_FUNCTION if guess.is_nested else "",
        date_value=f'date.get("{guess.date_attribute}")' if guess.date_attribute else "visible(date)",
    )


def project(name: str, host: str) -> str:
    """Return the pyproject.toml of a package that holds one site."""
    return _PROJECT.substitute(
        name=name, dashed=name.replace("_", "-"), host=host, module=module_name(name), cls=class_name(name)
    )


def module_name(name: str) -> str:
    """Return the name of the module of a site in a package of its own."""
    return f"belowtheline_{name}"


def package_test(name: str) -> str:
    """Return the tests of a package that holds one site."""
    return _TEST.substitute(name=name)


def known(url: str, fetched_at: str | None) -> str:
    """Return page.json: what is known of a case's page."""
    return json.dumps({"url": url, "fetched_at": fetched_at}) + "\n"


def draft(found: object) -> object:
    """Return a reading with a question mark before each value that a person has to see on the page."""
    if isinstance(found, dict) and "error" in found:
        return [{"comments": "? None could be read as yet: name the parts of a comment, then write here what is shown"}]
    return _asking(found)


def _asking(found: object) -> object:
    if isinstance(found, list):
        return [_asking(value) for value in found]
    if isinstance(found, dict):
        return {key: f"? {value}" if _is_asked(key, value) else _asking(value) for key, value in found.items()}
    return found


_ASKED = frozenset(("native_id", "parent_native_id", "title", "name", "body_text", "published_raw"))


def _is_asked(key: str, value: object) -> bool:
    return key in _ASKED and isinstance(value, str)


def _quoted(text: str) -> str:
    return json.dumps(text)


def _argument(path: str) -> str:
    line = f"_LIST = etree.XPath({_quoted(path)})"
    return _quoted(path) if len(line) <= _LINE else f"\n    {_quoted(path)}{_excuse('    ' + _quoted(path))}\n"


def _excuse(line: str) -> str:
    return "  # noqa: E501" if len(line) > _LINE else ""


def _imported(names: list[str]) -> str:
    line = ", ".join(names)
    if len(line) + len("from belowtheline.reading.items import ") <= _LINE:
        return line
    return "(\n" + "".join(f"    {name},\n" for name in names) + ")"


def _relies(guess: Guess) -> str:
    if not guess.comment:
        return ""
    parts = [f"`.{guess.comment}`", *(f"`{part}`" for part in (guess.author, guess.date, guess.body) if part)]
    return f" with {', '.join(parts)}"


def _native_id(guess: Guess) -> str:
    if not guess.id_attribute:
        return (
            '    """Return None: the element has no attribute with an id; look for a permalink or an anchor."""\n'
            "    return None"
        )
    got = f'section.element.get("{guess.id_attribute}", "")'
    if guess.id_prefix:
        got += f'.removeprefix("{guess.id_prefix}")'
    return f'    """Return the id that the site gives the comment."""\n    return {got} or None'
