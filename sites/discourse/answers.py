"""Discourse's JSON: a topic with its first posts and the ids of all, or some posts of it."""

import json
import re
from dataclasses import replace
from typing import Any, Literal, NamedTuple, cast

from lxml import etree

from belowtheline.reading.entries import entries_of, ids_of, stubs_for
from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import utc
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Completeness,
    Link,
    Mark,
    Shown,
    Stub,
    Thread,
    ThreadPage,
)
from belowtheline.reading.page import Page
from belowtheline.reading.page_ranges import other_pages
from belowtheline.sites.discourse import addresses, posts, wording

_CHUNK = 20
"""How many posts Discourse gives at once; more may be asked for, and are not given."""
_MOST_PAGES = 50_000
"""A million posts; no topic has had so many, and a count beyond it is a mistake."""
_PRELOADED = etree.XPath("//*[@id='data-preloaded']/@data-preloaded")
_OWN_PICTURE = re.compile(r'"/user_avatar/([^/"{}\s]{1,253})/')
_STATES = ("closed", "archived", "pinned", "pinned_globally")
_FIGURES = ("category_id", "views", "like_count", "participant_count", "vote_count")


class _Origin(NamedTuple):
    """Whence an answer came."""

    base: str | None
    native_id: str
    url: str | None


def is_answer(value: object) -> bool:
    """Return whether a value is a topic or some posts of one."""
    stream = value.get("post_stream") if isinstance(value, dict) else None
    return isinstance(stream, dict) and isinstance(stream.get("posts"), list)


def preloaded(page: Page) -> Any:
    """Return the topic's JSON that a page for browsers carries, None where it carries none."""
    if 'id="data-preloaded"' not in page.text and "id='data-preloaded'" not in page.text:
        return None
    for text in cast(list[str], _PRELOADED(page.root)):
        try:
            stored = json.loads(text)
            found = [json.loads(stored[key]) for key in stored if key.startswith("topic_")]
        except (ValueError, TypeError, AttributeError):
            continue
        return next((value for value in found if is_answer(value) and "stream" in value["post_stream"]), None)
    return None


def parse_answer(page: Page, value: Any, form: Literal["html", "json"] = "json") -> ThreadPage:
    """Return the thread of an answer; raise ParseError where it is an error, or no topic."""
    if not is_answer(value):
        raise ParseError(_refusal(page, value))
    found, lost = entries_of(value["post_stream"]["posts"], posts.is_post)
    if lost and not found:
        raise ParseError(
            f"{page.name} has posts without id and post_number: the capture is kept, update the site's reader."
        )
    try:
        read = _thread_page(page, value, sorted(found, key=lambda post: int(post["post_number"])), form)
        return _with_lost(read, lost)
    except (AttributeError, TypeError, ValueError) as error:
        raise ParseError(
            f"{page.name} has fields this reader does not know ({error}): update the site's reader."
        ) from error


def _with_lost(read: ThreadPage, lost: list[Any]) -> ThreadPage:
    """Return a page with stubs for entries that are no posts; those with an id may be named by the stream already."""
    named = {stub.native_id for stub in read.stubs if stub.native_id}
    is_enumerated = read.completeness.is_enumerated
    stubs = [stub for stub in stubs_for(lost) if stub.native_id not in named and not (is_enumerated and named)]
    if not stubs:
        return read
    return replace(read, stubs=(*read.stubs, *stubs), completeness=replace(read.completeness, is_whole=False))


def _thread_page(page: Page, value: Any, found: list[posts.Answer], form: Literal["html", "json"]) -> ThreadPage:
    """Return the thread of posts in their order; answers may run backwards."""
    origin = _origin(page, value, found)
    numbers = {post["post_number"]: str(post["id"]) for post in found}
    missing = _missing(value, set(numbers.values()))
    base = origin.base
    return ThreadPage(
        thread=_thread(value, origin),
        comments=tuple(posts.read_post(post, place, numbers, base) for place, post in enumerate(found, 1)),
        stubs=tuple(Stub(native_id=post, url=base and addresses.post_url(base, post)) for post in missing),
        links=_links(value, origin, missing, set(numbers.values())),
        completeness=_completeness(value, origin, found, missing),
        form=form,
    )


def _refusal(page: Page, value: Any) -> str:
    said = value.get("errors") if isinstance(value, dict) else None
    if isinstance(said, list) and value.get("error_type") == "rate_limit":
        return f"{page.name} is the forum's request to ask more slowly: fetch it again later."
    told = f" ({' '.join(map(str, said))[:160]})" if isinstance(said, list) else ""
    return (
        f"{page.name} is no topic of Discourse{told}: looked for post_stream.posts; check that the topic exists and "
        "is open to all, or fetch its page without .json."
    )


def _origin(page: Page, value: Any, found: list[posts.Answer]) -> _Origin:
    named = addresses.topic_of(page.url) if page.url else None
    ids = (value.get("id"), *(post.get("topic_id") for post in found[:1]))
    native_id = next((str(number) for number in ids if isinstance(number, int)), named.native_id if named else None)
    if native_id is None:
        raise ParseError(f"{page.name} does not say which topic its posts are of: give its address with --url.")
    if named:
        return _Origin(named.base, native_id, page.url)
    # A saved answer without its address: the forum's own pictures of accounts have its host.
    own = _OWN_PICTURE.search(page.text)
    return _Origin(f"https://{own[1]}" if own else None, native_id, None)


