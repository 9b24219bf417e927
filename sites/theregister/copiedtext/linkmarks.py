"""Marks such as [12] that text browsers write before links, and the list of addresses below the page."""

import re

_MARK = re.compile(r"\[([0-9]{1,5})\](?=[^\s\[])")
_AT_A_POST = re.compile(
    r"^[ \t]*(?:[0-9]{1,5}\.[ \t]+\[[0-9]{1,5}\]|\[[0-9]{1,5}\][<\s]*back to article)", re.MULTILINE
)
_ADDRESS = re.compile(r"[0-9]{1,5}\.\s+\S+:\S*|(?:Visible|Hidden) links:?")
_FEW = 3  # the number after the second mark: one alone may be part of a name


def without_link_marks(text: str) -> str:
    """Return a text without the marks of its links, which count up from 1; any other text as it is.

    >>> without_link_marks("[1]back to article Steam\\n  1. [2]Ann Other\\n\\n     See [3]here, or footnote [7]x.")
    'back to article Steam\\n  1. Ann Other\\n\\n     See here, or footnote [7]x.'
    """
    if _AT_A_POST.search(text) is None:
        return text
    expected = 1
    parts, end = [], 0
    for match in _MARK.finditer(text):
        if int(match[1]) == expected:
            parts.append(text[end : match.start()])
            end, expected = match.end(), expected + 1
    if expected < _FEW:
        return text
    return _without_addresses("".join(parts) + text[end:])


def _without_addresses(text: str) -> str:
    head, found, tail = text.rpartition("References")
    lines = (line.strip() for line in tail.split("\n"))
    is_list = bool(found) and head.rstrip(" \t")[-1:] == "\n" and all(map(_is_address, lines))
    return head if is_list else text


def _is_address(line: str) -> bool:
    return not line or _ADDRESS.fullmatch(line) is not None
