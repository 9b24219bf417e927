"""The history of the archive's tables, frozen: a change is a new module and its name in `history`, not an edit."""

from importlib import import_module

from sqlite_utils import Migrations

from belowtheline.archive.history import MIGRATION_SET, MIGRATIONS

migrations = Migrations(MIGRATION_SET)
"""Every migration in its order; each runs in a transaction of its own."""

for name in MIGRATIONS:
    migrations()(getattr(import_module(f"{__name__}.{name}"), name))
