"""Indexes by which a page finds what waits for it, however much an archive holds."""

from sqlite_utils import Database

_STATEMENTS = (
    # Comments that name a parent which is not held: the parent that comes finds them by its id.
    """CREATE INDEX idx_comments_waiting ON comments(thread_id, parent_native_id)
        WHERE parent_id IS NULL AND parent_native_id IS NOT NULL""",
    # When an author was last shown by a name: without it, all that a busy author wrote is looked at.
    "CREATE INDEX idx_comments_author_seen ON comments(author_id, author_name, last_seen_at)",
    "DROP INDEX idx_comments_author_id",
    # What a page of a number can be about, and what keeps it from being told without the whole thread.
    "CREATE INDEX idx_comments_page_number ON comments(thread_id, page_number) WHERE page_number IS NOT NULL",
    "CREATE INDEX idx_comments_unnumbered ON comments(thread_id) WHERE page_number IS NULL",
    """CREATE INDEX idx_comments_labelled ON comments(thread_id) WHERE substr(native_id, 1, 1) = '~'
        AND (deletion IS NULL OR title IS NOT NULL OR body_text IS NOT NULL OR url IS NOT NULL)""",
    "CREATE INDEX idx_pages_page_number ON pages(reading_id, page_number) WHERE form IS NOT NULL",
    # Comments that an older btl held, which no page is known to have shown.
    "CREATE INDEX idx_comments_of_no_page ON comments(thread_id, page_number) WHERE page_id IS NULL",
    # The first reading after a comment was last seen, and the last one before another.
    "CREATE INDEX idx_readings_read_at ON readings(thread_id, read_at) WHERE read_at IS NOT NULL",
    # Whether a reading waits for a page, which it is asked after each of its pages.
    "CREATE INDEX idx_pages_unended ON pages(reading_id) WHERE state = 'todo' OR state = 'deferred'",
    "CREATE INDEX idx_pages_not_asked ON pages(reading_id) WHERE reason = 'not asked'",
    # Of pages by their state only those to do are looked for: an index of all states led to every page that was read.
    "CREATE INDEX idx_pages_todo ON pages(host) WHERE state = 'todo'",
    "DROP INDEX idx_pages_state_host",
    "CREATE INDEX idx_pages_url ON pages(url)",
    # Until when a host is not to be asked.
    "CREATE INDEX idx_pages_deferred ON pages(host, not_before) WHERE state = 'deferred'",
)


def m016_waiting_rows(db: Database) -> None:
    """Add the indexes, and drop one that another covers."""
    for statement in _STATEMENTS:
        db.execute(statement)
