"""Disqus's answers in JSON: lists of posts with a cursor, one post, a thread, and what the embedded page carries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from belowtheline.reading.entries import entries_of, stubs_for
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Completeness, Link, Shown, Stub, Thread, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.disqus import addresses, refusals, wording
from belowtheline.sites.disqus.posts import Place, depths_of, is_post, parent_of, read_post
from belowtheline.sites.disqus.threads import is_thread, read_thread
from belowtheline.sites.disqus.wording import Data, id_of, list_of, text_of

_EMBEDDED = 50
"""How many posts the embedded page holds, by which its cursor counts."""

Form = Literal["html", "json"]


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where an answer stands among the pages of its posts."""

    number: int | None
    """Which page it is, where the cursor counts pages."""
    is_first: bool
    following: str | None
    """Cursor of the next page, None on the last; a cursor is given even where no page follows."""
    total: Shown[int]


def is_answer(value: object) -> bool:
    """Return whether a value is an answer of Disqus's about a thread."""
    if not isinstance(value, dict) or value.get("code") != 0:
        return False
    response = value.get("response")
    if isinstance(response, list):
        is_unlike = all(entries_of(response, is_one).is_unlike for is_one in (is_post, is_thread))
        return isinstance(value.get("cursor"), dict) and not is_unlike
    return _is_embedded(response) or is_thread(response) or is_post(response)


def parse_answer(page: Page, value: Any, form: Form = "json") -> tuple[ThreadPage, ...]:
    """Return the threads of an answer; raise ParseError where it is a refusal, or holds none."""
    response: Any = value.get("response") if isinstance(value, dict) else None
    if not is_answer(value):
        raise ParseError(refusals.message(page, value))
    if _is_embedded(response):
        return (_embedded(page, value, form),)
    if is_thread(response):
        return (_details(page, response),)
    if is_post(response):
        return (_posts(page, [response], _thread_of(page, response)),)
    if (threads := entries_of(response, is_thread).found) and not any(map(is_post, response)):
        return _threads(page, threads)
    return _listing(page, value)


def _is_embedded(response: object) -> bool:
    return isinstance(response, dict) and isinstance(response.get("posts"), list) and is_thread(response.get("thread"))


def _embedded(page: Page, value: Data, form: Form) -> ThreadPage:
    """Return the first page of a thread; the comment that editors put on top may stand on a later one."""
    response = value["response"]
    posts = entries_of(response["posts"], is_post)
    if posts.is_unlike:
        raise ParseError(refusals.unlike(page))
    found = posts.found
    featured = response["thread"].get("highlightedPost")
    if is_post(featured) and id_of(featured) not in map(id_of, found):
        found = [*found, featured]
    cursor = _cursor(value, page.url)
    read = _with_lost(_posts(page, found, response["thread"], form), posts.lost)
    order = text_of(value.get("order")) or text_of(response.get("order")) or "popular"
    return _placed(read, cursor, _next_of_embedded(page, read.thread, order, cursor))


def _next_of_embedded(page: Page, thread: Thread, order: str, cursor: _Cursor) -> str | None:
    if cursor.following is None or thread.native_id is None:
        return None
    base = addresses.base_of(page.url)
    return addresses.threaded_url(
        base, thread.native_id, limit=_EMBEDDED, order=order, forum=thread.instance, cursor=cursor.following
    )


def _details(page: Page, thread: Data) -> ThreadPage:
    """Return a thread without its posts, and where they are."""
    read = read_thread(thread)
    url = addresses.threaded_url(addresses.base_of(page.url), read.native_id or "", forum=read.instance)
    counts = Completeness(counts_visible=isinstance(read.declared_count, int))
    return ThreadPage(
        thread=read, links=(Link(url=url),), conventions=wording.CONVENTIONS, completeness=counts, form="json"
    )


def _threads(page: Page, threads: list[Data]) -> tuple[ThreadPage, ...]:
    if len(threads) > 1:
        raise ParseError(f"{page.name} is a list of {len(threads)} threads, not of posts: give the address of one.")
    return (_details(page, threads[0]),)


def _listing(page: Page, value: Data) -> tuple[ThreadPage, ...]:
    """Return the threads of a list of posts; only of one thread may such a list be the whole."""
    found, lost = entries_of(value["response"], is_post)
    by_thread: dict[str | None, list[Data]] = {}
    for post in found:
        by_thread.setdefault(id_of(post.get("thread")), []).append(post)
    cursor = _cursor(value, page.url)
    if not found:
        empty = ThreadPage(thread=_named(page), conventions=wording.CONVENTIONS, form="json")
        return (_placed(_with_lost(empty, lost), cursor, None),)
    read = [_posts(page, group, _thread_of(page, group[0])) for group in by_thread.values()]
    read[0] = _with_lost(read[0], lost)  # of which thread they were, nobody knows
    following = _next_of_listing(page, found, cursor)
    if len(read) == 1 and not _is_of_forum(page.url):
        return (_placed(read[0], cursor, following),)
    return (replace(read[0], links=(Link(url=following),) if following else ()), *read[1:])


def _is_of_forum(url: str | None) -> bool:
    """Return whether an address asks for the posts of a whole forum, so that its end is no thread's."""
    return url is not None and addresses.is_api(url) and addresses.address_of(url) is None


