"""The part of a thread that a page can be about, where the whole need not be read: by ids, and by the page's number.

A comment without an id may be any that is held, as long as it has words or an address to tell. A tombstone has neither.
So where nothing but tombstones lack an id, on a page with a number and among what is held of its thread, a page is
about the comments whose ids it shows, and about those that a page of its number showed before.
"""

import json
import sqlite3
from collections.abc import Collection, Sequence

from belowtheline.archive.record.alignment import Sighting, is_tree
from belowtheline.archive.record.shown_before import Showing
from belowtheline.archive.record.threads import sightings_of


def is_window_enough(
    connection: sqlite3.Connection, ours: Sequence[Sighting], number: int | None, thread_id: int, showing: Showing
) -> bool:
    """Return whether a page of a number can be aligned with its window, to the same end as with its whole thread."""
    if number is None or not all(one.native_id is not None or _is_nameless_tombstone(one) for one in ours):
        return False
    # Whether replies stand below what they answer is seen from the whole thread.
    if is_tree(ours):
        return False
    found = connection.execute(_ENOUGH, (thread_id, showing.reading_id, showing.page_id, number)).fetchone()
    return bool(found[0])


def _is_nameless_tombstone(sighting: Sighting) -> bool:
    return sighting.is_tombstone and not sighting.text and sighting.url is None


_ENOUGH = """
    SELECT NOT EXISTS (
        SELECT 1 FROM comments WHERE thread_id = ?1 AND substr(native_id, 1, 1) = '~'
        AND (deletion IS NULL OR title IS NOT NULL OR body_text IS NOT NULL OR url IS NOT NULL))
    AND NOT EXISTS (SELECT 1 FROM comments WHERE thread_id = ?1 AND page_number IS NULL)
    AND NOT EXISTS (
        SELECT 1 FROM pages WHERE reading_id = ?2 AND id <> ?3 AND form IS NOT NULL
        AND (page_number IS NULL OR page_number = ?4))"""


def window(
    connection: sqlite3.Connection, thread_id: int, showing: Showing, number: int | None, native_ids: Collection[str]
) -> tuple[list[int], list[Sighting], list[int]]:
    """Return rows and sightings of the comments of a window in thread order, and the places of those it may be about.

    These are what pages of its number showed in other readings; the others are there for their ids.
    """
    asked = (thread_id, number, json.dumps(sorted(native_ids)), showing.reading_id)
    found = connection.execute(_WINDOW, asked).fetchall()
    ids, sightings = sightings_of([row[:-1] for row in found])
    return ids, sightings, [place for place, row in enumerate(found) if row[-1]]


_WINDOW = """
    SELECT c.id, c.native_id, c.author_name, c.title, c.body_text, c.deletion, c.url, c.published_at,
        c.published_precision, c.published_source, c.depth, c.parent_id,
        c.page_number = ?2 AND p.reading_id IS NOT ?4
    FROM comments c LEFT JOIN pages p ON p.id = c.page_id WHERE c.id IN (
        SELECT id FROM comments WHERE thread_id = ?1 AND page_number = ?2
        UNION SELECT id FROM comments WHERE thread_id = ?1 AND native_id IN (SELECT value FROM json_each(?3)))
    ORDER BY coalesce(c.page_number, 1), c.page_position, c.id"""
