"""The story of an answer: the thread, the article it stands under, and what Coral counts of it."""

from collections.abc import Iterator

from belowtheline.reading.items import NOT_SHOWN, Article, Mark, Shown, Thread
from belowtheline.sites.coral import addresses
from belowtheline.sites.coral.connections import Answer, number, text

NAME = "coral"
_COUNTS = ("totalPublishedAndVisible", "totalPublished")


def read_story(story: Answer | None, instance: str) -> Thread:
    """Return the thread of a story, in the words of Coral or of Talk; without an id where the answer names none."""
    story = story or {}
    metadata = story.get("metadata")
    said: Answer = metadata if isinstance(metadata, dict) else {}
    url = text(story.get("url"))
    title = _title(story, said)
    count = declared_count(story)
    return Thread(
        site=NAME,
        instance=instance,
        native_id=text(story.get("id")),
        url=url or NOT_SHOWN,
        title=title,
        is_closed=story["isClosed"] if isinstance(story.get("isClosed"), bool) else NOT_SHOWN,
        declared_count=NOT_SHOWN if count is None else count,
        article=Article(
            url=url or NOT_SHOWN,
            headline=title,
            teaser=text(said.get("description")) or NOT_SHOWN,
            published_raw=text(said.get("publishedAt")) or NOT_SHOWN,
        ),
        published_raw=text(story.get("created_at")) or NOT_SHOWN,
        marks=tuple(_marks(story, said)),
    )


def declared_count(story: Answer) -> int | None:
    """Return how many comments a story has by its own account, as far as readers are shown them."""
    counts = story.get("commentCounts")
    if isinstance(counts, dict):
        return next((count for name in _COUNTS if (count := number(counts.get(name))) is not None), None)
    return number(story.get("totalCommentCount"))


def comment_link(story: Answer | None, is_talk: bool) -> str | None:
    """Return the address of a story's comments up to the id, None where the story's own is not known."""
    url = text((story or {}).get("url"))
    try:
        return addresses.comment_url(url, "commentId" if is_talk else "commentID", "") if url else None
    except ValueError:
        return None


def _title(story: Answer, said: Answer) -> Shown[str]:
    if "title" in story:
        return text(story["title"])
    return text(said["title"]) if "title" in said else NOT_SHOWN


def _marks(story: Answer, said: Answer) -> Iterator[Mark]:
    for kind, value in (
        ("article author", said.get("author") or story.get("author")),
        ("section", said.get("section")),
        ("closes", story.get("closedAt")),
    ):
        if found := text(value):
            yield Mark(kind=kind, value=found)
    settings = story.get("settings")
    mode = text(settings.get("mode")) if isinstance(settings, dict) else None
    if mode and mode != "COMMENTS":
        yield Mark(kind="mode", value=mode)
    counts = story.get("commentCounts")
    tags = counts.get("tags") if isinstance(counts, dict) else None
    for tag, count in tags.items() if isinstance(tags, dict) else ():
        if number(count):
            yield Mark(kind="tagged comments", value=f"{tag} {count}")
    ratings = story.get("ratings")
    if isinstance(ratings, dict) and number(ratings.get("count")):
        yield Mark(kind="ratings", value=f"{ratings.get('average')} of {ratings['count']}")
