"""Pages gone wrong: saved pages changed at random, in bytes and structure, and what must hold of any reading."""

import copy
import json
import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from belowtheline.authoring.cases import page_of
from belowtheline.pipelines import normalise
from belowtheline.reading.errors import ParseError, ReaderError
from belowtheline.reading.items import ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_named
from tests.growth import assert_costs_at_most, cpu_seconds
from tests.loopback import post, topic
from tests.places import SITES

_LARGEST = 400_000
_TIMES = 4
"""How much more than a whole page of the largest size an input may cost."""
TOKENS = (
    b"<",
    b">",
    b"</",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"&#0;",
    b"&#x110000;",
    b"&#xd800;",
    b"&amp",
    b"'",
    b'"',
    b"<ol><li>" * 300,
    b"<div>" * 3000,
    b"</div>" * 50,
    b"<table><tr>",
    b"<script>",
    b"</script>",
    b"<template>",
    b"<svg><p>",
    b"<title>",
    b"<base href='http://x.test/'>",
    b"9" * 400,
    b"-1",
    b"1e999",
    b"NaN",
    b"\\ud800",
    b"null",
    b"[" * 3000,
    b'{"a":' * 3000,
    b"}",
    b"]",
    b",",
    b"{",
    b"\xc2\xa0",
    b"\xe2\x80\xae",
    b"0000-00-00T99:99:99Z",
    b"9999999999999999",
    b"-99999999999999",
    b"31/02/2025",
    b"<meta charset=utf-16>",
    b"<meta charset=x-none>",
    b"href='//['",
    b"href='http://[::1'",
    b"data-epoch='x'",
    b"\n" * 500,
    b" " * 5000,
)
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    1e308,
    float("nan"),
    float("inf"),
    10**40,
    "",
    " ",
    "x",
    "\0",
    "\ud800",
    "9" * 400,
    "-1",
    "2025-99-99T00:00:00Z",
    "http://[::1",
    "//[",
    "<p>x",
    "<div>" * 300,
    [],
    {},
    [[]],
    [None],
    {"": None},
    [{}],
    ["x"] * 3,
    {"id": None},
    {"data": []},
    {"kind": "t1"},
    "t1_",
    "null",
)


@cache
def cases() -> dict[str, list[Page]]:
    """Return the saved pages of each site."""
    found: dict[str, list[Page]] = {}
    for told in sorted(SITES.glob("*/*/page.json")):
        found.setdefault(told.parts[-3], []).append(page_of(told.parent))
    return found


def assert_read_or_refused(site: str, page: Page) -> tuple[ThreadPage, ...] | ParseError:
    """Return what a site and the stages make of a page, or the refusal; nothing else may happen, nor cost much."""
    made: list[tuple[ThreadPage, ...] | ParseError] = []
    if cpu_seconds(lambda _: made.append(_read_or_refused(site, page)), 0) > _TIMES * _seconds_of_a_whole_page():
        assert_costs_at_most(_TIMES, lambda: _read_or_refused(site, page), _read_a_whole_page)
    (found,) = made
    assert not isinstance(found, ReaderError), f"a reader fails on a page: {found}"
    assert isinstance(found, tuple) or str(found).strip(), "refused without a reason"
    return found


def _read_or_refused(site: str, page: Page) -> tuple[ThreadPage, ...] | ParseError:
    try:
        return tuple(normalise(thread) for thread in read(site_named(site), page))
    except ParseError as error:
        return error


def _read_a_whole_page() -> object:
    return _read_or_refused("theregister", _whole_page())


@cache
def _whole_page() -> Page:
    posts = [post(number, f"Word {number}. " * 20) for number in range(1, 850)]
    return Page("http://127.0.0.1/forum/all/2025/03/14/kettle/", topic(posts)[:_LARGEST], None, "2025-03-14T10:00:00Z")


@cache
def _seconds_of_a_whole_page() -> float:
    return cpu_seconds(lambda _: _read_a_whole_page(), 0)


