"""What no page of people's comments shows: values that swallow others, told without knowing the site.

Each check counts the comments of one normalised page that look wrong, and speaks when they are too many to be people's
own doing: a few odd comments are no layout, since anybody may be called anything and write anything.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from belowtheline.reading.items import Author, Comment, ThreadPage, shown

_LONGEST_NAME = 60
_WORDS_OF_A_BYLINE = 80
"""Characters behind a name in which a byline has its date."""
_PAIRS = 200
"""Comments with their answers that are compared on one page."""
_MONTH = (
    r"(?:jan|feb|mar|m[äa]r|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|janv|f[ée]v|avr|"
    r"juin|juil|ao[ûu]|d[ée]c|gen|mag|giu|lug|set|ott)\w{0,7}"
)
_DATE = re.compile(
    rf"\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{1,2}}:\d\d|{_MONTH}\.? \d{{1,2}},? \d{{4}}"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th),? \d{{4}}|(?:19|20)\d\d ?[年년] ?\d{{1,2}} ?[月월](?: ?\d{{1,2}} ?[日일])?"
    rf"|\d{{1,2}}(?:\.|st|nd|rd|th|er|º)? (?:de )?{_MONTH}\.?,? (?:de )?\d{{4}}"
    rf"|\d{{1,3}} (?:second|minute|hour|day|week|month|year)s? ago)\b",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]@[\w-]{1,64}\.[a-z]{2,}", re.IGNORECASE)
_BUTTON_WORDS = (
    "reply replies report like likes unlike dislike share edit delete quote permalink flag upvote downvote vote parent"
    " antworten melden zitieren teilen bearbeiten löschen gefällt mir répondre signaler citer partager modifier j'aime"
    " responder denunciar citar compartir editar gusta rispondi segnala condividi reageren rapporteren svar svara"
)
_BUTTONS = frozenset(_BUTTON_WORDS.split())


class _Finding(NamedTuple):
    """How many comments look wrong, of how many, and what it is."""

    odd: int
    of: int
    what: str
    share: float = 0.25
    fewest: int = 2

    @property
    def is_layout(self) -> bool:
        return self.odd >= self.fewest and self.odd >= self.share * self.of


class _Said(NamedTuple):
    """What a comment shows, as the checks look at it; empty for what it does not."""

    comment: Comment
    name: str
    raw: str
    text: str


def odd_values(page: ThreadPage) -> str | None:
    """Return what the comments of a normalised page show that people's comments do not, None where all is well.

    >>> from belowtheline.reading.items import Thread
    >>> bodies = [Comment(native_id=str(n), position=n, author=Author(name="Ann"), body_text="Ann") for n in (1, 2)]
    >>> odd_values(ThreadPage(thread=Thread(site="", native_id=None), comments=tuple(bodies)))
    "2 of 2 comments have their author's name as text"
    """
    said = [_said(comment) for comment in page.comments if not isinstance(comment.deletion, str)]
    found = (finding for check in _CHECKS for finding in check(said, page))
    return next((f"{finding.odd} of {finding.of} {finding.what}" for finding in found if finding.is_layout), None)


def _said(comment: Comment) -> _Said:
    author = comment.author
    name = author.name if isinstance(author, Author) and author.name else ""
    raw = comment.published_raw if type(comment.published_raw) is str else ""
    return _Said(comment, name, raw, comment.body_text if type(comment.body_text) is str else "")


def _names(said: list[_Said], _: ThreadPage) -> Iterator[_Finding]:
    """Look for names that are sentences; one person may have written many of the comments."""
    both = [one for one in said if one.name and one.text]
    swallowed = sum(one.name == one.text.strip(" :,") for one in both)
    yield _Finding(swallowed, len(both), "comments have their author's name as text")
    names = {one.name for one in said if one.name}
    long = sum(len(name) > _LONGEST_NAME for name in names)
    yield _Finding(long, len(names), f"authors have names of more than {_LONGEST_NAME} characters")
    dated = sum(_DATE.search(name[:200]) is not None for name in names)
    yield _Finding(dated, len(names), "authors have a date in their name")


def _dates(said: list[_Said], page: ThreadPage) -> Iterator[_Finding]:
    dated = [one for one in said if one.raw]
    mails = sum(_MAIL.search(one.raw[:500]) is not None for one in dated)
    yield _Finding(mails, len(dated), "dates have an e-mail address in them")
    named = {one.name for one in dated if _is_named(one.raw[:500], one.name)}
    count = sum(one.name in named for one in dated) if len(named) > 1 else 0
    yield _Finding(count, len(dated), "dates have their author's name in them")
    when = shown(page.thread.article.published_at)
    times = {shown(one.comment.published_at) for one in dated}
    is_articles = when is not None and times == {when} and not when.endswith("00:00Z")
    yield _Finding(len(dated) if is_articles else 0, len(dated), "comments have the article's date", fewest=5)


def _is_named(raw: str, name: str) -> bool:
    """Return whether a date names its author, as a word of its own; "May" alone is no proof, so that two must be."""
    if len(name) < 3 or name not in raw or not any(map(str.isalpha, name)):
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", raw) is not None


def _empty(said: list[_Said], _: ThreadPage) -> Iterator[_Finding]:
    """Look for comments of nobody that say nothing and are not said to be deleted."""
    nothing = [
        one for one in said if not (one.text or shown(one.comment.body_html) or one.name or _has_id(one.comment))
    ]
    bare = sum(not (one.raw or shown(one.comment.title) or one.comment.native_id) for one in nothing)
    yield _Finding(bare, len(said), "comments show nothing at all: no author, date, text or id", share=0, fewest=1)
    yield _Finding(len(nothing), len(said), "comments have neither author nor text, and are not said to be deleted")


def _has_id(comment: Comment) -> bool:
    return isinstance(comment.author, Author) and bool(shown(comment.author.native_id))


def _repeated(said: list[_Said], _: ThreadPage) -> Iterator[_Finding]:
    """Look for what varies between people's comments and does not here."""
    texts = [one.text for one in said if one.text]
    is_one = len(set(texts)) == 1 and len(texts[0]) >= _FEWEST_CHARACTERS
    yield _Finding(len(texts) if is_one else 0, len(texts), "comments have the same text", fewest=5)
    twice = sum(mark.kind == "duplicate id" for one in said for mark in shown(one.comment.marks) or ())
    yield _Finding(twice, len(said), "comments have the id of another with other words", fewest=3)
    linked = [(url, one.text) for one in said if (url := shown(one.comment.url)) and one.text]
    texts_at = Counter(url for url, _ in set(linked))
    shared = sum(texts_at[url] > 1 for url, _ in linked)
    yield _Finding(shared, len(linked), "comments have the address of another with other words", share=0.5, fewest=3)


