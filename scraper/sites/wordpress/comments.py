"""One comment of a WordPress page: its author, date and place, in the forms of the core's walker and of themes."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from belowtheline.scraper.items import NOT_SHOWN, Author, Comment, Mark, Shown
from belowtheline.scraper.markup import visible
from belowtheline.scraper.sites.wordpress.addresses import resolve
from belowtheline.scraper.sites.wordpress.bodies import read_body
from belowtheline.scraper.sites.wordpress.parts import BYLINES, DATES, FULL_NAMES, NOISE, WAITING, Comments, Section

_NAME_TAGS = ("strong", "b", "cite", "a", "span")
_IMAGE_SOURCES = ("src", "data-src", "data-lazy-src", "data-original")
_OWN = frozenset({"even", "odd"})
_ACCOUNT = "comment-author-"


def read_comments(found: Comments, base: str, likes: dict[str, int]) -> tuple[Comment, ...]:
    """Return the comments of a page; pingbacks and trackbacks are none. `likes` are the counts by id."""
    written = [section for section in found.sections if not section.is_ping]
    return tuple(
        Comment(
            native_id=section.number,
            position=position,
            depth=section.depth,
            parent_native_id=_parent(section),
            upvotes=likes.get(section.number, NOT_SHOWN),
            marks=tuple(_marks(section)),
            **_read(section, found, base),
        )
        for position, section in enumerate(written, 1)
    )


def _parent(section: Section) -> Shown[str]:
    # A pingback that was answered is no comment: a mark says so, and the parent is left open.
    if section.above is None:
        return None
    return NOT_SHOWN if section.above.is_ping else section.above.number


def _marks(section: Section) -> Iterator[Mark]:
    if "bypostauthor" in section.names:
        yield Mark(kind="post author")
    if WAITING in section.parts:
        yield Mark(kind="awaiting moderation")
    if section.above is not None and section.above.is_ping:
        yield Mark(kind="answers pingback", value=section.above.number)


def _read(section: Section, found: Comments, base: str) -> dict[str, Any]:
    name, permalink = _name_element(section), _permalink(section)
    heads = [name, permalink, section.first(("time",)), section.first(DATES)]
    fields: dict[str, Any] = _date(section, permalink)
    fields["author"] = _author(section, name, base)
    fields["body_html"] = read_body(section, found.stops, [head for head in heads if head is not None])
    if permalink is not None:
        fields["url"] = resolve(permalink.get("href", ""), base) or NOT_SHOWN
    return fields


def _permalink(section: Section) -> etree._Element | None:
    """Return the link to the comment itself, the one with a date in it if there are several."""
    end = f"comment-{section.number}"
    links = [
        link
        for link in section.parts.get("a", ())
        if (href := link.get("href")) and href.endswith(end) and "#" in href and not _is_noise(link)
    ]
    return next((link for link in links if _has_digit(visible(link))), links[0] if links else None)


def _is_noise(element: etree._Element) -> bool:
    return not NOISE.isdisjoint((element.get("class") or "").split()) or "replytocom" in (element.get("href") or "")


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _date(section: Section, permalink: etree._Element | None) -> dict[str, Any]:
    for element in (*section.parts.get("time", ()), *section.parts.get("a", ())):
        if raw := (element.get("datetime") or "").strip():
            return {"published_raw": raw, "published_source": "iso"}
    text = next((text for text in _dates_in_words(section, permalink) if _has_digit(text)), None)
    return {"published_raw": text, "published_source": "text"} if text else {}


def _dates_in_words(section: Section, permalink: etree._Element | None) -> Iterator[str]:
    yield visible(permalink)
    for name in ("time", *DATES):
        for part in section.parts.get(name, ()):
            yield part.get("title") or "" if name == "wpd-comment-date" else ""
            yield _plain(part)
    byline = section.first(BYLINES)
    if byline is not None:
        yield " ".join(" ".join(child.tail or "" for child in byline).split())


def _plain(element: etree._Element) -> str:
    """Return the text of an element without the site's own words in it."""
    if not len(element):
        return visible(element)
    texts = [element.text or ""]
    for child in element:
        if not _is_noise(child):
            texts.append(etree.tostring(child, method="text", encoding="unicode", with_tail=False))
        texts.append(child.tail or "")
    return " ".join("".join(texts).split())


def _name_element(section: Section) -> etree._Element | None:
    full = section.first(FULL_NAMES)
    if full is not None:
        return full
    byline = section.first(BYLINES)
    if byline is None:
        return section.first(("cite",))
    if (byline.text or "").strip():
        return byline
    inner = (part for part in byline.iter(*_NAME_TAGS) if part is not byline and not _is_noise(part))
    return next((part for part in inner if visible(part)), byline)


def _author(section: Section, element: etree._Element | None, base: str) -> Shown[Author]:
    if element is None:
        return NOT_SHOWN
    account = next((name for name in section.names if name.startswith(_ACCOUNT)), None)
    is_account = account is not None or "byuser" in section.names
    website = _website(element, section, base)
    # Since 2.7 the classes tell accounts from guests, where they are WordPress's own and not only a theme's.
    guest: Shown[str] = None if "comment" in section.names and not _OWN.isdisjoint(section.names) else NOT_SHOWN
    return Author(
        name=_name(section, element) or None,
        native_id=account.removeprefix(_ACCOUNT) if account else guest,
        profile_url=website if is_account else guest,
        image_url=_image(section, base) or NOT_SHOWN,
        kind="account" if is_account else None,
        marks=(Mark(kind="website", value=website),) if website and not is_account else (),
    )


def _name(section: Section, element: etree._Element) -> str:
    own = " ".join((element.text or "").split()) if element is section.first(BYLINES) else ""
    name = own or _plain(element)
    if name.endswith((",", ":")) and not _reply_label(section).endswith(name):
        return name[:-1].rstrip()  # the theme's, as in "Ann, 9 April" or "Ann:"
    return name


def _reply_label(section: Section) -> str:
    """Return what the reply button says to screen readers, which ends with the name alone since WordPress 4.1."""
    links = (link for link in section.parts.get("a", ()) if "comment-reply-link" in (link.get("class") or ""))
    return next((label for link in links if (label := link.get("aria-label"))), "")


def _website(element: etree._Element, section: Section, base: str) -> str | None:
    links = [element] if element.tag == "a" else list(element.iter("a")) if len(element) else []
    for link in links or _links_around(element, section):
        href = (link.get("href") or "").strip()
        if href and "#comment-" not in href and not _is_noise(link):
            return resolve(href, base)
    return None


def _links_around(element: etree._Element, section: Section) -> Iterator[etree._Element]:
    up = element.getparent()
    while up is not None and up is not section.element:
        if up.tag == "a":
            yield up
        up = up.getparent()


def _image(section: Section, base: str) -> str | None:
    for image in section.parts.get("img", ()):
        source = next((value for name in _IMAGE_SOURCES if (value := image.get(name)) and "data:" not in value), "")
        if "avatar" in source or {"avatar", "photo"} & set((image.get("class") or "").split()):
            return resolve(source, base)
    return None
