"""Whether what a page shows of a comment's author says more, or less, than what is held of the same name."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from belowtheline.archive.record import people
from belowtheline.reading.items import Author


@dataclass(frozen=True, slots=True)
class Held:
    """The author that a comment is held with."""

    row_id: int | None
    name: str | None
    kind: str | None
    is_copied: bool
    """Whether nothing but copied text has shown it."""

    def is_kept(self, author: Author | None, *, is_copy: bool) -> bool:
        """Return whether it stands whatever a page shows: copied text shows a name, and at best a badge."""
        if self.row_id is None or author is None:
            return is_copy and self.row_id is not None
        if self.is_settled_by(author):
            return False
        return is_copy or (author.kind is None and self.kind is not None and author.name == self.name)

    def is_settled_by(self, author: Author | None) -> bool:
        """Return whether a page, of whatever time, shows what the author is of whom no more than a name is held."""
        if self.row_id is None or author is None or author.kind is None or author.name != self.name:
            return False
        # A badge is an account's; copied text that shows none takes the name of the anonymous for nobody's.
        return self.kind is None or (self.is_copied and self.kind == "anonymous" and author.kind == "account")


def held_authors(connection: sqlite3.Connection, comments: Mapping[int, Mapping[str, Any]]) -> dict[int, Held]:
    """Return the author that each of the comments is held with, by the comment's row."""
    ids = sorted({row["author_id"] for row in comments.values() if row["author_id"] is not None})
    sql = "SELECT id, kind FROM authors WHERE id IN (SELECT value FROM json_each(?))"
    kinds = dict(connection.execute(sql, (json.dumps(ids),)))
    return {
        row_id: Held(row["author_id"], row["author_name"], kinds.get(row["author_id"]), _is_copied(row["field_times"]))
        for row_id, row in comments.items()
    }


def _is_copied(field_times: str | None) -> bool:
    # What a poor source alone has shown counts as never shown: see merging.Times.
    return field_times is not None and json.loads(field_times).get("author", "") is None


def settle_opener(
    connection: sqlite3.Connection, author: Author, held: int | None, values: dict[str, tuple[Any, ...]]
) -> set[str]:
    """Take an opener that says less than is held out of a thread's values; return it as forced if it says more."""
    row = connection.execute("SELECT name, kind FROM authors WHERE id = ?", (held,)).fetchone()
    if row is None:
        return set()
    name, kind = row
    opener = Held(held, name, kind, is_copied=False)
    if opener.is_kept(author, is_copy=False):
        people.forget_placeholders(connection, values.pop("author_id"))
    return {"author_id"} if opener.is_settled_by(author) else set()
