"""Who wrote a comment of a WordPress page: the name, wherever a theme puts it, with website and picture."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Author, Mark, Shown
from belowtheline.reading.markup import visible
from belowtheline.sites.wordpress.addresses import resolve
from belowtheline.sites.wordpress.bylines import (
    LEADS,
    LONGEST_NAME,
    has_day,
    is_byline,
    is_date,
    is_name,
    name_in,
    speaker,
)
from belowtheline.sites.wordpress.classes import BYLINES, FULL_NAMES, is_noise, role_of
from belowtheline.sites.wordpress.parts import Section

_NAME_TAGS = ("strong", "b", "cite", "a", "span", "h2", "h3", "h4", "h5", "h6")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_HEADS = ("strong", "b", "dt", "cite")
_LINES = ("p", "dt", "small", "cite", "em", "i", "div", "footer", "header", "td")
_BLOCKS = ("p", "div", "ul", "ol", "table", "blockquote")
_PROSE = ("p", "blockquote", "li")
_INLINE = ("a", "img", "br", "span", "small", "em", "i", "b", "strong", "time", "abbr", "sup")
_MOST = 0.8
_FEWEST = 2
_NAME_AND_DATE = 2
_LEVELS = 6
_IMAGE_SOURCES = ("src", "data-src", "data-lazy-src", "data-original")
_ACCOUNT = "comment-author-"
_OWN = frozenset({"even", "odd"})
_REPLY_LABELS = ("aria-label", "data-replyto")


class Named(NamedTuple):
    """A name and the element that shows it."""

    element: etree._Element
    text: str
    is_cut: bool = False
    """Whether it is cut out of a sentence."""


def is_button(element: etree._Element) -> bool:
    """Return whether an element is a button or note of the site."""
    return is_noise(element.get("class") or "") or "replytocom" in (element.get("href") or "")


def plain(element: etree._Element) -> str:
    """Return the text of an element without the site's own words in it."""
    if not len(element):
        return visible(element)
    texts = [element.text or ""]
    for child in element:
        if not is_button(child):
            texts.append(etree.tostring(child, method="text", encoding="unicode", with_tail=False))
        is_apart = child.tag == "br" or not child.tail  # neighbouring elements are never one word
        texts += [" " if is_apart else "", child.tail or ""]
    return " ".join("".join(texts).split())


def find_name(section: Section, stops: frozenset[etree._Element]) -> Named | None:
    """Return a comment's name, None where none can be told from other words; the reply button's label confirms it."""
    label = _reply_label(section)
    first = next(_names(section, label), None)
    if first is not None and (not label or first.text in label):
        return first
    guessed = next(_guesses(section, stops, label), None) if first is None or label else None
    return guessed if guessed is not None and (first is None or guessed.text in label) else first


def _names(section: Section, label: str) -> Iterator[Named]:
    """Yield the names that known classes mark."""
    for element in section.all_of(FULL_NAMES):
        if text := _trimmed(plain(element), label):
            is_sentence = not is_name(text) and text not in label
            yield Named(element, name_in(text) or text if is_sentence else text)
    for byline in section.all_of(BYLINES):
        if found := _in_byline(byline, label):
            yield found
    for element in section.all_of(("cite",)):
        if _stands_alone(element) and (found := _in_byline(element, label)):
            yield found


def _in_byline(byline: etree._Element, label: str) -> Named | None:
    """Return the name in an element that holds other words too: its own text, an inner element, or in a sentence."""
    own = _trimmed(" ".join((byline.text or "").split()), label)
    inner = [
        Named(part, text)
        for part in byline.iter(*_NAME_TAGS)
        if part is not byline
        and not is_button(part)
        and not _is_inside(part)
        and is_name(text := _trimmed(plain(part), label))
    ]
    confirmed = next((named for named in inner if label.endswith(named.text)), None) if label else None
    if confirmed is not None or (inner and (not is_name(own) or own.rstrip(":").casefold() in LEADS)):
        return confirmed or inner[0]
    linked = next((named for named in inner if named.element.tag == "a" and not _is_inside(named.element)), None)
    if linked is not None and name_in(f"{own} {linked.text}") == linked.text:
        return linked  # "By" and a link
    for text in (own, _trimmed(plain(byline), label)):
        if name := text if is_name(text) else name_in(text):
            is_whole = name == text and text in label
            return Named(byline, name if is_whole else name_in(text) or name, is_cut=name != text)
    return None


