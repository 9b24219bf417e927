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
)
"""The modules of archive/migrations/ in their order, each with the function of its name."""
SCHEMA_SHA256 = "d0294b1a5509f6b6092ebe34308618efc5f6b4cbe419760632971bdbcde4a3a9"
"""Hash of what all migrations make, as `schema.sha256_of` makes it: a file that has it is compared no further."""
