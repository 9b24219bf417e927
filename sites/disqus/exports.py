"""Disqus's export in XML: a forum's threads, and after them all its posts, deleted ones and spam included.

E-mail and IP addresses stand in it, and are not read.
"""

import re
from dataclasses import dataclass

from lxml import etree

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Completeness,
    Deletion,
    Mark,
    Shown,
    Stub,
    Thread,
    ThreadPage,
    shown,
)
from belowtheline.reading.page import Page
from belowtheline.sites.disqus import wording
from belowtheline.sites.disqus.posts import depths_of
from belowtheline.sites.disqus.wording import text_of

_OURS = "{http://disqus.com}"
_ID = "{http://disqus.com/disqus-internals}id"
_ROOT = re.compile(r"<disqus\b[^<>]{0,2000}http://disqus\.com[\"'/]")
_END = "</disqus>"
_CONTROLS = {code: "\ufffd" for code in range(32) if code not in (9, 10, 13)}
_BEFORE = re.compile(r"^<\?xml[^<>]{0,200}\?>")

_FLAGS: dict[str, Shown[bool]] = {"true": True, "false": False}

_Parts = dict[str, etree._Element]
"""Parts of a thread or a post by their name."""


@dataclass(frozen=True, slots=True)
class _Export:
    threads: dict[str, _Parts]
    posts: dict[str, list[tuple[str, _Parts]]]
    """Posts with their ids, by the id of their thread."""
    is_cut: bool


def is_export(page: Page) -> bool:
    """Return whether a page is an export of Disqus's."""
    return bool(_ROOT.search(page.text[:8192]))


def parse_export(page: Page) -> tuple[ThreadPage, ...]:
    """Return the threads of an export, also those without posts; of a cut one what stands whole in it."""
    export = _read(page)
    forums = {forum for parts in export.threads.values() if (forum := _text(parts, "forum"))}
    only = forums.pop() if len(forums) == 1 else ""
    ids = dict.fromkeys([*export.threads, *export.posts])
    if not ids:
        raise ParseError(f"{page.name} is an export of Disqus without threads: looked for thread; export it again.")
    return tuple(_thread_page(native_id, export, only) for native_id in ids)


def _thread_page(native_id: str, export: _Export, only: str) -> ThreadPage:
    thread = _thread(native_id, export.threads.get(native_id), only)
    posts = export.posts.get(native_id, [])
    parents = {post: _reference(parts, "parent") for post, parts in posts}
    missing = dict.fromkeys(parent for parent in parents.values() if parent is not None and parent not in parents)
    is_whole = not export.is_cut and not missing and native_id in export.threads
    depths = depths_of(parents)
    return ThreadPage(
        thread=thread,
        comments=tuple(
            _comment(post, parts, position, parents[post], depths.get(post, NOT_SHOWN), shown(thread.url))
            for position, (post, parts) in enumerate(posts, 1)
        ),
        stubs=tuple(Stub(native_id=parent, shown="it was answered") for parent in missing),
        conventions=wording.CONVENTIONS,
        completeness=Completeness(is_whole=is_whole, is_cut=export.is_cut, empty_proof=None if posts else "export"),
        form="xml",
    )


def _thread(native_id: str, parts: _Parts | None, only: str) -> Thread:
    if parts is None:
        return Thread(site=wording.NAME, instance=only, native_id=native_id)
    link = wording.web_of(_text(parts, "link"))
    title = _text(parts, "title") or NOT_SHOWN
    identifier = _text(parts, "id")
    is_deleted = _flag(parts, "isDeleted") is True
    return Thread(
        site=wording.NAME,
        instance=_text(parts, "forum") or only,
        native_id=native_id,
        url=link or NOT_SHOWN,
        title=title,
        is_closed=_flag(parts, "isClosed"),
        article=Article(url=link or NOT_SHOWN, headline=title),
        author=_author(parts),
        published_raw=_text(parts, "createdAt") or NOT_SHOWN,
        body_html=_text(parts, "message") or NOT_SHOWN,
        marks=(
            *((Mark(kind="identifier", value=identifier),) if identifier else ()),
            *((Mark(kind="deleted"),) if is_deleted else ()),
        ),
    )


