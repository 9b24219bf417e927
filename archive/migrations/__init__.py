"""The history of the archive's tables, frozen: a change is a new module and a line here, no edit of an old one."""

from sqlite_utils import Migrations

from belowtheline.archive.history import MIGRATION_SET
from belowtheline.archive.migrations.m001_first_tables import m001_first_tables
from belowtheline.archive.migrations.m002_evidence import m002_evidence
from belowtheline.archive.migrations.m004_search import m004_search

migrations = Migrations(MIGRATION_SET)
"""Every migration in its order; each runs in a transaction of its own."""

for migration in (m001_first_tables, m002_evidence, m004_search):
    migrations()(migration)
