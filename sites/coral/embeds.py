"""What an article's page says of the stream it embeds: the script, the call of it, and the story's id or address."""

import re
from html import unescape

from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin, urlsplit
from belowtheline.sites.coral.addresses import Story, story_of

_CALL = re.compile(r"\bCoral\s{0,9}\.\s{0,9}(createStreamEmbed|Talk\s{0,9}\.\s{0,9}render)\s{0,9}\(")
_SCRIPT = re.compile(r"""["'`]([^"'`\s<>{}$]{0,300}?)/(assets/js|static)/embed\.js\b""")
_PLACE = re.compile(r"""\bid\s{0,9}=\s{0,9}["']?(?:coral_thread|coral_talk_[\w-]{1,40})["'\s>]""")
_OPTION = re.compile(
    r"""\b(storyID|storyURL|rootURL|talk|asset_id|asset_url)["']?\s{0,9}:\s{0,9}(["'`])([^"'`\n<>{}$]{1,2000})\2"""
)
_COMMENT_LINE = re.compile(r"^[ \t]{0,99}//[^\n]*$", re.MULTILINE)
_LINK = re.compile(r"<link\b[^<>]{1,2000}>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s{0,9}=\s{0,9}["']?([^"'\s>]{1,2000})""", re.IGNORECASE)
_REL = re.compile(r"""\brel\s{0,9}=\s{0,9}["']?canonical\b""", re.IGNORECASE)
_FRAME = re.compile(r"""\bsrc\s{0,9}=\s{0,9}["'](https?://[^"'\s<>]{1,300}/embed/stream/?\?[^"'\s<>]{1,2000})""")
_OPTIONS = 6_000
"""How far after a call its options are looked for."""


def find_story(page: Page) -> Story | None:
    """Return the story whose stream a page embeds, None where nothing proves that it embeds one."""
    text = page.text
    if "embed" not in text and "oral" not in text:
        return None
    if (frame := _FRAME.search(text)) and (story := story_of(unescape(frame[1]))):
        return story
    call = _CALL.search(text)
    script = _SCRIPT.search(text)
    if call is None and not (script and _PLACE.search(text)):
        return None
    said = _options(text[call.end() : call.end() + _OPTIONS]) if call else {}
    is_talk = (call[1] != "createStreamEmbed") if call else script is not None and script[2] == "static"
    root = said.get("talk" if is_talk else "rootURL") or (script[1] if script else "")
    base = _absolute(page, root)
    native_id, url = (said.get(name) for name in (("asset_id", "asset_url") if is_talk else ("storyID", "storyURL")))
    # Without either, the script takes the page's own address, the canonical one first.
    url = _absolute(page, url) if url else None if native_id else _canonical(page)
    return Story(base, native_id, url, is_talk) if base and (native_id or url) else None


def _options(call: str) -> dict[str, str]:
    """Return the options of a call that are plain texts; those that a script makes cannot be read."""
    # A page's own options come first: what follows may be another call.
    found: dict[str, str] = {}
    for name, _, value in _OPTION.findall(_COMMENT_LINE.sub("", call)):
        found.setdefault(name, unescape(value.replace("\\/", "/")).strip())
    return {name: value for name, value in found.items() if value and "\\" not in value}


def _canonical(page: Page) -> str | None:
    for tag in _LINK.findall(page.text[:500_000]):
        if _REL.search(tag) and (found := _HREF.search(tag)):
            return _absolute(page, unescape(found[1]))
    return page.url.partition("#")[0] if page.url else None


def _absolute(page: Page, address: str) -> str | None:
    """Return an address in full, None where it is none of the web's."""
    try:
        parts = urlsplit(urljoin(page.url or "", address))
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return parts.geturl().rstrip("/") if is_web and address else None
