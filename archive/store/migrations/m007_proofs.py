"""What a page counts, whatever its count counts, and what proves that a thread has no comments."""

from sqlite_utils import Database

_COLUMNS = (
    "stated INTEGER",
    "stated_least INTEGER",
    "part_of INTEGER",
    "left_out INTEGER",
    "empty_proof TEXT",
    "elsewhere TEXT",
)


def m007_proofs(db: Database) -> None:
    """Let pages keep their own count, what they leave out, and what proves that they are empty."""
    for column in _COLUMNS:
        db.execute(f"ALTER TABLE pages ADD COLUMN {column}")
