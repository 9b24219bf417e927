"""The images of icons: whether a reading asks for them, and the bytes that each is."""

from sqlite_utils import Database

_STATEMENTS = (
    "ALTER TABLE readings ADD COLUMN with_icons INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE icons ADD COLUMN capture_id INTEGER REFERENCES captures(id)",
    "CREATE INDEX idx_icons_capture_id ON icons(capture_id)",
)


def m009_icons(db: Database) -> None:
    """Add what leads from an icon to its image."""
    for statement in _STATEMENTS:
        db.execute(statement)
