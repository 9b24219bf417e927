"""Texts around a comment: which are dates, and what is the name in a sentence such as "Posted by Ann on 9 May"."""

import re

LONGEST_NAME = 60
_LONGEST_DATE = 80
_LONGEST_BYLINE = 200
_DATE = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|(?<![a-zA-Z\d])\d{1,2}(?:[:.h]|\s[hH]\s)\d{2}\b"
    r"|\b(?:19|20)\d\d\b.{0,40}\b\d{1,2}"
    r"|\b\d{1,2}(?:st|nd|rd|th|er|re|e|[ºª°])?(?!\w)(?:.{0,40}\b(?:19|20)\d\d\b|.{1,12}\s['’]\d\d\b)"
    r"|(?:19|20)\d\d\s?[年년](?:\s?\d{1,2}\s?[月월](?:\s?\d{1,2}\s?[日일號号]?)?)?"
)
_NUMERIC = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d")
_TIME = re.compile(r"(?<!\d[./-])(?<![a-zA-Z\d])\d{1,2}(?:[:.h]|\s[hH]\s)\d{2}\b(?![./-]?\d)(?:\smin\b)?")
_AGO = re.compile(
    r"\b(?:\d{1,4}|an?|one|ein\w{0,2}|une?|uno|una)\s{1,3}\w{1,20}\s{1,3}(?:ago|geleden|fa|atrás|temu|sedan|siden|sitten"
    r"|назад|önce)\b|\b(?:vor|hace|il y a|há|před|för)\s{1,3}(?:\d{1,4}|ein\w{0,2}|une?|uno|una)\s{1,3}\w{1,20}"
    r"|\b\d{1,4}\s?(?:日|天|週間?|周|時間|小[时時]|分[钟鐘]?|[かヶ个個]月|年|일|주|시간|분|개월|년)\s?[前전]"
    r"|\b(?:yesterday|today|gestern|heute)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:(?:this )?(?:comment|commented|posted|written|submitted|kommentar|commentaire|comentario|commento|reactie)"
    r"(?: (?:by|from|von|par|por|da|di|de|van|av))?|by|von|par|por|from)\s{0,2}:?\s{1,3}(?=\S)",
    re.IGNORECASE,
)
_VERBS = (
    "says|said|say|wrote|writes|commented|replied|responded|posted|thinks|schrieb|schreibt|sagt|sagte|meint|meinte|"
    "kommentierte|hat gesagt|hat geschrieben|antwortete|dijo|dice|escribió|comentó|ha dicho|a dit|dit|écrit|a écrit|"
    "a commenté|ha scritto|ha detto|scrive|disse|diz|escreveu|comentou|zegt|schreef|skriver|skrev|säger|sier|siger|"
    "sanoo|kirjoitti|napisał\\(?a?\\)?|pisze|mówi|říká|napsal|пишет|говорит|сказал|írta|mondja|diyor ki|dedi ki"
)
_SPOKEN = re.compile(rf"^(\S.{{0,{LONGEST_NAME}}}?)[\s,]{{1,3}}(?:{_VERBS})$", re.IGNORECASE)
_LEADS = re.compile(rf"^(?:{_VERBS}|by|von|par|por|di|da)\s{{1,3}}(\S.{{0,{LONGEST_NAME}}})$", re.IGNORECASE)
_MARKS = " \t\n,:;|/·•–—@(-…"
_CONNECTORS = frozenset(("on", "am", "at", "um", "le", "el", "il", "em", "op", "den", "dne", "in", "this"))
_BEFORE_DATE = re.compile(
    rf"^(?:[\s,:;|/·•–—@()\-]|(?:{_VERBS}|on|am|at|le|el|il|em|op|den|dne|posted|published|date|datum|submitted|"
    r"geschrieben|verfasst|comment|commented)\b){1,20}",
    re.IGNORECASE,
)
_AFTER_TIME = re.compile(
    r"[+-]\d{4}|:\d\d(?:\.\d{1,6})?|\s{0,3}(?:(?i:[ap]\.?\s?m\.?(?!\w)|uhr\b|h\b|hrs?\b|[πμ]\.?μ\.?(?!\w)|[صم](?!\w)|[上下]午|午[前後]|오[전후]|sáng|chiều|trưa|tối|น\.?))?"
    r"\s{0,3}\(?(?:[A-Z]{2,5}(?:[+-]\d{1,4})?\b\)?)?"
)


