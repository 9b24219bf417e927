"""Answers of the comments route of WordPress's REST interface, /wp-json/wp/v2/comments, since WordPress 4.7."""

import re
from dataclasses import replace
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import unquote

from belowtheline.reading.entries import Entries, entries_of, stubs_for
from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import utc
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Completeness,
    Link,
    Mark,
    Shown,
    Stub,
    Thread,
    ThreadPage,
)
from belowtheline.reading.numbers import whole_number
from belowtheline.reading.page import Page
from belowtheline.sites.wordpress import addresses, wording

_PINGS = ("pingback", "trackback")
PROXY = "public-api.wordpress.com"
_SITE = re.compile(r"^[^?#]*?/sites/([^/?#]+)")
_UNFILTERED = frozenset(
    ("post", "per_page", "page", "order", "orderby", "_embed", "_fields", "context", "rest_route", "_locale")
)
Answer = dict[str, Any]


def is_answer(page: Page) -> bool:
    """Return whether a page is a list of comments as the route gives it."""
    if page.text[:64].lstrip("\ufeff \t\r\n")[:1] not in ("[", "{") or '"author_name"' not in page.text:
        return False
    try:
        return bool(_comments(page).found)
    except ParseError:
        return False


def parse_answer(page: Page) -> tuple[ThreadPage, ...]:
    """Return the threads of an answer, one a post; raise ParseError where it is an error or another route's."""
    comments, lost = _comments(page)
    asked = addresses.query(page.url) if addresses.route(page.url) else {}
    posts: dict[str, list[Answer]] = {}
    if not comments:
        if not asked.get("post", "").isdecimal():
            raise ParseError(
                f"{page.name} is an empty list that does not say of what: looked for comments with `post`; "
                "give its address with --url."
            )
        posts[asked["post"]] = []
    for comment in comments:
        posts.setdefault(str(comment["post"]), []).append(comment)
    answered = len(comments) + len(lost)
    first, *others = (_thread_page(page, post, held, asked, answered) for post, held in posts.items())
    if lost:  # of which post they were, nobody knows
        completeness = replace(first.completeness, is_whole=False)
        first = replace(first, stubs=(*first.stubs, *stubs_for(lost)), completeness=completeness)
    return (first, *others)


def _comments(page: Page) -> Entries:
    answer = page.json
    if isinstance(answer, dict) and "post" in answer:
        answer = [answer]
    if isinstance(answer, dict):
        said = str(answer.get("code") or answer.get("error") or "an object")[:80]
        raise ParseError(
            f"{page.name} is no list of comments but {said}: looked for objects with `post` and `content.rendered`; "
            "give the post's own address instead."
        )
    entries = entries_of(answer, _is_comment)
    if not isinstance(answer, list) or (entries.lost and not entries.found):
        raise ParseError(
            f"{page.name} is no answer of WordPress's comments route: looked for a list of objects with `id`, `post` "
            "and `content.rendered`; ask for /wp-json/wp/v2/comments?post=ID."
        )
    return entries


def _is_comment(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("id"), int)
        and isinstance(entry.get("post"), int)
        and isinstance(entry.get("content"), dict)
        and isinstance(entry["content"].get("rendered"), str)
    )


def _thread_page(page: Page, post: str, held: list[Answer], asked: dict[str, str], answered: int) -> ThreadPage:
    written = [entry for entry in held if entry.get("type") not in _PINGS]
    pings = {str(entry["id"]) for entry in held if entry.get("type") in _PINGS}
    stubs = _stubs(written, pings)
    number, is_last = _place(asked, answered)
    is_all = asked.get("post") == post and asked.keys() <= _UNFILTERED
    link = (Link(url=_next_url(page.url, number + 1)),) if page.url and number and not is_last else ()
    is_whole = is_all and number == 1 and is_last and not stubs
    return ThreadPage(
        thread=_thread(page, post, held, len(pings) if is_whole else 0),
        comments=tuple(_comment(entry, position, pings) for position, entry in enumerate(written, 1)),
        stubs=stubs,
        links=link,
        conventions=wording.CONVENTIONS,
        completeness=Completeness(
            page_number=number if is_all and not is_whole else None,
            page_count=number if is_all and is_last and not is_whole else None,
            is_whole=is_whole,
            left_out=len(pings),
            empty_proof=None if written else "container",
        ),
        form="json",
    )


def _place(asked: dict[str, str], answered: int) -> tuple[int | None, bool]:
    """Return which page an answer is and whether it is the last: a full page may have another, no body says so."""
    if "post" not in asked:
        return None, False
    number, size = whole_number(asked.get("page", "1")), whole_number(asked.get("per_page", "10"))
    return (None, False) if number is None or size is None else (number, answered < size)


