"""Proof that a thread has no comments: what a place for them says, and what in it looks like a comment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from belowtheline.reading.counts import count_in_words
from belowtheline.reading.items import EmptyProof
from belowtheline.reading.markup import visible

_SILENT = frozenset(("script", "style", "template", "link", "meta", "svg", "input", "select", "textarea"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_FORMS = re.compile(
    r"(?:^|\s)(?:comment-respond|comment-form|respond|must-log-in|screen-reader-text|skip-link)(?:\s|$)"
)
_REPLY = re.compile(r"(?:^|[\s_-])reply(?:[\s_-]|$)|(?:^|\s)(?:comment-reply-link|in-reply-to|permalink)(?:\s|$)")
_REPLY_WORDS = re.compile(
    r"(?:reply|reply to \S+(?: \S+){0,4}|antworten|répondre|responder|rispondi|beantwoorden|svara|svar"
    r"|odpowiedz|ответить|vastaa|yanıtla|返信|回复|답글)\W*",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"(?:^|\s)(?:says|said|wrote|writes|sagt|schreibt|schrieb|meint|a dit|dit|écrit|a écrit|dice|dijo|escribió"
    r"|ha detto|scrive|disse|diz|zegt|schreef|skriver|säger|pisze|mówi|пишет|сказал|говорит)(?: on [^:]{1,60})?\s?:",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:19|20)\d\d-[01]\d-[0-3]\d\b|\b[0-3]?\d[./][01]?\d[./](?:19|20)?\d\d\b|(?:19|20)\d\d年"
    r"|\b[0-3]?\d(?:st|nd|rd|th|\.)? [^\W\d]{3,10}\.?,? (?:19|20)\d\d\b"
    r"|\b[^\W\d]{3,10}\.? [0-3]?\d(?:st|nd|rd|th)?,? (?:19|20)\d\d\b"
    r"|\b\d{1,3} (?:second|minute|hour|day|week|month|year)s? ago\b"
    r"|\bvor \d{1,3} (?:Minuten?|Stunden?|Tag|Woche|Monat|Jahr)"
    r"|\bil y a \d{1,3} \w{3,8}|\bhace \d{1,3} \w{3,8}|\b[01]?\d:[0-5]\d ?[ap]\.?m\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"(?:(?:there are |sorry, )?(?:currently |still )?no (?:comments|replies|responses|reactions|thoughts|posts)\b"
    r"(?!,? (?:will|would|may|can|should|must|containing|with|without|that|which|from|about|please|longer"
    r"|(?:are|is) (?:allowed|permitted|accepted|published|moderated|edited|removed|deleted|held)))"
    r"|(?:there are |currently )?(?:0|zero) (?:comments|replies|responses|reactions|thoughts)\b"
    r"|nobody has commented|no one has commented|not commented yet|this (?:post|article|entry) has no comments"
    r"|be the first (?:to|person to|one to) (?:comment|leave|post|reply|respond|share|write|add)\b|no comment yet"
    r"|(?:es (?:gibt|sind|wurden) )?(?:hier )?(?:bisher |bislang |derzeit |aktuell |leider )?(?:noch )?"
    r"keine (?:kommentare|antworten|beiträge|postings|reaktionen)\b"
    r"|schreibe? (?:jetzt )?(?:den|das) erste|sei der erste|0 kommentare"
    r"|(?:il n.y a )?(?:pas (?:encore )?de|aucun) commentaire|soyez le premier|0 commentaire"
    r"|(?:no hay|sin|ning[uú]n|a[uú]n no hay|todavía no hay) comentario|s[eé] el primero|0 comentario"
    r"|(?:nessun|ancora nessun|non ci sono) comment|0 comment[io]"
    r"|(?:nenhum|sem|ainda não há|não há|ainda sem) comentário|seja o primeiro"
    r"|(?:er zijn )?(?:nog )?geen (?:reacties|commentaar|opmerkingen)"
    r"|(?:inga|ingen|ei|brak|żadnych|žádné|nincs|nema|fără) (?:\w{1,12} )?(?:kommentare?r|kommentteja|komentarz"
    r"|komentáře|komentara|hozzászólás|comentarii)|ingen kommentarer"
    r"|комментариев (?:пока |ещ[её] )?нет|(?:пока |ещ[её] )?нет комментариев"
    r"|(?:поки |ще )?(?:що )?немає (?:коментарів|відгуків)"
    r"|коментарів (?:поки |ще )?немає|(?:все още )?няма коментари|(?:δεν υπάρχουν|κανένα) σχόλι|niciun comentariu"
    r"|nu există comentarii|אין (?:עדיין )?תגובות|(?:chưa có|không có) (?:bình luận|phản hồi)"
    r"|(?:belum|tidak) ada komentar|ยังไม่มีความ|нема коментара"
    r"|henüz yorum|yorum yok|コメントはまだ|コメントはありません|まだコメント|暂无评论"
    r"|没有评论|尚無|댓글이 없|لا توجد تعليقات)",
    re.IGNORECASE,
)
_FRAMES = frozenset(("iframe", "frame", "object", "embed"))
_ROWS = frozenset(("li", "div", "article", "section", "tr", "dd"))
_MOST_TEXTS, _MOST_PARTS, _WORDS = 40, 200, 3
_LONGEST = 300
_SHORT = 40


@dataclass(slots=True)
class Place:
    """What a place for comments says, the form for a new one left out."""

    lines: list[str] = field(default_factory=list)
    """Its texts that are no heading, an element's each."""
    headings: list[str] = field(default_factory=list)
    post_like: str | None = None
    """The first line or element in it that looks like a comment."""
    has_mount: bool = False
    """Whether it has an element that a script or a frame may fill."""
    has_form: bool = False
    has_list: bool = False
    """Whether it has a list without entries, which only a page that lists comments has."""

    @property
    def count(self) -> int | None:
        """How many comments a heading in it says there are."""
        said = " ".join(self.lines)
        texts = [*self.headings, said] if len(said) < _SHORT else self.headings
        return next((count for text in texts if (count := count_in_words(text)) is not None), None)

    @property
    def says_empty(self) -> bool:
        """Whether a line or heading in it says that there are no comments."""
        return any(_EMPTY.match(text.lstrip(" .»›–—-•")) for text in (*self.lines, *self.headings))


