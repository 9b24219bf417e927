"""Which comments came before which: by time, else by id, else by their place; trees may be sorted by score."""

from collections.abc import Sequence

from belowtheline.archive.links.texts import CommentText


def in_time(comments: Sequence[CommentText]) -> list[CommentText]:
    """Return comments in the order in which they were written, as far as that is known.

    One measure holds for the whole thread: times where all comments with words have one, else numeric ids, else places.
    """
    numbers = {comment.row_id: _number(comment.native_id) for comment in comments}
    are_numbered = None not in numbers.values()
    are_dated = all(comment.published_at or not _has_words(comment) for comment in comments)

    def place(comment: CommentText) -> tuple[str, int, int]:
        time = (comment.published_at or "~") if are_dated else ""
        return time, (numbers[comment.row_id] or 0) if are_numbered else 0, comment.position

    return sorted(comments, key=place)


def _has_words(comment: CommentText) -> bool:
    return bool(comment.present.title or comment.present.body_text)


def _number(native_id: str) -> int | None:
    return int(native_id) if native_id.isascii() and native_id.isdigit() and len(native_id) < 20 else None
