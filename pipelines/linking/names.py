"""The names under which a thread's comments stand, and finding one at a place of a text."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from belowtheline.archive.links.texts import CommentText
from belowtheline.pipelines.linking.folding import first_word, fold, folded_name, is_function_word
from belowtheline.pipelines.linking.texts import Document, Texts

_LONGEST = 8
"""Words of a name that are looked at."""
_ROLE_TEXT = (
    "ac,admin,administrator,all,anon,anonymous,anonymous coward,anyone,author,coward,ed,editor,editors,everybody,"
    "everyone,folks,guest,guys,mod,mods,moderator,moderators,nobody,op,reader,readers,reg,sir,somebody,someone,staff,"
    "the author,the editor,the moderator,the op,the register,webmaster,you"
)
_ROLES = frozenset(_ROLE_TEXT.split(","))
"""Who is addressed by these is nobody in particular, even where an author bears such a name."""
_NOBODY = frozenset({("ac",), ("a", "c"), ("anon",), ("anonymous",), ("anonymous", "coward"), ("anonymous", "poster")})
"""How the anonymous are called, folded, beside the name under which the thread has them."""
_POSSESSIVE = ("'s", "’s")
_LOWERCASE = re.compile(r"(?<![\w@])(?<!@ )[^\W\d_A-Z]\w*")
_COMMON = 2
"""Comments that have a name's words in lower case, from which on they are taken for plain words."""


@dataclass(slots=True)
class Name:
    """A display name, with the comments that stand under it so far."""

    shown: str
    folded: str
    is_addressable: bool = True
    """False for what is nobody's name in particular, and for roles."""
    places: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Named:
    """A name found in a text: code points, half-open."""

    name: Name
    start: int
    end: int


class Names:
    """All names of a thread by their words; a longer name goes before a shorter one that it begins with."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._by_words: dict[tuple[str, ...], Name] = {}
        self._joined: dict[str, list[Name]] = defaultdict(list)
        self._of_comment: dict[int, Name] = {}
        self.by_surname: dict[str, list[Name]] = defaultdict(list)
        self.longest_from: dict[str, int] = {}
        """Most words of a name, by its first word."""
        self.nobody = Name("anonymous", "", is_addressable=False)
        """Stands for all the anonymous of the thread."""
        self._nobody = set(_NOBODY)
        self._beginnings: set[tuple[str, ...]] = set()
        """First words of longer names of somebody."""
        for place, comment in enumerate(texts.comments):
            if comment.author_name:
                self._add(place, comment, comment.author_name)

    def _add(self, place: int, comment: CommentText, shown: str) -> None:
        words = tuple(fold(shown).words)
        if not words:
            return
        name = self._by_words.get(words)
        if name is None:
            name = self._by_words[words] = Name(shown, folded_name(shown))
            self.longest_from[words[0]] = max(self.longest_from.get(words[0], 0), min(len(words), _LONGEST))
            if len(words) > 1:
                self._joined["".join(words)].append(name)
                self.by_surname[words[-1]].append(name)
        if comment.is_nobody or name.folded in _ROLES:
            name.is_addressable = False
        if comment.is_anonymous:
            self._nobody.add(words)
        if words not in self._nobody:
            self._beginnings.update(words[:count] for count in range(1, min(len(words), 4)))
        self._of_comment[place] = name

    def note(self, place: int) -> None:
        """Note that a comment has been gone through: from now on its author's name can mean it."""
        if name := self._of_comment.get(place):
            name.places.append(place)
            if self._texts.comments[place].is_anonymous or tuple(fold(name.shown).words) in self._nobody:
                self.nobody.places.append(place)

    def of(self, place: int) -> Name | None:
        """Return the name under which a comment stands."""
        return self._of_comment.get(place)

    def at(
        self, document: Document, start: int, *, may_be_joined: bool = False, is_role_too: bool = False
    ) -> Named | None:
        """Return the longest name that stands at a code point, None where it is nobody's or goes on as another word."""
        opening = first_word(document.text, start)
        if opening not in self.longest_from and not (may_be_joined and opening in self._joined):
            return None
        folded = document.folded
        first = folded.at(start)
        if first is None:
            return None
        for count in range(self.longest_from.get(folded.words[first], 0), 0, -1):
            words = tuple(folded.words[first : first + count])
            end = folded.ends[min(first + count, len(folded.ends)) - 1]
            name, is_whole = self._by_words.get(words), _is_whole(document.text, end)
            if name is None and may_be_joined and document.text[end - 2 : end] in _POSSESSIVE:
                name, end = self._by_words.get((*words[:-1], words[-1][:-1])), end - 2
            if name and folded_name(document.text[start:end]) == name.folded and is_whole:
                return Named(name, start, end) if name.is_addressable or is_role_too else None
        joined = self._joined.get(folded.words[first], []) if may_be_joined else []
        if len(joined) == 1 and joined[0].is_addressable and _is_whole(document.text, folded.ends[first]):
            return Named(joined[0], start, folded.ends[first])
        return None

    def nobody_at(self, document: Document, start: int) -> Named | None:
        """Return what stands at a code point and means an anonymous author, unless somebody's name begins so too."""
        first = document.folded.at(start)
        if first is None:
            return None
        words = document.folded.words
        for count in (3, 2, 1):
            called = tuple(words[first : first + count])
            if called in self._nobody and len(called) == count:
                end = document.folded.ends[first + count - 1]
                is_meant = _is_whole(document.text, end) and called not in self._beginnings
                return Named(self.nobody, start, end) if is_meant else None
        return None

    def is_plain(self, name: Name) -> bool:
        """Return whether a name reads as plain words, as "Well" and "Just Wondering" do."""
        words = fold(name.shown).words
        return all(is_function_word(word) or word.isdigit() or self._lowercase[word] >= _COMMON for word in words)

    def is_plain_word(self, word: str) -> bool:
        """Return whether a folded word also stands in lower case in the thread, and so is no name's second part."""
        return is_function_word(word) or self._lowercase[word] > 0

    @cached_property
    def _lowercase(self) -> Counter[str]:
        """In how many comments each word stands in lower case."""
        counts: Counter[str] = Counter()
        for documents in self._texts.of_comment:
            texts = [document.text for document in documents if document.is_present]
            counts.update({word for text in texts for word in _LOWERCASE.findall(text) if word.islower()})
        return counts


def _is_whole(text: str, end: int) -> bool:
    """Return whether a name ends where it was found: no `-bot`, `.com` or `_2` goes on."""
    after = text[end : end + 2]
    return not (len(after) == 2 and after[0] in "-.'’_@/" and after[1].isalnum()) and after[:1] != "_"