def look_into(container: etree._Element) -> Place:
    """Return what a place for comments says."""
    place = Place()
    rows: set[tuple[etree._Element, str, str]] = set()
    for element in _outside_forms(container, place):
        _note(element, place, is_whole=element is container)
        if place.post_like is None and element is not container:
            place.post_like = _second_row(element, rows)
    return place


def _second_row(element: etree._Element, rows: set[tuple[etree._Element, str, str]]) -> str | None:
    """Return the text of an element beside one of its kind, where both have a short text and a sentence each."""
    around, classes = element.getparent(), element.get("class")
    if around is None or not classes or not len(element) or element.tag not in _ROWS:
        return None
    parts = (text for part in islice(element.itertext(), _MOST_PARTS) if (text := str(part).strip()))
    said = list(islice(parts, _MOST_TEXTS + 1))
    if not 1 < len(said) <= _MOST_TEXTS or _EMPTY.match(said[0]) or max(len(text.split()) for text in said) < _WORDS:
        return None
    kind = around, str(element.tag), classes
    if kind in rows:
        return " ".join(said)[:80]
    rows.add(kind)
    return None


def proof_of(container: etree._Element, *, is_list: bool = False) -> EmptyProof | None:
    """Return what a place for comments proves: its words, or that it is empty; None where it proves nothing.

    `is_list` says that the page's software writes this element only where it lists comments. Any other place is empty
    only where it has a form or a list of its own: what is wholly empty may be filled by a script.
    """
    return proof_in(look_into(container), is_list=is_list)


def proof_in(place: Place, *, is_list: bool = False) -> EmptyProof | None:
    """Return what such a place proves."""
    if place.post_like is not None or place.count:
        return None
    if place.count == 0:
        return "states zero"
    if place.says_empty:
        return "wording"
    is_own = is_list or place.has_form or place.has_list
    return "container" if is_own and not (place.lines or place.has_mount) else None


def post_like(container: etree._Element) -> str | None:
    """Return the first line of an element that looks like a part of a comment; None where none does."""
    return look_into(container).post_like


def _outside_forms(container: etree._Element, place: Place) -> Iterator[etree._Element]:
    """Yield the elements of a place in document order, without its form and what nobody sees."""
    waiting = [iter((container,))]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
            continue
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            continue
        if element is not container and _is_form(element):
            place.has_form = True
            continue
        yield element
        if element.tag not in _HEADINGS:
            waiting.append(iter(element))


def _is_form(element: etree._Element) -> bool:
    return (
        element.tag == "form"
        or element.get("id") in ("respond", "commentform", "reply-title", "cancel-comment-reply-link")
        or _FORMS.search(element.get("class") or "") is not None
    )


def _note(element: etree._Element, place: Place, *, is_whole: bool) -> None:
    """Note what one element says by itself, apart from what is in it."""
    if element.tag in _HEADINGS:
        text = visible(element)[:_LONGEST]
        leads_on = any(not (link.get("href") or "#").startswith("#") for link in element.iter("a"))
        (place.lines if leads_on else place.headings).extend([text] if text else [])
        return
    place.has_mount = place.has_mount or (not is_whole and _is_mount(element))
    texts = [element.text or "", *(child.tail or "" for child in element)]
    own = " ".join(" ".join(texts).split())
    looks = _looks(element, own)
    if place.post_like is None and looks:
        place.post_like = (own or looks)[:80]
    if element.tag in ("ol", "ul") and not len(element):
        place.has_list = True
    if own and re.search(r"\w", own):
        (place.headings if _is_heading(element) else place.lines).append(own[:_LONGEST])


def _is_mount(element: etree._Element) -> bool:
    """Return whether an element is there for something else to fill: a frame, an element of its own kind, an app's."""
    if element.tag in _FRAMES or "-" in str(element.tag) or ":" in str(element.tag):
        return True
    if element.tag not in ("div", "section", "aside") or len(element) or (element.text or "").strip():
        return False
    return any(name == "id" or name.startswith(("data-", "ng-", "v-", "x-")) for name in map(str, element.attrib))


def _is_heading(element: etree._Element) -> bool:
    return re.search(r"comments?[-_]*(?:title|headline|heading|count|number)", element.get("class") or "") is not None


def _looks(element: etree._Element, own: str) -> str | None:
    """Return what of an element looks like a part of a comment."""
    if element.tag == "time":
        return "time"
    if element.tag == "a" and (
        _REPLY.search(element.get("class") or "") or "replytocom=" in (element.get("href") or "")
    ):
        return "a reply link"
    if not own or _EMPTY.match(own):
        return None
    if element.tag in ("a", "span", "button") and _REPLY_WORDS.fullmatch(own):
        return own
    return own if _SAYS.search(own[:_LONGEST]) or _DATE.search(own[:_LONGEST]) else None
