"""The names of the migrations, apart from them so that reading an archive does not import sqlite_utils."""

MIGRATION_SET = "belowtheline"
MIGRATIONS = ("m001_first_tables", "m002_evidence", "m004_search")
"""The functions of archive/migrations/, in their order."""
