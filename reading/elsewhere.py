"""Where a page's comments are kept, if the page itself does not keep them: what a page without comments embeds."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from lxml import etree

from belowtheline.reading.comment_systems import SYSTEMS, System
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urlsplit

_SOURCES = ("src", "data-src", "data-lazy-src", "data-original", "data-litespeed-src", "data-rocket-src", "data-cfsrc")
_LOADED = frozenset(("script", "iframe", "frame", "object", "embed", "amp-iframe"))
_FRAMES = _LOADED - {"script"}
_A_FRAME_OF_COMMENTS = re.compile(r"comment|discuss(?!ions?/feed)|kommentar|commentaire|comentario", re.IGNORECASE)
_LONGEST = 200
_HOSTS_OWN = etree.XPath("string((//link[@rel='canonical']/@href | //meta[@property='og:url']/@content)[1])")


@dataclass(frozen=True, slots=True)
class Embed:
    """A comment system that a page embeds, and what the page shows of it."""

    system: str
    where: str | None = None
    """Address or name of the thread, where the page gives it."""
    posts: int = 0
    """How many of its posts stand on the page."""
    is_sure: bool = True
    is_form: bool = False
    is_on_page: bool = False

    @property
    def sentence(self) -> str:
        """What is to be said of the page's comments, as the end of a sentence.

        >>> Embed("Livefyre", "article 7").sentence
        'its comments are kept by Livefyre (article 7), not on this page'
        """
        name = f"{self.system} ({self.where})" if self.where else self.system
        if self.is_form:
            return f"its form for comments is {name}'s, and it shows neither comments nor that there are none"
        if self.is_on_page:
            posts = "one post is" if self.posts == 1 else f"{self.posts} posts are" if self.posts else "posts are"
            return f"its {posts} of {name}, which btl does not read"
        if not self.is_sure:
            return f"its comments may be kept by {name}, not on this page"
        if self.posts:
            return f"its comments are kept by {name}, and {self.posts} of them stand on this page in that system's form"
        return f"its comments are kept by {name}, not on this page"


def embeds_of(page: Page) -> tuple[Embed, ...]:
    """Return the comment systems that an HTML page embeds, what is sure first; () for any other page."""
    if not page.looks_like_html or not page.text.strip():
        return ()
    found = _Seen(_host(page.url) or _host(cast(str, _HOSTS_OWN(page.root))))
    for element in page.root.iter(etree.Element):
        found.look_at(element)
    return tuple(sorted(found.embeds(), key=lambda embed: (not embed.is_sure, embed.is_form)))


def keeper_of(page: Page, *own: str) -> Embed | None:
    """Return what keeps a page's comments, None where nothing on it does; `own` names the reader itself."""
    names = {name.casefold() for name in own}
    return next((one for one in embeds_of(page) if not names.intersection(_forms(one.system))), None)


def _forms(name: str) -> set[str]:
    """Return the names that a system goes by.

    >>> sorted(_forms("OpenWeb (Spot.IM)"))
    ['openweb', 'openweb (spot.im)', 'spot.im']
    """
    whole = name.casefold()
    return {whole, *re.split(r" \(|\)", whole)} - {""}


