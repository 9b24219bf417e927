"""The file itself: opened, migrated, locked, sealed; its runs, rows and clock."""
