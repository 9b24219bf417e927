"""The discussion API: one page of a discussion, or one comment with its replies."""

from typing import Any, NamedTuple

from belowtheline.reading.entries import entries_of
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Article, Completeness, EmptyProof, Link, Stub, Thread, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.reading.page_ranges import other_pages
from belowtheline.sites.guardian import addresses
from belowtheline.sites.guardian.comments import Held, hold, is_comment, read_comment
from belowtheline.sites.guardian.wording import CONVENTIONS, NAME, number, text

Answer = dict[str, Any]

_ONLY_LINEAR = "DISCUSSION_ONLY_AVAILABLE_IN_LINEAR_FORMAT"


class _Read(NamedTuple):
    """What is known of an answer, whichever it is."""

    page: Page
    key: str
    base: str
    held: Held


def is_discussion(value: object) -> bool:
    """Return whether an answer is a page of a discussion."""
    found = value.get("discussion") if isinstance(value, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("key"), str):
        return False
    return isinstance(found.get("comments"), list) and not entries_of(found["comments"], is_comment).is_unlike


def comment_in(value: object) -> Answer | None:
    """Return the comment of an answer about one comment, with or without what the API puts around it."""
    found = value.get("comment", value) if isinstance(value, dict) else None
    is_comment = isinstance(found, dict) and "id" in found and "body" in found and "userProfile" in found
    return found if is_comment else None


def parse_answer(page: Page) -> ThreadPage:
    """Return the thread of an answer; raise ParseError where it is an error, or none of the API's."""
    value = page.json
    comment = comment_in(value)
    try:
        if is_discussion(value):
            return _discussion_page(page, value)
        if comment is not None:
            return _comment_page(page, comment)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ParseError(
            f"{page.name} has fields this reader does not know ({error!r}): the capture is kept, update the site's "
            "reader."
        ) from error
    return _linear_instead(page, value)


def _linear_instead(page: Page, value: object) -> ThreadPage:
    """Return the way to a discussion that the API has without nesting only; raise ParseError for other errors."""
    said = value if isinstance(value, dict) else {}
    address = addresses.address_of(page.url) if page.url else None
    if said.get("errorCode") == _ONLY_LINEAR and address and address.key and not addresses.is_linear(page.url):
        number = addresses.page_of(page.url) or 1
        url = addresses.answer_url(addresses.api_base(page.url), address.key, number, threaded=False)
        return ThreadPage(thread=Thread(site=NAME, native_id=address.key), links=(Link(url=url),), form="json")
    told = " ".join(str(said[name])[:120] for name in ("errorCode", "message") if said.get(name))
    raise ParseError(
        f"{page.name} is no answer of the Guardian's discussion API{f' ({told})' if told else ''}: looked for "
        "discussion.comments, or for a comment with userProfile; check that the discussion exists, or fetch its page "
        "at https://www.theguardian.com/discussion/p/KEY."
    )


def _discussion_page(page: Page, value: Answer) -> ThreadPage:
    found = value["discussion"]
    held = hold(found["comments"], is_linear=addresses.is_linear(page.url))
    read = _Read(page, found["key"], addresses.api_base(page.url), held)
    stubs = _stubs(read)
    return ThreadPage(
        thread=_thread(found),
        comments=tuple(read_comment(held, position) for position in range(1, len(held.answers) + 1)),
        stubs=stubs,
        links=(*_pages(read, value), *_replies(read)),
        conventions=CONVENTIONS,
        completeness=_completeness(read, value, bool(stubs)),
        form="json",
        disagreements=held.disagreements,
    )


def _comment_page(page: Page, comment: Answer) -> ThreadPage:
    """Return a comment with its replies, which leads to the whole discussion."""
    found = comment.get("discussion") or {}
    key = found.get("key")
    held = hold([comment])
    read = _Read(page, key or "", addresses.api_base(page.url), held)
    return ThreadPage(
        thread=_thread(found) if key else Thread(site=NAME, native_id=None),
        comments=tuple(read_comment(held, position) for position in range(1, len(held.answers) + 1)),
        stubs=_stubs(read),
        links=((Link(url=addresses.answer_url(read.base, key)),) if key else ()) + _replies(read),
        conventions=CONVENTIONS,
        form="json",
        disagreements=held.disagreements,
        is_part=key is None,
    )


def _thread(found: Answer) -> Thread:
    url, title = text(found.get("webUrl")), text(found.get("title"))
    closed = found.get("isClosedForComments")
    return Thread(
        site=NAME,
        native_id=found["key"],
        url=url or NOT_SHOWN,
        title=title if "title" in found else NOT_SHOWN,
        is_closed=closed if isinstance(closed, bool) else NOT_SHOWN,
        declared_count=number(found.get("commentCount")),
        article=Article(url=url or NOT_SHOWN, headline=title or NOT_SHOWN),
    )


def _stubs(read: _Read) -> tuple[Stub, ...]:
    """Return what the answer knows of and does not hold: parents elsewhere, and replies left out."""
    parents = [
        Stub(native_id=parent, url=addresses.comment_url(read.base, parent)) for parent in read.held.parents_elsewhere
    ]
    left_out = [
        Stub(
            native_id=None,
            parent_native_id=comment,
            shown=f"{count} more {'reply' if count == 1 else 'replies'}",
            url=addresses.comment_url(read.base, comment),
            count=count,
        )
        for comment, count in read.held.left_out.items()
    ]
    return (*parents, *left_out, *read.held.lost)


def _replies(read: _Read) -> tuple[Link, ...]:
    return tuple(
        Link(url=url)
        for comment in read.held.left_out
        if (url := addresses.comment_url(read.base, comment)) != read.page.url
    )


def _pages(read: _Read, value: Answer) -> tuple[Link, ...]:
    count = number(value.get("pages"))
    if not isinstance(count, int) or addresses.is_partial(read.page.url) or not read.page.url:
        return ()
    current, is_threaded = _number(read, value), not addresses.is_linear(read.page.url)
    return tuple(
        Link(url=addresses.answer_url(read.base, read.key, page, threaded=is_threaded))
        for page in other_pages(current, count)
    )


def _number(read: _Read, value: Answer) -> int | None:
    found = number(value.get("page"))
    return found if isinstance(found, int) else addresses.page_of(read.page.url)


def _completeness(read: _Read, value: Answer, has_stubs: bool) -> Completeness:
    count = number(value.get("pages"))
    if not isinstance(count, int) or addresses.is_partial(read.page.url):
        return Completeness()
    if count <= 1:
        proof: EmptyProof | None = None if read.held.answers else "container"
        return Completeness(page_number=1, page_count=1, is_whole=not has_stubs, counts_visible=True, empty_proof=proof)
    return Completeness(page_number=_number(read, value), page_count=count, counts_visible=True)
