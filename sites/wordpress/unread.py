"""What stands beside a comment's date and text and could be a name: that nothing does proves that none is shown."""

from collections import Counter
from collections.abc import Sequence

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Comment
from belowtheline.sites.wordpress.authors import is_button
from belowtheline.sites.wordpress.bodies import is_furniture
from belowtheline.sites.wordpress.bylines import LONGEST_NAME, date_in, is_date, is_name
from belowtheline.sites.wordpress.classes import BODIES, WAITING, role_of
from belowtheline.sites.wordpress.parts import Comments, Section

_FEWEST = 2
_MANY = 20
_LONGEST = 120
_LEAST_OF_MANY, _LEAST_OF_FEW = 0.9, 0.45
_PROSE = frozenset(("p", "blockquote", "li", "pre", "script", "style", "form", "textarea", "button", "option"))


def place_of_unread(section: Section, found: Comments) -> str | None:
    """Return the element with the first short text that is neither date, button nor prose, as `tag.class`."""
    left_out = {
        part for name in (*BODIES, WAITING) for parts in (section.parts, section.inner) for part in parts.get(name, ())
    }
    for element in section.own_elements(found.stops):
        is_prose = element.tag in _PROSE and (element.tag != "p" or element.get("class") is None)
        if element.getparent() in left_out or is_prose or _is_explained(element, found):
            left_out.add(element)
        elif _could_be_name(element.text):
            return _place(element)
        around = element.getparent()
        if around is not None and around not in left_out and _could_be_name(element.tail):
            return _place(around)
    return _place(section.element) if _could_be_name(section.element.text) else None


def _is_explained(element: etree._Element, found: Comments) -> bool:
    is_text = role_of(element.get("class") or "") == "body"
    return is_text or is_button(element) or is_furniture(element) or found.is_repeated(element)


def _could_be_name(text: str | None) -> bool:
    said = " ".join((text or "").split())
    if len(said) <= _LONGEST and is_date(said):
        said = said.replace(date_in(said, None), " ").strip()
    return len(said) <= LONGEST_NAME and is_name(said) and any(map(str.isalpha, said))


def _place(element: etree._Element) -> str:
    return ".".join((str(element.tag), *(element.get("class") or "").split()))


def names_lacking(comments: Sequence[Comment], found: Comments) -> str | None:
    """Return where the names of a page seem to stand that could not be read, None where enough could be."""
    lacking = [comment.native_id for comment in comments if comment.author is NOT_SHOWN]
    least = _LEAST_OF_MANY if len(comments) >= _MANY else _LEAST_OF_FEW
    if len(lacking) < _FEWEST or len(comments) - len(lacking) >= least * len(comments):
        return None
    sections = {section.number: section for section in found.sections}
    places = Counter(place_of_unread(sections[number], found) for number in lacking if number in sections)
    place = places.most_common(1)[0][0]
    return f"{len(lacking)} of {len(comments)} comments without a name that can be told from other words (see {place})"