def _missing(value: Any, held: set[str]) -> list[str]:
    """Return the ids of posts that exist and are not on the page, in order; those in gaps are hidden by a filter."""
    stream = value["post_stream"]
    ids, _ = ids_of(stream.get("stream"))
    gaps = stream.get("gaps")
    for sides in gaps.values() if isinstance(gaps, dict) else ():
        for around in sides.values() if isinstance(sides, dict) else ():
            ids += ids_of(around)[0]
    return [post for post in dict.fromkeys(ids) if post not in held]


def _thread(value: posts.Answer, origin: _Origin) -> Thread:
    base, native_id, _ = origin
    slug = posts.text(value.get("slug"))
    link = posts.text(value.get("featured_link"))
    url = addresses.topic_url(base, native_id, slug) if base and "title" in value else NOT_SHOWN
    return Thread(
        site=wording.NAME,
        instance=addresses.instance(base) if base else "",
        native_id=native_id,
        url=url,
        title=posts.text(value["title"]) if "title" in value else NOT_SHOWN,
        is_closed=_is_closed(value),
        declared_count=posts.number(value.get("posts_count")),
        article=Article(url=link) if link else Article(),
        author=_opener(value, base),
        published_at=utc(value.get("created_at")),
        marks=tuple(_marks(value)),
    )


def _is_closed(value: posts.Answer) -> Shown[bool]:
    if "closed" not in value:
        return NOT_SHOWN
    return bool(value["closed"] or value.get("archived"))


def _opener(value: posts.Answer, base: str | None) -> Shown[Author]:
    details = value.get("details")
    user = details.get("created_by") if isinstance(details, dict) else None
    return posts.read_user(user, base) if isinstance(user, dict) else NOT_SHOWN


def _marks(value: posts.Answer) -> list[Mark]:
    marks = [Mark(kind=state.replace("_", " ")) for state in _STATES if value.get(state) is True]
    marks += [Mark(kind="unlisted")] if value.get("visible") is False else []
    for figure in _FIGURES:
        if isinstance(value.get(figure), int):
            marks.append(Mark(kind=figure.removesuffix("_id").replace("_", " "), value=str(value[figure])))
    for tag in entries_of(value.get("tags"), bool).found:
        # A name, or an object with one.
        marks.append(Mark(kind="tag", value=str(tag.get("name") if isinstance(tag, dict) else tag)))
    accepted = value.get("accepted_answer")
    if isinstance(accepted, dict) and accepted.get("post_number"):
        marks.append(Mark(kind="accepted answer", value=str(accepted["post_number"])))
    return marks


def _links(value: Any, origin: _Origin, missing: list[str], held: set[str]) -> tuple[Link, ...]:
    base, native_id, url = origin
    if base is None or url is None:
        return ()
    if _is_mega(value):
        current = addresses.page_of(url) or 1
        pages = other_pages(current, _page_count(value))
        return tuple(Link(url=addresses.answer_url(base, native_id, number)) for number in pages)
    # Chunks do not reach across the posts at hand, so that the first post of each says where it stands.
    ids, _ = ids_of(value["post_stream"].get("stream"))
    start = next((at for at, post in enumerate(ids) if post in held), len(ids))
    before = set(ids[:start])
    earlier = [post for post in missing if post in before]
    later = [post for post in missing if post not in before]
    chunks = [part[at : at + _CHUNK] for part in (earlier, later) for at in range(0, len(part), _CHUNK)]
    return tuple(Link(url=addresses.posts_url(base, native_id, chunk)) for chunk in chunks)


def _is_mega(value: Any) -> bool:
    """Return whether a topic is so long (10,000 posts) that its answer leaves the ids out, and has pages instead."""
    return bool(value["post_stream"].get("isMegaTopic"))


def _page_count(value: Any) -> int:
    count = posts.number(value.get("posts_count"))
    return max(1, min(-(-count // _CHUNK), _MOST_PAGES)) if isinstance(count, int) else 1


def _completeness(value: Any, origin: _Origin, found: list[posts.Answer], missing: list[str]) -> Completeness:
    stream = value["post_stream"].get("stream")
    is_topic = "title" in value
    if _is_mega(value):
        return Completeness(page_number=addresses.page_of(origin.url) or 1, page_count=_page_count(value))
    # A filter leaves posts out of the list.
    is_enumerated = bool(stream) and not ids_of(stream)[1] and not addresses.is_filtered(origin.url)
    is_whole = is_enumerated and not missing
    # Posts come in twenties: the number of the first says in which, deleted posts leaving gaps.
    number = (int(found[0]["post_number"]) - 1) // _CHUNK + 1 if found and not is_whole else None
    return Completeness(page_number=number, is_whole=is_whole, is_enumerated=is_enumerated, counts_visible=is_topic)
