"""Every site against what is not its own: pages of all other sites, answers that are errors, and answers cut or bent.

A site that answers reads comments that are not there; so each answer is a ParseError in a sentence, or is explained.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from belowtheline.authoring.cases import body_of, page_of
from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.reading.sources import SUFFIXES, content_type
from belowtheline.sites.registry import all_sites, read, site_named
from belowtheline.sites.site import Site
from tests.places import REALDATA, SITES

FETCHED = "2026-01-05T09:00:00Z"

_OWNERS = {"register": "theregister", "schema": "structured", "microformats": "structured"}
"""The sites whose recorded pages stand in folders of other names."""

EXPLAINED = {
    ("structured", "discourse"): "what Discourse sends to crawlers marks up its posts as microdata of schema.org",
    ("structured", "guardian"): "the Guardian's answers of 2016 were HTML with microdata of schema.org",
    ("structured", "wordpress"): "some themes of WordPress mark up their comments as microdata of schema.org",
    ("wordpress", "structured"): "pages recorded for what they mark up were made by WordPress",
}
"""The pairs of a reader and an owner that may both read a page, where the page really has what both look for."""

_LONGEST_SENTENCE = 400


@dataclass(frozen=True)
class Saved:
    """One page of one site."""

    owner: str
    name: str
    page: Page

    def without_address(self) -> Page:
        return Page(None, self.page.body, self.page.content_type, self.page.fetched_at)


@cache
def pages() -> tuple[Saved, ...]:
    """All pages of all sites: the cases, and the recorded pages where they are."""
    cases = (file.parent for file in sorted(SITES.glob("*/*/page.json")))
    made = [Saved(case.parent.name, f"{case.parent.name}/{case.name}", page_of(case)) for case in cases]
    return (*made, *_recorded())


def _recorded() -> Iterator[Saved]:
    for file in sorted(REALDATA.glob("*/*.*")):
        if file.suffix in (*SUFFIXES, ".xml") and not file.name.endswith(".gold.json"):
            kind = file.parent.name.partition("_")[0]
            page = Page(None, file.read_bytes(), content_type(file), FETCHED)
            yield Saved(_OWNERS.get(kind, kind), f"recorded {file.parent.name}/{file.name}", page)


def outcome(site: Site, page: Page) -> tuple[ThreadPage, ...] | None:
    """Return what a site reads, None for a ParseError, whose message is held to be one sentence with an end."""
    try:
        return tuple(map(normalise, read(site, page)))
    except ParseError as error:
        message = str(error)
        assert message.endswith("."), message
        assert "\n" not in message, message
        assert len(message) <= _LONGEST_SENTENCE + len(page.url or ""), message
        return None


def texts(found: tuple[ThreadPage, ...]) -> set[str]:
    """Return the words of all that is said on a page, without white space, in which two readings may differ."""
    bodies = [shown(comment.body_text) for part in found for comment in part.comments]
    return {"".join(body.split()) for body in [*bodies, *(shown(part.thread.body_text) for part in found)] if body}


@pytest.mark.parametrize("name", all_sites())
def test_pages_of_other_sites_are_not_its_own(name: str) -> None:
    site = site_named(name)
    wrong = []
    for saved in pages():
        if saved.owner == name or (name, saved.owner) in EXPLAINED:
            continue
        wrong += [f"recognises {saved.name}"] * site.recognises(saved.without_address())
        for page in (saved.without_address(), saved.page):
            if outcome(site, page) is not None:
                wrong.append(f"reads {saved.name} as {page.name}")
    assert wrong == []


@pytest.mark.parametrize(("name", "owner"), EXPLAINED)
def test_where_two_sites_read_a_page_both_read_the_same_words(name: str, owner: str) -> None:
    seen = 0
    for saved in pages():
        if saved.owner != owner:
            continue
        other, own = (outcome(site_named(site), saved.page) for site in (name, owner))
        if other and own:
            seen += 1
            apart = min(texts(other) - texts(own), texts(own) - texts(other), key=len)
            # Only the owner knows what stands in place of a deleted comment.
            assert len(apart) <= sum(bool(shown(comment.deletion)) for part in own for comment in part.comments)
    assert seen or (name == "wordpress" and not REALDATA.is_dir()), EXPLAINED[name, owner]


ERROR_PAGE = b"""<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>a proxy</center></body></html>"""

ANSWERS = {
    "nothing": b"",
    "white space": b" \n\t\n",
    "an error page": ERROR_PAGE,
    "a page of something else": b"<!DOCTYPE html><html><title>Kettles</title><p>Out of stock.</p></html>",
    "a page that was cut": b"<!DOCTYPE html><html><head><ti",
    "an error in words": b"Service unavailable\n",
    "a rate limit in words": b"Too many requests. Try again in 30 seconds.\n",
    "XML": b'<?xml version="1.0"?>\n<error>gone</error>\n',
    "a cut answer": b'{"data": {"comments": [{"id": "7", "body": "It was the',
    "a cut list": b'[{"id": 7, "content": {"rendered": "<p>It was',
    "null": b"null",
    "a number": b"42",
    "a text": b'"gone"',
    "an empty object": b"{}",
    "a list of null": b"[null]",
    "a list of lists": b"[[], []]",
    "a list of empty objects": b"[{}]",
    "an error object": b'{"error": {"code": 500, "message": "Internal error"}}',
    "a list of errors": b'{"data": null, "errors": [{"message": "Story not found", "path": ["story"]}]}',
    "an error with a status": b'{"status": "error", "message": "API key missing"}',
    "an error with a number": b'{"code": 2, "response": "Invalid argument"}',
    "a rate limit": b'{"message": "Too Many Requests", "error": 429}',
    "a rate limit with a list": b'{"errors": ["Slow down, please."], "error_type": "rate_limit"}',
    "a rate limit with a number": b'{"code": 13, "response": "You have exceeded your requests limit"}',
    "brackets without end": b"[" * 5_000,
    "deep brackets": b"[" * 5_000 + b"]" * 5_000,
    "a lone surrogate": b'{"error": "\\ud800"}',
    "a number of 5,000 digits": b'{"id": ' + b"9" * 5_000 + b"}",
    "a byte order mark": b"\xef\xbb\xbf{}",
}


def addresses_of(name: str) -> set[str | None]:
    """Return addresses that a site's answers come from."""
    site = site_named(name)
    own = {saved.page.url for saved in pages() if saved.owner == name}
    return {None, site.example_url, site.start(site.example_url).url, *own}


