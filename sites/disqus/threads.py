"""A thread as an answer describes it: the API's, and that of the embedded page."""

from collections.abc import Iterator
from html import unescape

from belowtheline.reading.items import NOT_SHOWN, Article, Mark, Shown, Thread
from belowtheline.sites.disqus import wording
from belowtheline.sites.disqus.posts import read_author
from belowtheline.sites.disqus.wording import Data, id_of, list_of, text_of


def is_thread(value: object) -> bool:
    """Return whether a value describes a thread."""
    if not isinstance(value, dict) or id_of(value) is None or "thread" in value:
        return False
    return (
        "forum" in value and ("isClosed" in value or "identifiers" in value) and ("title" in value or "link" in value)
    )


def read_thread(thread: Data) -> Thread:
    """Return a thread, which stands at the address of its article."""
    link = wording.web_of(thread.get("link"))
    title = title_of(thread)
    author = thread.get("author")
    return Thread(
        site=wording.NAME,
        instance=id_of(thread.get("forum")) or "",
        native_id=id_of(thread),
        url=link or NOT_SHOWN,
        title=title,
        is_closed=wording.flag_of(thread.get("isClosed")),
        declared_count=wording.number_of(thread.get("posts")),
        article=Article(url=link or NOT_SHOWN, headline=title),
        author=read_author(author) if isinstance(author, dict) else NOT_SHOWN,
        published_raw=text_of(thread.get("createdAt")) or NOT_SHOWN,
        body_html=text_of(thread.get("message")) or NOT_SHOWN,
        marks=tuple(_marks(thread)),
    )


def title_of(thread: Data) -> Shown[str]:
    """Return a thread's title, of which one form is escaped as HTML and another is not."""
    return text_of(thread.get("clean_title")) or text_of(unescape(text_of(thread.get("title")) or "")) or NOT_SHOWN


def _marks(thread: Data) -> Iterator[Mark]:
    for identifier in list_of(thread.get("identifiers")):
        if isinstance(identifier, str):
            yield Mark(kind="identifier", value=identifier)
    if slug := text_of(thread.get("slug")):
        yield Mark(kind="slug", value=slug)
    for kind in ("likes", "dislikes"):
        yield from wording.counted(kind, thread.get(kind))
    if thread.get("isDeleted") is True:
        yield Mark(kind="deleted")
