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
    "m013_leftovers",
    "m016_waiting_rows",
)
"""The modules of archive/migrations/ in their order, each with the function of its name."""
SCHEMA_SHA256 = "40b086d7db2ec1faf1aea369df5ee1b92a83a20c56f22d6c7ee982e9e07ce0a3"
"""Hash of what all migrations make, as `schema.sha256_of` makes it: a file that has it is compared no further."""
