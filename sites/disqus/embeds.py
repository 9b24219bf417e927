"""How an article's page names the thread it embeds: variables of the scripts since 2008, attributes, plugins."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from belowtheline.reading.page import Page
from belowtheline.sites.disqus import addresses

_QUOTED = r"""(?:"((?:[^"\\\n]|\\.){1,2000})"|'((?:[^'\\\n]|\\.){1,2000})')(?!\s{0,9}\+)"""
_GIVEN = re.compile(rf"""["']?\s{{0,9}}[:=]\s{{0,9}}{_QUOTED}""")
_NAMED = re.compile(r"(?:disqus[_-]?|page\.)(shortname|identifier|url|title)", re.IGNORECASE)
_SCRIPT = re.compile(r"//([\w-]{1,100})\.disqus\.com\\?/embed\.js|disqus\.com/forums/([\w-]{1,100})/embed\.js")
_FRAME = re.compile(r"""https?://disqus\.com/embed/comments/\?[^"'\s<>\\]{1,4000}""")
_PLACE = re.compile(r"<[^<>]{0,1000}\bid\s{0,9}=\s{0,9}[\"']?disqus_thread\b[^<>]{0,1000}>")
_ATTRIBUTE = re.compile(
    r"""data-disqus-(shortname|identifier|url)\s{0,9}=\s{0,9}(?:"([^"]{1,2000})"|'([^']{1,2000})')"""
)
_FORUM_NAME = re.compile(r"^[\w-]{1,100}$")


class Embed(NamedTuple):
    """What a page says of the thread it embeds."""

    forum: str
    ident: str | None
    link: str | None
    title: str | None


def find_embed(page: Page) -> Embed | None:
    """Return what a page says of the one thread it embeds; None where it embeds none, or does not say which."""
    text = page.text
    if "disqus" not in text:
        return None
    place, scripts, told = _place(text), set(_scripts(text)), _variables(text)
    marked = _attributes(text, place or "")
    forum = _one(scripts or told["shortname"] or marked["shortname"])
    # A page that only counts comments names its forum as well.
    if forum is None or not _FORUM_NAME.match(forum) or not (place or scripts):
        return None
    ident = _one(told["identifier"]) or _one(marked["identifier"])
    link = _one(told["url"]) or _one(marked["url"])
    link = link if link and link.startswith(("http://", "https://")) else page.url
    return Embed(forum, ident, link, _one(told["title"])) if ident or link else None


def find_frame(page: Page) -> str | None:
    """Return the address of Disqus's page in a frame, as browsers save it and some sites write it."""
    found = {unescape(match[0]) for match in _FRAME.finditer(page.text)}
    return next((url for url in sorted(found) if addresses.address_of(url)), None)


def _places(name: str, text: str) -> Iterator[int]:
    """Yield where a word stands in a text; patterns that begin with a choice of words cost ten times as much."""
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _place(text: str) -> str | None:
    """Return the tag of the element that Disqus fills."""
    for at in _places("disqus_thread", text):
        start = text.rfind("<", max(0, at - 1000), at)
        if start >= 0 and (match := _PLACE.match(text, start)):
            return match[0]
    return None


def _scripts(text: str) -> Iterator[str]:
    """Yield the forums whose script a page loads."""
    for at in _places("/embed.js", text):
        match = _SCRIPT.search(text, max(0, at - 140), at + len("/embed.js"))
        if match and not _is_comment(text, match.start()):
            yield match[1] or match[2]


def _variables(text: str) -> dict[str, set[str]]:
    """Return the values that scripts give to the variables of Disqus's code outside of comments."""
    found: dict[str, set[str]] = {"shortname": set(), "identifier": set(), "url": set(), "title": set()}
    for word in ("disqus", "page."):
        for at in _places(word, text):
            name = _NAMED.match(text, at)
            given = _GIVEN.match(text, name.end()) if name and text[at - 5 : at] != "data-" else None
            if name and given and not _is_comment(text, at) and (value := _unquoted(given)):
                found[name[1].lower()].add(value)
    return found


def _unquoted(match: re.Match[str]) -> str:
    if match[2] is not None:
        return match[2].replace("\\'", "'").replace("\\/", "/").strip()
    try:
        return str(json.loads(f'"{match[1]}"')).strip()
    except ValueError:
        return match[1].replace("\\/", "/").strip()


def _attributes(text: str, place: str) -> dict[str, set[str]]:
    """Return what attributes say, those of the place for comments before those of links to other pages' comments."""
    found: dict[str, set[str]] = {"shortname": set(), "identifier": set(), "url": set()}
    for source in (place, text):
        for match in _ATTRIBUTE.finditer(source) if "data-disqus-" in source else ():
            found[match[1]].add(unescape(match[2] or match[3]).strip())
        if any(found.values()):
            break
    return found


def _is_comment(text: str, at: int) -> bool:
    """Return whether a place in a script is commented out: Disqus's own code shows there how it is to be used."""
    line = text[max(text.rfind("\n", 0, at), at - 400) + 1 : at].lstrip()
    before = text[max(0, at - 2000) : at].replace("*/*", "")  # a kind of content, not a comment
    return line.startswith("//") or before.rfind("/*") > before.rfind("*/")


def _one(values: set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None