def is_date(text: str) -> bool:
    """Return whether a short text is a date or says how long ago.

    >>> is_date("May 6, 2024 at 9:30 am"), is_date("vor 3 Tagen"), is_date("#12"), is_date("Reader 2020")
    (True, True, False, False)
    """
    return len(text) <= _LONGEST_DATE and (_DATE.search(text) is not None or _AGO.search(text) is not None)


def has_day(text: str) -> bool:
    """Return whether a short text is a date with a day in it, or says how long ago; a time of day alone is none.

    >>> has_day("May 6, 2024 at 9:30 am"), has_day("9:30 am")
    (True, False)
    """
    return is_date(text) and is_date(_TIME.sub(" ", text))


def is_name(text: str) -> bool:
    """Return whether a text can be a name: short, and no date.

    >>> is_name("Ada Crumb"), is_name("Posted by Ada on May 6, 2024 at 9:30 am"), is_name("By")
    (True, False, False)
    """
    if not text or len(text) > LONGEST_NAME or is_date(text) or not any(map(str.isalnum, text)):
        return False
    return not all(word.strip(":,.").casefold() in _BYLINE_WORDS for word in text.split())


def name_in(sentence: str) -> str | None:
    """Return the name in a byline that is one sentence, None where it cannot be told.

    >>> name_in("Comment by Ada Crumb — August 6, 2005 @ 9:30 am"), name_in("Bert schrieb am 6. Mai 2024 um 9:30:")
    ('Ada Crumb', 'Bert')
    """
    if len(sentence) > _LONGEST_BYLINE:
        return None
    lead = _LEAD.match(sentence)
    rest = sentence[lead.end() :] if lead else sentence
    cut = _date_at(rest)
    name, _ = _without_tail(rest if cut is None else rest[:cut])
    if is_name(name) or cut is None:
        return name if is_name(name) else None
    return _name_after(rest[_end_of_date(rest) :].lstrip(_MARKS))


def _name_after(text: str) -> str | None:
    """Return the name that follows a date, which a verb or "by" must mark: "Ada said:", "schrieb Ada:", "by Ada"."""
    found = _LEADS.match(text)
    name = found[1].strip(_MARKS) if found else speaker(text)
    return name if name and is_name(name) else None


def speaker(text: str) -> str | None:
    """Return the name in a text such as "Ada says:", None where it is none of that kind.

    >>> speaker("Ada Crumb says:"), speaker("Thanks!")
    ('Ada Crumb', None)
    """
    if len(text) > _LONGEST_BYLINE:
        return None
    name, is_said = _without_tail(text)
    return name if is_said and is_name(name) else None


def _without_tail(text: str) -> tuple[str, bool]:
    """Return what stands before "says", "on" and marks at the end of a text, and whether it says that one says."""
    text = text.strip().rstrip(_MARKS)
    before, _, last = text.rpartition(" ")
    if last.casefold() in _CONNECTORS:
        text = before.rstrip(_MARKS)
    found = _SPOKEN.match(text)
    return (found[1] if found else text), found is not None


def is_byline(text: str) -> bool:
    """Return whether a line is a name and a date, and says nothing after the date.

    >>> is_byline("Ada Crumb — May 6, 2024 at 9:30 am"), is_byline("Since May 6, 2024 mine takes two.")
    (True, False)
    """
    if not has_day(text) or name_in(text) is None:
        return False
    return len(text[_end_of_date(text) :].strip(" .,:;|)").split()) == 0


def _end_of_date(text: str) -> int:
    last = max((found.end() for pattern in (_DATE, _TIME, _AGO) for found in pattern.finditer(text)), default=0)
    after = _AFTER_TIME.match(text, last)
    return after.end() if after else last


