"""The SQLite file and the WARC files beside it; imports only scraper's items and errors."""
