"""What was written: the HTML of an element without what is the site's own, and text as HTML."""

import re

from lxml import etree

from belowtheline.reading.markup import escape, inner_html, parse_html, visible

Element = etree._Element
_SUSPECTS = ("<button", "<form", "<script", "<style", "<noscript", "reply", "avatar", "itemprop=")
_MACHINERY = frozenset(("button", "form", "script", "style", "noscript"))
_NOISE = frozenset(("reply", "reply-link", "comment-reply", "comment-reply-link", "avatar", "u-in-reply-to"))
_HEADS = frozenset(("author", "creator", "datePublished", "dateCreated", "commentTime", "upvoteCount", "downvoteCount"))
_LONGEST_BUTTON = 40
_IS_HTML = re.compile(
    r"</(?:a|b|blockquote|code|div|em|i|li|ol|p|pre|span|strong|ul)>|<(?:br|p)\s{0,3}/?>|<img\s"
    r"|&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,6}|amp|apos|gt|[lr][sd]quo|hellip|lt|[mn]dash|nbsp|quot);"
)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


def html_of(element: Element, held: frozenset[Element]) -> str:
    """Return the HTML inside an element without the comments that stand in it, and without buttons and names."""
    html = inner_html(element) if held.isdisjoint(element) else _html_without(element, held)
    if not any(sign in html for sign in _SUSPECTS):
        return html
    whole = parse_html(f"<div>{html}</div>", "a comment").find("body/div")
    if whole is None:
        return html
    for part in [part for part in whole.iterdescendants() if _is_noise(part)]:
        _drop(part)
    return inner_html(whole)


def _html_without(element: Element, held: frozenset[Element]) -> str:
    pieces = [escape(element.text or "")]
    for child in element:
        outer = "" if child in held else etree.tostring(child, encoding="unicode", method="html", with_tail=False)
        pieces += [outer, escape(child.tail or "")]
    return "".join(pieces)


def _is_noise(element: Element) -> bool:
    if element.tag in _MACHINERY or not _HEADS.isdisjoint((element.get("itemprop") or "").split()):
        return True
    names = _NOISE.intersection((element.get("class") or "").split())
    # What is long, or is no link, is what somebody wrote under a name that buttons have as well.
    longest = 0 if names == {"u-in-reply-to"} else _LONGEST_BUTTON
    return (
        bool(names) and len(visible(element)) <= longest and next(element.iter("a", "button", "img"), None) is not None
    )


def _drop(part: Element) -> None:
    """Take an element out and leave the text behind it."""
    parent, before = part.getparent(), part.getprevious()
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + (part.tail or "")
    else:
        parent.text = (parent.text or "") + (part.tail or "")
    parent.remove(part)


def as_html(text: str) -> str:
    r"""Return a text as HTML: what is HTML stays, what is plain is escaped, with its lines as lines.

    >>> as_html("a < b\n\nor not"), as_html("a &lt; b<br>or not")
    ('<p>a &lt; b</p><p>or not</p>', 'a &lt; b<br>or not')
    """
    if _IS_HTML.search(text):
        return text if "</" in text or "<br" in text or "<p" in text else _lines(text)
    return _lines(escape(text))


def _lines(html: str) -> str:
    paragraphs = _PARAGRAPHS.split(html.replace("\r\n", "\n").strip())
    joined = [paragraph.strip().replace("\n", "<br>") for paragraph in paragraphs]
    return f"<p>{'</p><p>'.join(joined)}</p>" if len(joined) > 1 else joined[0]
