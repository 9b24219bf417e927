"""Reddit's posts: the fields of one `t3`, which is the thread and, where it links to an article, names it."""

from collections.abc import Iterator

from belowtheline.reading.items import NOT_SHOWN, Article, Mark, Shown, Thread
from belowtheline.sites.reddit import wording
from belowtheline.sites.reddit.comments import read_author
from belowtheline.sites.reddit.source import Source
from belowtheline.sites.reddit.wording import Data

_STATES = {
    "stickied": "stickied", "locked": "locked", "archived": "archived", "over_18": "nsfw", "spoiler": "spoiler",
    "contest_mode": "contest mode", "quarantine": "quarantined", "is_original_content": "original content",
}  # fmt: skip
_FIGURES = {
    "subreddit": "subreddit", "link_flair_text": "flair", "distinguished": "distinguished",
    "upvote_ratio": "upvote ratio", "removed_by_category": "removed by", "crosspost_parent": "crosspost of",
    "num_crossposts": "crossposts", "suggested_sort": "suggested sort",
}  # fmt: skip


def read_post(data: Data, source: Source) -> Thread:
    """Return the thread of a post; what stands in place of a text that is gone is no text."""
    html = source.html(data.get("selftext_html"))
    said = wording.words_of(html or "") or str(data.get("selftext") or "")
    is_gone = wording.deletion_of(said, None) is not None  # a removed text leaves its author's name
    is_hidden = bool(data.get("hide_score"))
    return Thread(
        site=wording.NAME,
        native_id=source.thread,
        url=source.page_url(),
        title=source.text(data.get("title")),
        is_closed=_is_closed(data),
        declared_count=wording.number_of(data.get("num_comments")),
        article=_article(data, source),
        author=NOT_SHOWN if is_gone and data.get("author") == wording.GONE else read_author(data, source),
        published_at=wording.utc(data.get("created_utc")),
        body_html=NOT_SHOWN if is_gone else html,
        score=NOT_SHOWN if is_hidden else wording.number_of(data.get("score")),
        marks=(*((Mark(kind="text gone", value=said),) if is_gone else ()), *_marks(data, source)),
    )


def _is_closed(data: Data) -> Shown[bool]:
    if "locked" not in data and "archived" not in data:
        return NOT_SHOWN
    return bool(data.get("locked") or data.get("archived"))


def _article(data: Data, source: Source) -> Article:
    """Return what a post links to, if it is not a text of its own."""
    url = source.text(data.get("url_overridden_by_dest")) or source.text(data.get("url"))
    is_link = url and not data.get("is_self") and url.startswith(("http://", "https://"))
    return Article(url=url) if is_link else Article()


def _marks(data: Data, source: Source) -> Iterator[Mark]:
    for key, kind in _FIGURES.items():
        value = data.get(key)
        if value not in (None, "", 0):
            yield Mark(kind=kind, value=source.text(value) or str(value))
    for key, kind in _STATES.items():
        if data.get(key):
            yield Mark(kind=kind)
    if data.get("hide_score"):
        yield Mark(kind="score hidden")
    if data.get("downs"):
        # Until 2014 votes for and against were shown, of a post as well.
        yield Mark(kind="upvotes", value=str(data.get("ups")))
        yield Mark(kind="downvotes", value=str(data["downs"]))
    if edited := data.get("edited"):
        edited_at = wording.utc(edited)
        yield Mark(kind="edited", value=edited_at if isinstance(edited_at, str) else None)
    yield from wording.awards(data)
    yield from _poll(data, source)


def _poll(data: Data, source: Source) -> Iterator[Mark]:
    poll = data.get("poll_data")
    for option in wording.list_of(poll.get("options")) if isinstance(poll, dict) else ():
        if not isinstance(option, dict):
            continue
        text, votes = source.text(option.get("text")) or "", option.get("vote_count")
        yield Mark(kind="poll option", value=f"{text}: {votes}" if isinstance(votes, int) else text)