def _next_url(url: str, number: int) -> str:
    asked = addresses.query(url)
    return addresses.route_url(url, **{**asked, "page": str(number)})


def _stubs(written: list[Answer], pings: set[str]) -> tuple[Stub, ...]:
    """Return the comments that others answer and that are on another page, or are not public."""
    held = {str(entry["id"]) for entry in written} | pings
    parents = dict.fromkeys(str(entry["parent"]) for entry in written if entry.get("parent"))
    return tuple(Stub(native_id=parent) for parent in parents if parent not in held)


def _thread(page: Page, post: str, held: list[Answer], pings: int) -> Thread:
    link = next((link for entry in held if (link := _web(entry.get("link")))), None)
    url: Shown[str] = addresses.post_url(link) if link else NOT_SHOWN
    title = _title(held)
    return Thread(
        site=wording.NAME,
        instance=_blog_at(page.url) or (addresses.host(link) if link else ""),
        native_id=post,
        url=url,
        title=title,
        article=Article(url=url, headline=title),
        marks=(Mark(kind="pingbacks", value=str(pings)),) if pings else NOT_SHOWN,
    )


def _blog_at(url: str | None) -> str:
    """Return the blog that answers at an address; at the proxy its path names it, since each may link anywhere."""
    host, site = addresses.host(url), _SITE.search(url or "")
    if host != PROXY:
        return host
    blog = unquote(site[1]) if site else ""
    return addresses.host(f"https://{blog}/") if "." in blog else f"{PROXY}/sites/{blog}" if blog else PROXY


def _title(held: list[Answer]) -> Shown[str]:
    """Return the post's title, which answers to `_embed` carry."""
    for entry in held:
        embedded = entry.get("_embedded")
        posts = embedded.get("up") if isinstance(embedded, dict) else None
        title = posts[0].get("title") if isinstance(posts, list) and posts and isinstance(posts[0], dict) else None
        if isinstance(title, dict) and isinstance(title.get("rendered"), str):
            return unescape(title["rendered"]) or NOT_SHOWN
    return NOT_SHOWN


def _comment(entry: Answer, position: int, pings: set[str]) -> Comment:
    parent = str(entry["parent"]) if entry.get("parent") else None
    shown_parent: Shown[str] = parent if "parent" in entry and parent not in pings else NOT_SHOWN
    return Comment(
        native_id=str(entry["id"]),
        position=position,
        parent_native_id=shown_parent,
        author=_author(entry),
        body_html=entry["content"]["rendered"] or None,
        **_date(entry),
        url=_web(entry.get("link")) or NOT_SHOWN,
        marks=_marks(entry, parent if parent in pings else None),
    )


def _date(entry: Answer) -> dict[str, Any]:
    """Return the date in UTC, else the one on the blog's own clock: WordPress writes zeros for what it never set."""
    said, local = entry.get("date_gmt"), entry.get("date")
    if (at := utc(said, "UTC")) is not NOT_SHOWN:
        return {"published_raw": said, "published_at": at, "published_precision": "second", "published_source": "iso"}
    raw = next((raw for raw in (local, said) if isinstance(raw, str) and raw), None)
    return {"published_raw": raw, "published_source": "iso"} if raw else {}


def _marks(entry: Answer, ping: str | None) -> tuple[Mark, ...]:
    marks = [Mark(kind="answers pingback", value=ping)] if ping else []
    if entry.get("status") in ("hold", "unapproved"):
        marks.append(Mark(kind="awaiting moderation"))
    if entry.get("type") not in ("comment", "", None):
        marks.append(Mark(kind="type", value=str(entry["type"])))
    return tuple(marks)


def _author(entry: Answer) -> Shown[Author]:
    if "author" not in entry and "author_name" not in entry:
        return NOT_SHOWN
    account = str(entry["author"]) if entry.get("author") else None
    website = _web(entry.get("author_url"))
    images = entry.get("author_avatar_urls")
    image = images[_largest(tuple(images))] if isinstance(images, dict) and images else None
    return Author(
        name=unescape(str(entry.get("author_name") or "")) or None,
        native_id=account,
        profile_url=website if account else None,
        image_url=_web(image) or NOT_SHOWN,
        kind="account" if account else None,
        marks=(Mark(kind="website", value=website),) if website and not account else (),
    )


@lru_cache(maxsize=64)
def _largest(sizes: tuple[str, ...]) -> str:
    return max(sizes, key=lambda name: whole_number(name) or 0)


def _web(url: Any) -> str | None:
    return addresses.resolve(url, "") if isinstance(url, str) and url.startswith(("http://", "https://")) else None
