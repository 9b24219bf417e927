"""What a page's owner reserves: robots tags and the TDM Reservation Protocol, in headers, pages and on the host.

Obeyed are `noarchive`, `none`, `noai` and `noimageai` of X-Robots-Tag and <meta name="robots">, where they are said to
all or to us, and `tdm-reservation: 1` of a header, of <meta>, or of /.well-known/tdmrep.json for the address (W3C
community group report, 2024: meta before header before file). Other tags, as `noindex`, speak of search results: they
are recorded and not obeyed. A page that the file reserves is not asked for, so that its header cannot free it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TDM_FILE = "/.well-known/tdmrep.json"
"""Where a host says what it reserves."""
HEAD = 65_536
"""Bytes of a page in which its reservations are looked for; a head without an end is not followed any further."""

_AGENT = "belowtheline"
_OBEYED = ("noarchive", "none", "noai", "noimageai")
_HEADERS = ("X-Robots-Tag", "TDM-Reservation", "TDM-Policy")
_NAMES = ("robots", _AGENT, "tdm-reservation", "tdm-policy")
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_LONGEST = 1000
_META = re.compile(r"<meta\b[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(name|content)\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_MOST_RULES = 10_000


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a host's file says of the addresses that its pattern matches."""

    location: str
    is_reserved: bool
    policy: str | None


def signals_of(headers: Mapping[str, Sequence[str]], head: bytes) -> dict[str, str]:
    """Return what a response says of its use, by header name and by `meta NAME`; several values are lines.

    `headers` has lower-case names; `head` is the beginning of the page, of which HEAD bytes are looked at.
    """
    said = {name: "\n".join(headers[name.lower()])[:_LONGEST] for name in _HEADERS if headers.get(name.lower())}
    return said | {f"meta {name}": value for name, value in _meta(_head(head)).items()}


def opt_out(signals: Mapping[str, str]) -> str | None:
    """Return the signal that asks not to keep a page, in words; None where nothing does.

    >>> opt_out({"X-Robots-Tag": "otherbot: noarchive"}), opt_out({"meta robots": "noindex, NOARCHIVE"})
    (None, 'its meta robots says noarchive')
    """
    for name in ("X-Robots-Tag", "meta robots", f"meta {_AGENT}"):
        if found := next((token for token in _tokens(signals.get(name, "")) if token in _OBEYED), None):
            return f"its {name} says {found}"
    for where in ("meta tdm-reservation", "TDM-Reservation"):
        value = signals.get(where, "").strip()
        if value in ("0", "1"):  # any other is as good as none
            policy = signals.get("meta tdm-policy") or signals.get("TDM-Policy")
            return _reserved(f"its {where} is 1", policy) if value == "1" else None
    return None


def _reserved(what: str, policy: str | None) -> str:
    return f"{what}, with its policy at {policy}" if policy else what


def _tokens(value: str) -> Iterator[str]:
    """Yield the tags that are said to all or to us; in a header a name and a colon say to whom."""
    for line in value.lower().splitlines():
        agent = _AGENT
        for part in line.split(","):
            before, colon, after = (piece.strip() for piece in part.partition(":"))
            if colon and before not in _WITH_VALUE:
                agent, before = before, after
            if agent == _AGENT:
                yield before


def _head(body: bytes) -> str:
    """Return the head of a page of markup, "" for anything else."""
    text = body[:HEAD].decode("latin-1")
    ends = [found for end in ("</head", "</HEAD", "<body", "<BODY") if (found := text.find(end)) >= 0]
    return text[: min(ends, default=HEAD)]


def _meta(head: str) -> dict[str, str]:
    said: dict[str, list[str]] = {}
    for tag in _META.findall(head):
        values = {name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(tag)}
        if (name := values.get("name", "").strip().lower()) in _NAMES:
            said.setdefault(name, []).append(values.get("content", ""))
    return {name: "\n".join(contents)[:_LONGEST] for name, contents in said.items()}


def reservations_in(body: bytes) -> tuple[Reservation, ...]:
    """Return the rules of a host's file in their order; raise ValueError where it is none."""
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(document, list):
        raise ValueError("it is no list of rules")
    return tuple(rule for item in document[:_MOST_RULES] if (rule := _rule(item)))


def _rule(item: Any) -> Reservation | None:
    if not isinstance(item, dict) or not isinstance(item.get("location"), str):
        return None
    value, policy = str(item.get("tdm-reservation")), item.get("tdm-policy")
    if value not in ("0", "1"):
        return None
    return Reservation(item["location"], value == "1", policy if isinstance(policy, str) else None)


def reserved_by(rules: Sequence[Reservation], url: str) -> str | None:
    """Return how a host's file reserves an address, in words; the first rule that matches decides.

    >>> reserved_by([Reservation("/a/*.jpg$", False, None), Reservation("/a/", True, None)], "http://k.example/a/b")
    '/.well-known/tdmrep.json reserves /a/'
    """
    parts = urlsplit(url)
    path = parts.path or "/"
    path = _unescaped((f"{path}?{parts.query}" if parts.query else path).replace("$", "%24").replace("*", "%2A"))
    for rule in rules:
        if _matches(_unescaped(rule.location), path):
            return _reserved(f"{TDM_FILE} reserves {rule.location[:200]}", rule.policy) if rule.is_reserved else None
    return None


def _unescaped(path: str) -> str:
    """Return a path with what needs no escape unescaped, so that two forms of one path are equal."""

    def plain(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPED.sub(plain, path)


def _matches(pattern: str, path: str) -> bool:
    """Return whether a path begins as the pattern says, where * is anything and a last $ is the end."""
    first, *others = pattern.removesuffix("$").split("*")
    is_to_end = pattern.endswith("$")
    if not path.startswith(first):
        return False
    if not others:
        return path == first or not is_to_end
    at = len(first)
    for part in others[:-1]:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    last = others[-1]
    return path.endswith(last) and len(path) - len(last) >= at if is_to_end else path.find(last, at) >= 0
