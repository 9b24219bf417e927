"""WARC files: the captures beside the database, and those of anybody."""
