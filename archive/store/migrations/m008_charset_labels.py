"""What a page calls its character set, where its bytes say otherwise."""

from sqlite_utils import Database


def m008_charset_labels(db: Database) -> None:
    """Add the label beside the character set that was used."""
    db.execute("ALTER TABLE pages ADD COLUMN charset_label TEXT")