def _next_of_listing(page: Page, found: list[Data], cursor: _Cursor) -> str | None:
    if cursor.following is None:
        return None
    if page.url and addresses.is_api(page.url):
        return addresses.next_url(page.url, cursor.following)
    native_id, base = id_of(found[0].get("thread")) or "", addresses.base_of(page.url)
    first, last = (text_of(found[at].get("createdAt")) or "" for at in (0, -1))
    if cursor.number is None:
        return addresses.listing_url(base, native_id, "asc" if first < last else "desc", cursor.following)
    return addresses.threaded_url(base, native_id, limit=len(found), order="popular", cursor=cursor.following)


def _posts(page: Page, found: Sequence[Data], thread: Data | Thread, form: Form = "json") -> ThreadPage:
    """Return posts of one thread, with stubs for those above or below them that the answer leaves out."""
    about = thread if isinstance(thread, Thread) else read_thread(thread)
    moderators = (
        set() if isinstance(thread, Thread) else set(filter(None, map(id_of, list_of(thread.get("moderators")))))
    )
    parents = {native_id: parent_of(post) for post in found if (native_id := id_of(post))}
    place = Place(depths_of(parents), shown(about.url), frozenset(moderators))
    return ThreadPage(
        thread=about,
        comments=tuple(read_post(post, position, place) for position, post in enumerate(found, 1)),
        stubs=_stubs(page, found, parents),
        conventions=wording.CONVENTIONS,
        form=form,
    )


def _with_lost(read: ThreadPage, lost: Sequence[Any]) -> ThreadPage:
    return replace(read, stubs=(*read.stubs, *stubs_for(lost))) if lost else read


def _stubs(page: Page, found: Sequence[Data], parents: dict[str, Shown[str]]) -> tuple[Stub, ...]:
    base = addresses.base_of(page.url)
    missing = dict.fromkeys(parent for parent in parents.values() if isinstance(parent, str) and parent not in parents)
    above = [Stub(native_id=one, shown="it was answered", url=addresses.post_url(base, one)) for one in missing]
    more = (id_of(post) for post in found if post.get("hasMore") is True)
    return (*above, *(Stub(native_id=None, parent_native_id=one, shown="more replies") for one in more if one))


def _placed(read: ThreadPage, cursor: _Cursor, following: str | None) -> ThreadPage:
    """Return a page with its place among the pages of its thread, and a link to the next."""
    is_last = cursor.following is None
    is_whole = is_last and cursor.is_first and not read.stubs
    declared = read.thread.declared_count
    declared = cursor.total if declared is NOT_SHOWN else declared
    number = None if is_whole else cursor.number
    left = declared - len(read.comments) - _lost(read) if isinstance(declared, int) and cursor.is_first else 1
    rest = (Stub(native_id=None, shown="next page", url=following, count=max(left, 1)),) if following else ()
    return replace(
        read,
        thread=replace(read.thread, declared_count=declared),
        stubs=(*read.stubs, *rest),
        links=(Link(url=following),) if following else (),
        completeness=Completeness(
            page_number=number,
            page_count=number if is_last else None,
            is_whole=is_whole,
            # A cursor that counts no pages leads from the first to the last by what each says is left.
            is_enumerated=cursor.is_first and number is None and bool(following),
            counts_visible=isinstance(declared, int),
            empty_proof=None if read.comments else "container",
        ),
    )


def _lost(read: ThreadPage) -> int:
    unnamed = (stub for stub in read.stubs if stub.native_id is None and stub.parent_native_id is NOT_SHOWN)
    return sum(stub.count for stub in unnamed)


def _cursor(value: Data, url: str | None) -> _Cursor:
    cursor = value.get("cursor")
    cursor = cursor if isinstance(cursor, dict) else {}
    following = addresses.page_of(cursor.get("next"))
    number = following - 1 if following else addresses.page_of(cursor.get("id"))
    has_next = cursor.get("hasNext") is True and bool(text_of(cursor.get("next")))
    # What a cursor says of the pages before it is not to be trusted where the address asks for a later one.
    is_first = cursor.get("hasPrev") is False and number in (None, 1) and not addresses.is_partial(url)
    total = wording.number_of(cursor.get("total"))
    return _Cursor(number, is_first, text_of(cursor.get("next")) if has_next else None, total)


def _thread_of(page: Page, post: Data) -> Data | Thread:
    """Return the thread of a post, which the answer describes where `related=thread` was asked for."""
    thread = post["thread"]
    if is_thread(thread):
        return thread  # type: ignore[no-any-return]
    asked = addresses.address_of(page.url) if page.url else None
    forum = id_of(post.get("forum")) or (asked.forum if asked else "")
    return Thread(site=wording.NAME, instance=forum, native_id=id_of(thread))


def _named(page: Page) -> Thread:
    """Return the thread of an answer without posts, by what its address calls it."""
    asked = addresses.address_of(page.url) if page.url else None
    if asked is None:
        raise ParseError(f"{page.name} holds no posts and does not say of which thread: give its address with --url.")
    if asked.native_id:
        return Thread(site=wording.NAME, instance=asked.forum, native_id=asked.native_id)
    return Thread(site=wording.NAME, instance=asked.forum, native_id=by_name(asked.ident, asked.link, asked.slug))


def by_name(ident: str | None, link: str | None, slug: str | None = None) -> str | None:
    """Return the id of a thread by what its publisher calls it, as the API takes it in place of the number."""
    named = (("ident", ident), ("link", link), ("slug", slug))
    return next((f"{kind}:{value}" for kind, value in named if value), None)