def _date_at(text: str) -> int | None:
    """Return where the date of a sentence starts: at its month or weekday, if one stands before the day."""
    found = _DATE.search(text) or _AGO.search(text)
    if found is None:
        return None
    start = found.start()
    words = list(re.finditer(r"\S+", text[:start]))
    for word in reversed(words[-2:]):
        plain = word[0].strip(",.()").casefold()
        if plain not in _CALENDAR and not (word[0][-1] in ".," and plain in _DAYS_CUT_SHORT):
            break
        start = word.start()
    return start


_BYLINE_WORDS = frozenset(
    ("by", "from", "von", "par", "por", "on", "am", "at", "le", "el", "posted", "says", "said", "wrote", "writes",
     "comment", "commented", "schrieb", "sagt", "dijo", "dice", "dit", "scrive", "disse", "zegt", "reply", "permalink")
)  # fmt: skip
"""Words that a byline has beside the name, so that a text of them alone is none."""
LEADS = frozenset(
    ("by", "from", "von", "par", "por", "di", "da", "de", "door", "van", "przez", "av", "af", "od", "от", "від", "από",
     "yazan", "írta", "autor", "auteur", "autore", "author", "作者", "投稿者", "由", "작성자", "kirjoittanut", "bởi",
     "oleh", "per", "โดย", "בידי", "מאת", "بواسطة", "pel", "dari")
)  # fmt: skip
"""Words that stand before the name in many languages, where they stand before all names of a page: "di", "Door"."""
_CALENDAR_WORDS = (
    "january february march april may june july august september october november december jan feb mar apr jun jul aug"
    " sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun januar"
    " februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag janvier"
    " février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi"
    " samedi dimanche enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes"
    " martes miércoles jueves viernes sábado domingo gennaio febbraio aprile maggio giugno luglio settembre ottobre"
    " dicembre janeiro fevereiro março maio junho julho setembro outubro novembro dezembro"
)
_MORE_DAYS = (
    "lunedì martedì mercoledì giovedì venerdì sabato domenica segunda-feira terça-feira quarta-feira quinta-feira"
    " sexta-feira segunda terça quarta quinta sexta maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
    " poniedziałek wtorek środa czwartek piątek sobota niedziela понедельник вторник среда четверг пятница суббота"
    " воскресенье måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag pondělí úterý středa"
    " čtvrtek pátek neděle hétfő kedd szerda csütörtök péntek szombat vasárnap maanantai tiistai keskiviikko torstai"
    " perjantai lauantai sunnuntai pazartesi salı çarşamba perşembe cuma cumartesi pazar"
)
_SHORT_DAYS = (
    "mo di mi do fr sa so lun mar mer mie mié gio jeu jue ven vie sab sáb sam dom dim seg ter qua qui sex ma wo vr za"
    " zo pn wt śr cz pt sob nd пн вт ср чт пт сб вс"
)
_DAYS_CUT_SHORT = frozenset(_SHORT_DAYS.split())
"""Days of the week as a full stop or comma ends them."""
_CALENDAR = frozenset((*_CALENDAR_WORDS.split(), *_MORE_DAYS.split()))


def date_in(sentence: str, name: str | None) -> str:
    """Return the date of a text in which words and the author's name may stand around it.

    >>> date_in("Jan 21, 2014", "Jan"), date_in("Ada Crumb wrote on May 6, 2024 at 9:30 am", "Ada Crumb")
    ('Jan 21, 2014', 'May 6, 2024 at 9:30 am')
    """
    text = sentence
    starts = _date_at(text)
    if name and starts and (found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)):
        before, after = text[: found.start()], text[found.end() :]
        text = after if is_date(after) or not is_date(before) else before
    if not is_date(text):
        return text.strip()
    text = _BEFORE_DATE.sub("", text)
    starts = _date_at(text) or 0
    first = text[starts:].split()[0].strip(",.").casefold()
    if first in _CALENDAR or _NUMERIC.match(first):
        text = text[starts:]  # whatever language the words before it are of
    return text[: _end_of_date(text)].strip()