@dataclass(slots=True)
class _Seen:
    """What was seen of each system, element by element."""

    host: str
    places: dict[System, list[etree._Element]] = field(default_factory=lambda: defaultdict(list))
    mentions: dict[System, list[etree._Element]] = field(default_factory=lambda: defaultdict(list))
    """Scripts of the page itself that name the address of a system's script, and may load it."""
    posts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    unknown: dict[str, str] = field(default_factory=dict)

    def look_at(self, element: etree._Element) -> None:
        """Note of which system an element is a place, a post, a script or a call."""
        table = _table()
        for token in _tokens(element):
            for system in table.systems_of(token):
                self.places[system].append(element)
            for name in table.posts.get(token, ()):
                self.posts[name] += 1
        if element.tag in _LOADED:
            self._look_at_source(element)

    def _look_at_source(self, element: etree._Element) -> None:
        source = next((value for name in _SOURCES if (value := element.get(name))), "")
        if not source:
            self._look_at_script(element)
            return
        systems = [system for system, pattern in _table().scripts if pattern.search(source)]
        for system in systems:
            self.places[system].append(element)
        host = _host(source)
        if (
            not systems
            and element.tag in _FRAMES
            and host
            and host != self.host
            and _A_FRAME_OF_COMMENTS.search(source)
        ):
            self.unknown.setdefault(host, " ".join(source.split())[:_LONGEST])

    def _look_at_script(self, element: etree._Element) -> None:
        text = (element.text or "").replace("\\/", "/") if element.tag == "script" else ""
        for system, pattern in _table().calls if text else ():
            if pattern.search(text):
                self.places[system].append(element)
        for system, pattern in _table().scripts if "//" in text else ():
            if pattern.search(text):
                self.mentions[system].append(element)

    def embeds(self) -> Iterator[Embed]:
        """Yield each system once, as the surest of its signs has it."""
        said: set[str] = set()
        seen = sorted(self.places, key=lambda system: not system.is_sure)
        for system in (*seen, *(system for system in self.mentions if system not in self.places)):
            if system.name not in said:
                said.add(system.name)
                yield Embed(
                    system.name,
                    _where(system, self.places[system] or self.mentions[system]),
                    self.posts[system.name],
                    system.is_sure and not system.is_form and system in seen,
                    system.is_form,
                    system.is_on_page,
                )
        for host, source in self.unknown.items():
            yield Embed(host, source, is_sure=False)


def _tokens(element: etree._Element) -> Iterator[str]:
    yield str(element.tag)
    # With its value each attribute is looked up, which of many attributes costs their number squared.
    for name in map(str, element.attrib):
        if name == "id":
            yield f"#{element.get(name)}"
        elif name == "class":
            yield from (f".{part}" for part in element.get(name, "").split())
        elif name.startswith("data-"):
            yield f"[{name}]"


def _where(system: System, elements: Iterable[etree._Element]) -> str | None:
    """Return what names the thread: the value of the best attribute that any of its elements has."""
    for name in system.named_by.split():
        for element in elements:
            if value := " ".join((element.get(name) or "").split()):
                return _placed(system, value)
    scripts = (element.text for element in elements if element.tag == "script" and element.text and system.said_by)
    said = next((match[1] for text in scripts if (match := re.search(system.said_by, text))), None)
    return _placed(system, said) if said else None


def _placed(system: System, value: str) -> str:
    is_address = value.startswith(("http://", "https://", "//")) or not system.where
    return (value if is_address else system.where.format(value))[:_LONGEST]


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class _Table:
    """The systems by what they are known by."""

    whole: dict[str, tuple[System, ...]]
    beginnings: tuple[tuple[str, System], ...]
    posts: dict[str, tuple[str, ...]]
    scripts: tuple[tuple[System, re.Pattern[str]], ...]
    calls: tuple[tuple[System, re.Pattern[str]], ...]

    def systems_of(self, token: str) -> Iterator[System]:
        """Yield the systems whose place an element with a token is."""
        yield from self.whole.get(token, ())
        if token[0] in "#.":
            yield from (system for beginning, system in self.beginnings if token.startswith(beginning))


@cache
def _table() -> _Table:
    whole: dict[str, tuple[System, ...]] = {}
    posts: dict[str, tuple[str, ...]] = {}
    beginnings = []
    for system in SYSTEMS:
        for token in system.places.split():
            if token.endswith("*"):
                beginnings.append((token[:-1], system))
            else:
                whole[token] = (*whole.get(token, ()), system)
        for token in system.posts.split():
            posts[token] = (*posts.get(token, ()), system.name)
    return _Table(
        whole,
        tuple(beginnings),
        posts,
        tuple((system, re.compile(system.scripts, re.IGNORECASE)) for system in SYSTEMS if system.scripts),
        tuple((system, re.compile(system.calls)) for system in SYSTEMS if system.calls),
    )
