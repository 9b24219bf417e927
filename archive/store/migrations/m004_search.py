"""Words of writings without spaces in the search index, which is made anew."""

from sqlite_utils import Database

_STATEMENTS = (
    "DROP TABLE comments_fts",
    # Only of comments whose words SQLite's tokenizer does not divide or fold: see archive/search/index/words.py.
    """CREATE TABLE search_words (
        comment_id INTEGER PRIMARY KEY REFERENCES comments(id),
        title TEXT,
        body_text TEXT
    ) STRICT""",
    """CREATE VIEW comments_searched AS
    SELECT c.id AS id, c.title AS title, c.body_text AS body_text, w.title AS title_words, w.body_text AS body_words
    FROM comments c LEFT JOIN search_words w ON w.comment_id = c.id""",
    """CREATE VIRTUAL TABLE comments_fts USING fts5(
        title, body_text, title_words, body_words,
        content='comments_searched', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    )""",
    # Comments that are held are indexed by the next search, or when the next run ends.
    "DELETE FROM search_queue",
    "INSERT INTO search_queue (comment_id, is_indexed) SELECT id, 0 FROM comments",
)


def m004_search(db: Database) -> None:
    """Make the search index anew, with columns for words that are divided and folded here."""
    for statement in _STATEMENTS:
        db.execute(statement)