def _is_inside(link: etree._Element) -> bool:
    return "#comment-" in (link.get("href") or "")


def _trimmed(name: str, label: str) -> str:
    """Return a name without the theme's mark behind it, as in "Ann, 9 April" or "Ann:"."""
    return name[:-1].rstrip() if name.endswith((",", ":")) and not (label and label.endswith(name)) else name


def _guesses(section: Section, stops: frozenset[etree._Element], label: str) -> Iterator[Named]:
    """Yield names by what the elements are otherwise: microdata, words in classes, links to a website, headings."""
    own = [element for element in section.own_elements(stops) if not is_button(element) and not _is_inside(element)]
    texts = [Named(element, text) for element in own if is_name(text := _trimmed(_short(element), label))]
    if label:
        said = [named for named in texts if named.text in label and named.text != label and _is_told(label, named.text)]
        yield from sorted(said, key=lambda named: (not label.endswith(named.text), -len(named.text)))[:1]
    texts = [named for named in texts if any(map(str.isalpha, named.text))]
    roles = {named.element: role_of(named.element.get("class") or "") for named in texts}
    yield from (named for named in texts if "author" in (named.element.get("itemprop") or "").split())
    yield from (named for named in texts if roles[named.element] == "name")
    yield from (named for named in texts if "external" in (named.element.get("rel") or "").split())
    yield from (named for named in texts if named.element.tag in _HEADINGS)
    yield from (found for element in own if element.tag in _HEADINGS and (found := _in_byline(element, label)))
    bylines = (element for element in own if role_of(element.get("class") or "") in ("name", "byline"))
    yield from (found for element in bylines if (found := _in_byline(element, label)))
    dates = (element for element in own if role_of(element.get("class") or "") == "date")
    said_at = ((element, plain(element)) for element in dates)
    yield from (Named(at, name, is_cut=True) for at, text in said_at if has_day(text) and (name := name_in(text)))
    yield from (named for named in texts if named.element.tag in _HEADS and _stands_alone(named.element))
    yield from _spoken(section, own)


def _spoken(section: Section, own: list[etree._Element]) -> Iterator[Named]:
    """Yield names that no element holds: in "Ada says:" beside others, or alone before the date's link."""
    for element in (section.element, *own):
        first, following = next(iter(element), None), element.getnext()
        if element.tag not in _PROSE and (name := speaker(_line(element.text))):
            yield Named(_beside_text(first, None), name)
        if name := speaker(_line(element.tail)):
            yield Named(_beside_text(following, element), name)
    for element in own:
        if element.tag == "time" or element.get("href", "").endswith(f"comment-{section.number}"):
            before, around = element.getprevious(), element.getparent()
            text = before.tail if before is not None else around.text if around is not None else None
            if is_name(name := _line(text).rstrip(",:|-–—·• ")):
                yield Named(element, name)


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _beside_text(following: etree._Element | None, before: etree._Element | None) -> etree._Element:
    """Return an element beside a text of the theme, by which the text is known; never one that may hold the body."""
    near = (each for each in (following, before) if each is not None and each.tag in _INLINE)
    return next(near, etree.Element("span"))


def names_like(sections: Sequence[Section], stops: frozenset[etree._Element]) -> Mapping[str, Named]:
    """Return the name of each comment; where none could be told, what stands where the others have theirs."""
    found = {section.number: find_name(section, stops) for section in sections}
    places = Counter(_place_of(named.element) for named in found.values() if named is not None)
    lacking = [section for section in sections if found[section.number] is None]
    usual = places.most_common(1)[0][0] if places else None
    for section in lacking:
        alike = (part for part in section.own_elements(stops) if usual and usual[1] and _place_of(part) == usual)
        texts = (Named(part, text) for part in alike if is_name(text := plain(part)))
        found[section.number] = next(texts, None)
    lines = {section.number: _byline_of(section, stops) for section in lacking}
    if sum(line is not None for line in lines.values()) >= len(lines) * _MOST:
        found.update((number, line) for number, line in lines.items() if found[number] is None)
    named = _without_leads({number: named for number, named in found.items() if named is not None})
    return _without_verbs(_without_connectors(named))


