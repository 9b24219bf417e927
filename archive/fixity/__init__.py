"""Verifying an archive: rows, captures and exported files beside what was written."""