@pytest.mark.parametrize("name", all_sites())
def test_an_answer_that_is_no_thread_is_an_error_in_a_sentence(name: str) -> None:
    site = site_named(name)
    wrong = []
    for (what, body), url in ((answer, url) for answer in ANSWERS.items() for url in addresses_of(name)):
        for kind in ("text/html", "application/json"):
            page = Page(url, body, kind, FETCHED)
            wrong += [f"recognises {what} at {url}"] * (body[:1] != b"<" and site.recognises(page))
            wrong += [f"reads {what} at {url}"] * (outcome(site, page) is not None)
    assert wrong == []


_CUTS = 24


@pytest.mark.parametrize("name", all_sites())
def test_a_cut_page_is_never_whole_and_a_cut_answer_is_an_error(name: str) -> None:
    site = site_named(name)
    wrong = []
    for saved in pages():
        body = saved.page.body.rstrip()
        if saved.owner != name or saved.name.startswith("recorded") or not outcome(site, saved.page):
            continue
        for part in range(_CUTS):
            page = Page(saved.page.url, body[: len(body) * part // _CUTS], saved.page.content_type, FETCHED)
            found = outcome(site, page)
            is_html = page.looks_like_html
            if found and (not is_html or any(read.completeness.is_whole for read in found)) and body[:1] in b"<{[":
                wrong.append(f"{saved.name} after {len(page.body)} bytes")
    assert wrong == []


_BENT: tuple[Any, ...] = (None, {}, [], "x", 5, {"x": None})
_EACH = 2
"""How many items of a list are bent; the others are like them."""


def places(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where values stand in JSON, as keys and indexes."""
    yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value[:_EACH]) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*above, key))


def bent(value: Any, place: tuple[str | int, ...], other: Any) -> Any:
    """Return JSON with another value at one place."""
    if not place:
        return other
    changed = copy.deepcopy(value)
    at = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = other
    return changed


def answers_of(name: str) -> list[tuple[Path, Any]]:
    """Return the cases of a site that are JSON, with their values."""
    found = []
    for file in sorted(SITES.glob(f"{name}/*/page.json")):
        try:
            found.append((file.parent, json.loads(body_of(file.parent).read_bytes())))
        except ValueError:
            continue
    return found


@pytest.mark.parametrize("name", [name for name in all_sites() if answers_of(name)])
def test_an_answer_with_a_value_of_another_kind_is_read_or_is_an_error(name: str) -> None:
    site = site_named(name)
    for case, value in answers_of(name):
        page = page_of(case)
        for place in places(value):
            for other in _BENT:
                body = json.dumps(bent(value, place, other)).encode()
                try:
                    outcome(site, Page(page.url, body, page.content_type, page.fetched_at))
                except Exception as error:
                    error.add_note(f"{name}/{case.name} with {other!r} at {place}")
                    raise