def _without_leads(found: dict[str, Named]) -> dict[str, Named]:
    """Return names without the "by" of a language that stands before all of them, and before the links to others."""
    leads = [_lead_of(named) for named in found.values()]
    lead = leads[0] if leads else ""
    if lead.casefold() not in LEADS or set(leads) != {lead} or len({named.text for named in found.values()}) < _FEWEST:
        return found
    cut = ((number, named, named.text.removeprefix(lead).lstrip(" :")) for number, named in found.items())
    is_led = re.compile(rf"{re.escape(lead)}\W")
    return {
        number: named._replace(text=text, is_cut=True) if text and is_led.match(named.text) else named
        for number, named, text in cut
    }


def _lead_of(named: Named) -> str:
    """Return the first word of a name, or the one before the element that shows it, where that is a lead."""
    first = named.text.split()[0].rstrip(":")
    before, around = named.element.getprevious(), named.element.getparent()
    text = before.tail if before is not None else around.text if around is not None else None
    beside = _line(text).rpartition(" ")[2].rstrip(":")
    return beside if beside.casefold() in LEADS else first


def _without_verbs(found: dict[str, Named]) -> dict[str, Named]:
    """Return names without the "says" that a theme writes into all of them; one alone may be called so."""
    spoken = {number: speaker(named.text) for number, named in found.items()}
    if len({named.text for named in found.values()}) < _FEWEST or None in spoken.values():
        return found
    return {number: named._replace(text=spoken[number] or named.text) for number, named in found.items()}


def _without_connectors(found: dict[str, Named]) -> dict[str, Named]:
    """Return names without the small word in any language that stands between them and the date, as "w dniu" does."""
    ends = {tuple(named.text.split()[1:]) for named in found.values() if named.is_cut}
    common = _common_end(list(ends)) if len(ends) > 1 else ()
    if not common or common[0][:1].isupper():
        return found
    tail = f" {' '.join(common)}"
    return {
        number: named._replace(text=named.text.removesuffix(tail)) if named.is_cut else named
        for number, named in found.items()
    }


