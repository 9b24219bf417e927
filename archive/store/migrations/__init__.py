"""The history of the archive's tables, frozen: a change is a new module and its name in `history`, not an edit."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from sqlite_utils import Database, Migrations

from belowtheline.archive.store.migration_names import MIGRATION_SET, MIGRATIONS

migrations = Migrations(MIGRATION_SET)
"""Every migration in its order; each runs in a transaction of its own."""

functions: Mapping[str, Callable[[Database], None]] = MappingProxyType(
    {name: getattr(import_module(f"{__name__}.{name}"), name) for name in MIGRATIONS}
)
"""Each migration by its name."""

for function in functions.values():
    migrations()(function)
