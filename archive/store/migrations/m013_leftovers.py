"""Which run gave a row to a record that a killed run had written."""

from sqlite_utils import Database

_STATEMENTS = (
    "ALTER TABLE captures ADD COLUMN found_by_run_id INTEGER REFERENCES runs(id)",
    "CREATE INDEX idx_captures_found_by_run_id ON captures(found_by_run_id) WHERE found_by_run_id IS NOT NULL",
)


def m013_leftovers(db: Database) -> None:
    """Add the run that found it."""
    for statement in _STATEMENTS:
        db.execute(statement)