def _common_end(ends: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the words in lower case that all of some sequences end with.

    >>> _common_end([("Crumb", "w", "dniu"), ("w", "dniu")])
    ('w', 'dniu')
    """
    length = 0
    while all(len(words) > length and words[-length - 1] == ends[0][-length - 1] for words in ends):
        if ends[0][-length - 1][:1].isupper():
            break
        length += 1
    return ends[0][len(ends[0]) - length :]


def _place_of(element: etree._Element) -> tuple[str, str]:
    """Return tag and class of the largest element, a few levels up, that shows nothing but an element."""
    for around in islice(element.iterancestors(), _LEVELS):
        if len(around) != 1 or _line(around.text) or _line(element.tail):
            break
        element = around
    return element.tag, element.get("class") or ""


def _byline_of(section: Section, stops: frozenset[etree._Element]) -> Named | None:
    """Return the name in a comment's first or last line, where that is a name and a date."""
    lines = [part for part in section.own_elements(stops) if _is_line(part)]
    for line in (*lines[:1], *lines[-1:]):
        if is_byline(text := _without_links(line)) and (name := name_in(text)):
            return Named(line, name, is_cut=True)
    return next(filter(None, map(_beside_date, section.own_elements(stops))), None)


def _beside_date(date: etree._Element) -> Named | None:
    """Return the name beside a date in an element that holds nothing but the two, each with a class."""
    around = date.getparent()
    if around is None or len(around) != _NAME_AND_DATE or "class" not in date.attrib or any(map(len, date)):
        return None
    if not has_day(plain(date)):
        return None
    other = around[0] if around[1] is date else around[1]
    said = _line(around.text), _line(date.tail), _line(other.tail)
    is_told = "class" in other.attrib and role_of(other.get("class") or "") in (None, "name", "byline")
    is_alone = not any(map(str.isalnum, "".join(said))) and all(part.tag not in _BLOCKS for part in other)
    return Named(other, text) if is_told and is_alone and is_name(text := plain(other)) else None


def _is_line(element: etree._Element) -> bool:
    return element.tag in _LINES and all(part is element for part in element.iter(*_BLOCKS)) and bool(visible(element))


def _without_links(line: etree._Element) -> str:
    """Return the words of a line without those of links to the comment that are no date."""
    pieces = [line.text or ""]
    for child in line:
        pieces += [*map(str, () if is_button(child) else child.itertext()), child.tail or ""]
    text = _line(" ".join(pieces))
    for link in line.iter("a"):
        if _is_inside(link) and not has_day(said := visible(link)):
            text = text.removesuffix(said).rstrip(" |·•-–—/")
    return text


def _is_told(label: str, name: str) -> bool:
    """Return whether a reply button's label names somebody, between other words or at an end."""
    before, _, after = label.partition(name)
    return not (before[-1:].isalnum() and before[-1:].isascii()) and not (after[:1].isalnum() and after[:1].isascii())


def _short(element: etree._Element) -> str:
    text = " ".join((element.text or "").split()) if len(element) else visible(element)
    return text if len(text) <= LONGEST_NAME else ""


def _stands_alone(element: etree._Element) -> bool:
    """Return whether an element is no emphasis within a text: little stands beside it."""
    parent = element.getparent()
    if parent is None or parent.tag not in ("p", "blockquote"):
        return True
    rest = visible(parent).replace(visible(element), "", 1).strip()
    return not rest or speaker(f"Ada {rest}") == "Ada" or (is_date(rest) and name_in(rest) is None)


def _reply_label(section: Section) -> str:
    """Return what the reply button says to screen readers, which names the author since WordPress 4.1."""
    links = (link for link in section.all_of(("a",)) if "comment-reply-link" in (link.get("class") or ""))
    labels = (" ".join(label.split()) for link in links for name in _REPLY_LABELS if (label := link.get(name)))
    return next(labels, "")


def read_author(section: Section, found: Named | None, base: str) -> Shown[Author]:
    """Return the author of a comment, with the account that `comment_class()` tells since 2.7."""
    if found is None:
        return NOT_SHOWN
    account = next((name for name in section.names if name.startswith(_ACCOUNT)), None)
    is_account = account is not None or "byuser" in section.names
    website = _website(found.element, section, base)
    # Since 2.7 the classes tell accounts from guests, where they are WordPress's own and not only a theme's.
    guest: Shown[str] = None if "comment" in section.names and not _OWN.isdisjoint(section.names) else NOT_SHOWN
    return Author(
        name=found.text,
        native_id=account.removeprefix(_ACCOUNT) if account else guest,
        profile_url=website if is_account else guest,
        image_url=_image(section, base) or NOT_SHOWN,
        kind="account" if is_account else None,
        marks=(Mark(kind="website", value=website),) if website and not is_account else (),
    )


def _website(element: etree._Element, section: Section, base: str) -> str | None:
    links = [element] if element.tag == "a" else list(element.iter("a")) if len(element) else []
    for link in links or _links_around(element, section):
        href = (link.get("href") or "").strip()
        if href and href != "#" and "#comment-" not in href and not is_button(link):
            return resolve(href, base)
    return None


def _links_around(element: etree._Element, section: Section) -> Iterator[etree._Element]:
    up = element.getparent()
    while up is not None and up is not section.element:
        if up.tag == "a":
            yield up
        up = up.getparent()


def _image(section: Section, base: str) -> str | None:
    for image in section.all_of(("img",)):
        source = next((value for name in _IMAGE_SOURCES if (value := image.get(name)) and "data:" not in value), "")
        if "avatar" in source or {"avatar", "photo"} & set((image.get("class") or "").split()):
            return resolve(source, base)
    return None
