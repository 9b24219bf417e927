"""Queries as users write them, made such that FTS5 finds what the index holds beside plain words."""

import re

from belowtheline.archive.store.words import is_divided, phrase

_OPERATORS = ("AND", "OR", "NOT", "NEAR")
_COLUMNS = {"title": "title title_words", "body_text": "body_text body_words"}
"""The columns that a user may name, each with the one that holds its divided words."""
_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"]|"")*")|(?P<column>\w+)(?P<colon>\s*:)|\{(?P<columns>[\w\s]*)\}|(?P<word>[\w\x80-\U0010ffff]+)'
)
_PHRASE = re.compile(r'"(?P<words>[^"]*)"(?P<star> \*)?')
_STAR = re.compile(r"\s{0,20}\*")
_BITS = re.compile(r'"[^"]*"|\S+')


def expression(query: str) -> str:
    """Return a query in FTS5's syntax with its words divided as the index divides them.

    >>> expression('茶壶 OR "tea pot"'), expression("title:壶*")
    ('"茶壶" OR "tea pot"', '{title title_words} :"壶" *')
    """
    found, at = [], 0
    query = query.replace("\u3000", " ")
    while match := _TOKEN.search(query, at):
        found.append(query[at : match.start()])
        at = match.end()
        term = _term(match)
        if term.endswith("*") and (star := _STAR.match(query, at)):
            at = star.end()
        found.append(term)
    return "".join([*found, query[at:]])


def _term(match: "re.Match[str]") -> str:
    if match["column"] is not None:
        names = _COLUMNS.get(match["column"])
        return f"{{{names}}} :" if names else match[0]
    if match["columns"] is not None:
        return "{" + " ".join(_COLUMNS.get(name, name) for name in match["columns"].split()) + "}"
    text = match["quoted"][1:-1].replace('""', '"') if match["quoted"] else match["word"]
    return phrase(text) if text not in _OPERATORS and is_divided(text) else match[0]


def literal(query: str) -> str:
    """Return what finds words as they stand, whatever they mean in FTS5's syntax; what is quoted stays a phrase.

    >>> literal('C++ "tea pot" 茶壶')
    '"C++" "tea pot" "茶壶"'
    """
    bits = _BITS.findall(query.replace("\u3000", " ").replace("\0", ""))
    bits = [bit.strip('"') for bit in bits]
    worded = [bit for bit in bits if any(map(str.isalnum, bit))] or bits
    return " ".join(phrase(bit) if is_divided(bit) else '"' + bit.replace('"', '""') + '"' for bit in worded)


def words_of(expression: str) -> frozenset[str]:
    """Return the words of an expression's phrases, but not those that only begin what is looked for.

    >>> sorted(words_of('"小茶 茶壶" OR "壶" *'))
    ['小茶', '茶壶']
    """
    phrases = (match for match in _PHRASE.finditer(expression) if not match["star"])
    return frozenset(word for match in phrases for word in match["words"].split())
