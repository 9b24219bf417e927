"""Authors of whom a page shows neither that they have an account nor that they have none: their kind is NULL."""

from sqlite_utils import Database

_VIEWS = "SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid"
_STATEMENTS = (
    # A column cannot lose its NOT NULL, so another takes its place.
    "ALTER TABLE authors ADD COLUMN shown_kind TEXT",
    "UPDATE authors SET shown_kind = kind",
    "ALTER TABLE authors DROP COLUMN kind",
    "ALTER TABLE authors RENAME COLUMN shown_kind TO kind",
)
_ANONYMOUS = "a.kind = 'anonymous' AS is_anonymous"
_OR_NAMED = "iif(a.id IS NULL, NULL, a.kind IS 'anonymous') AS is_anonymous"


def m006_author_kinds(db: Database) -> None:
    """Let the kind of an author be NULL, and a named author of no known kind not be anonymous."""
    views = db.execute(_VIEWS).fetchall()
    for name, _ in views:
        db.execute(f'DROP VIEW "{name}"')
    for statement in _STATEMENTS:
        db.execute(statement)
    for _, sql in views:
        db.execute(sql.replace(_ANONYMOUS, _OR_NAMED))