def _comment(
    native_id: str, parts: _Parts, position: int, parent: str | None, depth: Shown[int], link: str | None
) -> Comment:
    is_deleted = _flag(parts, "isDeleted")
    deletion: Shown[Deletion] = "unknown" if is_deleted is True else None if is_deleted is False else NOT_SHOWN
    html = _text(parts, "message")
    gone = is_deleted is True and (html is None or wording.is_removed(html))
    return Comment(
        native_id=native_id,
        position=position,
        parent_native_id=parent,
        depth=depth,
        author=_author(parts),
        body_html=NOT_SHOWN if gone else html,
        published_raw=_text(parts, "createdAt") or NOT_SHOWN,
        deletion=deletion,
        url=f"{link}#comment-{native_id}" if link else NOT_SHOWN,
        marks=tuple(_marks(parts)) or NOT_SHOWN,  # what the API marks besides, exports do not show
    )


def _marks(parts: _Parts) -> list[Mark]:
    marks = [Mark(kind="spam")] if _flag(parts, "isSpam") is True else []
    return [*marks, Mark(kind="not approved")] if _flag(parts, "isApproved") is False else marks


def _author(parts: _Parts) -> Shown[Author]:
    """Return an author, whose account is known by its user name: the export has no numbers of accounts."""
    if "author" not in parts:
        return NOT_SHOWN
    found = _parts(parts["author"])
    name, username = _text(found, "name"), _text(found, "username")
    if _flag(found, "isAnonymous") is True or not (name or username):
        return Author(name=name, kind="anonymous" if name is None or name in wording.NOBODY else "guest")
    if username is None:
        return Author(name=name, kind="account" if _flag(found, "isAnonymous") is False else None)
    marks = (Mark(kind="username", value=username),)
    return Author(name=name or username, native_id=username, kind="account", marks=marks)


def _read(page: Page) -> _Export:
    root, is_cut = _tree(page)
    threads: dict[str, _Parts] = {}
    posts: dict[str, list[tuple[str, _Parts]]] = {}
    seen: set[str] = set()
    for element in root:
        native_id, parts = str(element.get(_ID) or ""), _parts(element)
        if native_id and element.tag == f"{_OURS}thread":
            threads.setdefault(native_id, parts)
        elif native_id and element.tag == f"{_OURS}post" and native_id not in seen:
            seen.add(native_id)
            posts.setdefault(_reference(parts, "thread") or "", []).append((native_id, parts))
    if "" in posts:
        raise ParseError(f"{page.name} has posts of no thread: looked for dsq:id in their thread; export it again.")
    return _Export(threads, posts, is_cut)


def _tree(page: Page) -> tuple[etree._Element, bool]:
    """Return the tree of an export, and whether its end is missing; raise ParseError where it is no XML."""
    text = _BEFORE.sub("", page.text.lstrip("\ufeff \t\r\n"), count=1)
    is_cut = _END not in text[-4096:]
    if is_cut:
        whole = max(text.rfind(end) + len(end) for end in ("</thread>", "</post>", "</category>"))
        text = text[:whole] + _END
    try:
        return _parsed(text), is_cut
    except etree.XMLSyntaxError:
        pass
    try:
        # XML knows no control characters; an export that was not checked may hold what a reader typed.
        return _parsed(text.translate(_CONTROLS)), is_cut
    except etree.XMLSyntaxError as error:
        raise ParseError(f"{page.name} is not valid XML ({error}): export it again, or repair that line.") from error


def _parsed(text: str) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8", huge_tree=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(text.encode(), parser)


def _parts(element: etree._Element) -> _Parts:
    start = len(_OURS)
    return {tag[start:]: child for child in element if (tag := str(child.tag)).startswith(_OURS)}


def _text(parts: _Parts, name: str) -> str | None:
    element = parts.get(name)
    if element is None:
        return None
    # Markup that was not escaped keeps its text at least.
    return text_of("".join(map(str, element.itertext())) if len(element) else element.text)


def _flag(parts: _Parts, name: str) -> Shown[bool]:
    return _FLAGS.get(_text(parts, name) or "", NOT_SHOWN)


def _reference(parts: _Parts, name: str) -> str | None:
    element = parts.get(name)
    return text_of(element.get(_ID)) if element is not None else None