def mutated(rng: random.Random, pages: list[Page]) -> Page:
    """Return one of a site's pages with something wrong in its bytes, or in its structure where it is JSON."""
    page = rng.choice(pages)
    body = page.body
    is_json = body.lstrip()[:1] in (b"{", b"[") and rng.random() < 0.7
    if is_json:
        body = _mutated_json(rng, body)
    elif rng.random() < 0.2:
        body = _invented(rng, body)
    for _ in range(rng.choice((0, 1, 3)) if is_json else rng.choice((1, 1, 2, 5, 20))):
        body = rng.choice(_CHANGES)(rng, body)
    return Page(page.url, body[:_LARGEST], page.content_type, page.fetched_at)


def _slice(rng: random.Random, body: bytes) -> tuple[int, int]:
    start = rng.randrange(len(body) + 1)
    return start, min(len(body), start + int(rng.expovariate(1 / 60)) + 1)


def _delete(rng: random.Random, body: bytes) -> bytes:
    start, end = _slice(rng, body)
    return body[:start] + body[end:]


def _double(rng: random.Random, body: bytes) -> bytes:
    start, end = _slice(rng, body)
    return body[:end] + body[start:]


def _flip(rng: random.Random, body: bytes) -> bytes:
    place = rng.randrange(len(body) or 1)
    return body[:place] + bytes([rng.randrange(256)]) + body[place + 1 :]


def _insert(rng: random.Random, body: bytes) -> bytes:
    place = rng.randrange(len(body) + 1)
    return body[:place] + rng.choice(TOKENS) + body[place:]


def _cut(rng: random.Random, body: bytes) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def _move(rng: random.Random, body: bytes) -> bytes:
    start, end = _slice(rng, body)
    part, rest = body[start:end], body[:start] + body[end:]
    place = rng.randrange(len(rest) + 1)
    return rest[:place] + part + rest[place:]


_TAG = re.compile(rb"<[^<>]{1,200}>")
_VALUE = re.compile(rb"=\"[^\"]{0,200}\"|\d{1,20}|\"[^\"]{0,60}\":")


def _spoil(rng: random.Random, body: bytes) -> bytes:
    """Change one attribute's value, number or key."""
    places = [match.span() for match in _VALUE.finditer(body)]
    if not places:
        return body
    start, end = rng.choice(places)
    return body[:start] + rng.choice((b"", b'=""', b"0", rng.choice(TOKENS))) + body[end:]


def _drop_tag(rng: random.Random, body: bytes) -> bytes:
    places = [match.span() for match in _TAG.finditer(body)]
    if not places:
        return body
    start, end = rng.choice(places)
    return body[:start] + body[end:]


_CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _delete,
    _double,
    _flip,
    _insert,
    _cut,
    _move,
    _spoil,
    _spoil,
    _drop_tag,
    _drop_tag,
)


def _invented(rng: random.Random, body: bytes) -> bytes:
    """Return random markup of a page's own tags and words, so that its site still finds something to read."""
    tags = _TAG.findall(body) or [b"<p>"]
    words = body.split()[:200] or [b"x"]
    parts = [rng.choice(tags if rng.random() < 0.8 else words) for _ in range(rng.randrange(1, 300))]
    return b"<!DOCTYPE html><html><body>" + b" ".join(parts)


def _mutated_json(rng: random.Random, body: bytes) -> bytes:
    """Return a document with some of its values replaced by odd ones, or by others of its own."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    for _ in range(rng.choice((1, 1, 2, 4))):
        nodes = list(_nodes(document))
        if not nodes:
            return json.dumps(rng.choice(ODD)).encode()
        holder, key = rng.choice(nodes)
        other, its_key = rng.choice(nodes)
        if rng.random() < 0.2 and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = copy.deepcopy(rng.choice(ODD) if rng.random() < 0.8 else other[its_key])
    return json.dumps(document).encode()


def _nodes(value: Any) -> Any:
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _nodes(value[key])
