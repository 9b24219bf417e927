"""The names of the migrations, apart from them so that reading an archive does not import sqlite_utils."""

MIGRATION_SET = "belowtheline"
MIGRATIONS = (
    "m001_first_tables",
    "m002_evidence",
    "m003_keeping",
    "m004_search",
    "m005_threads_flat",
    "m006_author_kinds",
    "m007_proofs",
    "m008_charset_labels",
    "m009_icons",
    "m010_instances",
)
"""The modules of archive/migrations/ in their order, each with the function of its name."""
