"""The SQLite file and the WARC files beside it; imports reading alone."""