_FEWEST_CHARACTERS = 30


def _bylines(said: list[_Said], _: ThreadPage) -> Iterator[_Finding]:
    """Look for texts that begin with their own name and date, or begin or end with the same words as most."""
    both = [one for one in said if one.name and one.text]
    begin = [one for one in both if one.text.startswith(one.name)]
    bylines = [one for one in begin if _DATE.search(one.text[len(one.name) :][:_WORDS_OF_A_BYLINE])]
    yield _Finding(len(bylines), len(both), "texts begin with their author and a date", share=0.5)
    heads = [one for one in begin if one.text[len(one.name) :].lstrip(" ")[:1] in ("", "\n", ":")]
    yield _Finding(len(heads), len(both), "texts begin with their author's name", share=0.6, fewest=3)
    for place, what in ((0, "begin"), (-1, "end")):
        alike = _alike(both, place)
        yield _Finding(alike, len(both), f"texts {what} with the same line", share=0.6, fewest=5)


def _alike(said: list[_Said], place: int) -> int:
    """Return how many texts of several lines have the same short first or last line, if three people wrote them."""
    lines = [(one.name, lines[place]) for one in said if len(lines := one.text.split("\n")) > 1]
    people = {one.name for one in said}  # whom many answer stands above their quotes
    short = [line for _, line in lines if 0 < len(line) <= _FEWEST_CHARACTERS]
    counts = Counter(line for line in short if line.strip(" @:,") not in people)
    if not counts:
        return 0
    line, count = counts.most_common(1)[0]
    return count if len({name for name, other in lines if other == line}) >= 3 else 0


def _buttons(said: list[_Said], _: ThreadPage) -> Iterator[_Finding]:
    texts = [one.text for one in said if one.text]
    ending = sum(_ends_with_buttons(text) for text in texts)
    yield _Finding(ending, len(texts), "texts end with the words of buttons", share=0.5, fewest=3)


def _ends_with_buttons(text: str) -> bool:
    """Return whether a text ends with a line of button words, or has one behind its last sentence."""
    before, _, last = text[-200:].rstrip().rpartition("\n")
    words = [word.strip("()[]|·•0123456789").casefold() for word in last.split()]
    if before and words and all(word in _BUTTONS or not word for word in words):
        return any(words)
    return _GLUED.search(last) is not None


_GLUED = re.compile(
    r"[.!?…)\"”]\s{0,3}(?:(?:Reply|Report|Like|Share|Edit|Quote|Permalink|Antworten|Melden|Zitieren|Répondre|Signaler"
    r"|Responder|Rispondi)[\s|·•]{0,3}){1,5}$"
)


def _answers(said: list[_Said], _: ThreadPage) -> Iterator[_Finding]:
    """Look for texts that hold the whole text of an answer to them; an answer quotes, and is not quoted before."""
    by_id: dict[str | None, _Said] = {one.comment.native_id: one for one in said if one.comment.native_id is not None}
    pairs = ((by_id.get(_parent(one.comment)), one) for one in said if len(one.text) >= _FEWEST_CHARACTERS)
    compared = [(above, one) for above, one in pairs if above is not None and above.text][:_PAIRS]
    holding = sum(len(above.text) > len(one.text) and one.text in above.text for above, one in compared)
    yield _Finding(holding, len(compared), "texts hold the whole text of an answer to them", share=0.5)


def _parent(comment: Comment) -> str | None:
    return comment.parent_native_id if isinstance(comment.parent_native_id, str) else None


_Check = Callable[[list[_Said], ThreadPage], Iterable[_Finding]]
_CHECKS: tuple[_Check, ...] = (_names, _dates, _empty, _repeated, _bylines, _buttons, _answers)
