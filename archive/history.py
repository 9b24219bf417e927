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
    "m013_leftovers",
)
"""The modules of archive/migrations/ in their order, each with the function of its name."""
SCHEMA_SHA256 = "ca0bc3f81f5c8742e625808fad8cc60af7073b07646dbf1838f4ee431c249a6c"
"""Hash of what all migrations make, as `schema.sha256_of` makes it: a file that has it is compared no further."""
