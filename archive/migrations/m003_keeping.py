"""Where comments were shown, and what clocks and verdicts rest on."""

from sqlite_utils import Database

_STATEMENTS = (
    # The page that showed a comment last, in threads where ids alone do not tell comments apart.
    "ALTER TABLE comments ADD COLUMN page_id INTEGER REFERENCES pages(id) ON DELETE SET NULL",
    "CREATE INDEX idx_comments_page_id ON comments(page_id) WHERE page_id IS NOT NULL",
    # The clocks of servers beside ours, and times that had not come when a capture was taken in.
    "ALTER TABLE runs ADD COLUMN clock_offset INTEGER",
    "ALTER TABLE captures ADD COLUMN claimed_at TEXT",
)


def m003_keeping(db: Database) -> None:
    """Add where comments were shown, and what clocks and verdicts rest on."""
    for statement in _STATEMENTS:
        db.execute(statement)
