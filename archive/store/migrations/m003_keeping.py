"""Where comments were shown, and what clocks and verdicts rest on."""

from sqlite_utils import Database

_IS_COPY = """
    EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = readings.id AND p.form = 'copied text')
    AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.reading_id = readings.id AND p.form <> 'copied text')"""
_IS_LOOK = "repeats_id IS NOT NULL AND verdict = 'unverified' AND reason LIKE 'only % pages were looked at%'"
_STATEMENTS = (
    # The page that showed a comment last: its words tell it apart there, and a 304 speaks of it.
    "ALTER TABLE comments ADD COLUMN page_id INTEGER REFERENCES pages(id) ON DELETE SET NULL",
    "CREATE INDEX idx_comments_page_id ON comments(page_id) WHERE page_id IS NOT NULL",
    # The clocks of servers beside ours, and times that had not come when a capture was taken in.
    "ALTER TABLE runs ADD COLUMN clock_offset INTEGER",
    "ALTER TABLE captures ADD COLUMN claimed_at TEXT",
    # Pages that could not be read, and that a later reader took up.
    "ALTER TABLE pages ADD COLUMN reparse_run_id INTEGER REFERENCES runs(id)",
    "CREATE INDEX idx_pages_reparse_run_id ON pages(reparse_run_id) WHERE reparse_run_id IS NOT NULL",
    # The last full verdict with its date, and what a reading looked at that left out pages.
    "ALTER TABLE readings ADD COLUMN verdict_at TEXT",
    "ALTER TABLE readings ADD COLUMN looked TEXT",
    f"UPDATE readings SET looked = 'copied text' WHERE closed_at IS NOT NULL AND {_IS_COPY}",  # noqa: S608
    "UPDATE readings SET verdict_at = coalesce(read_at, closed_at) WHERE closed_at IS NOT NULL AND looked IS NULL",
    f"INSERT OR IGNORE INTO unsealed SELECT 'readings', id FROM readings WHERE {_IS_LOOK}",  # noqa: S608
    f"""UPDATE readings SET
            looked = replace(replace(reason, 'only ', ''), ' were looked at, and show no change', ', no change'),
            verdict = (SELECT b.verdict FROM readings b WHERE b.id = readings.repeats_id),
            reason = (SELECT b.reason FROM readings b WHERE b.id = readings.repeats_id),
            verdict_at = (SELECT coalesce(b.read_at, b.closed_at) FROM readings b WHERE b.id = readings.repeats_id)
        WHERE {_IS_LOOK}""",  # noqa: S608
    "DROP VIEW thread_status",
    """CREATE VIEW thread_status AS
    SELECT
        t.id AS thread_id, s.name AS site, t.native_id AS thread, t.title AS title, t.url AS url,
        t.declared_count AS declared, (SELECT count(*) FROM comments c WHERE c.thread_id = t.id) AS held,
        (SELECT coalesce(sum(b.count), 0) FROM stubs b
            WHERE b.thread_id = t.id AND b.comment_id IS NULL AND b.answer_capture_id IS NULL) AS stubs,
        (SELECT count(*) FROM comments c WHERE c.thread_id = t.id AND c.not_seen_since IS NOT NULL) AS not_seen,
        t.is_closed AS is_closed, d.verdict AS verdict, d.reason AS reason,
        coalesce(d.verdict_at, d.closed_at) AS verdict_at,
        CASE WHEN l.verdict_at IS NOT NULL OR l.id <> d.id THEN l.looked END AS looked,
        CASE WHEN l.looked IS NOT NULL AND (l.verdict_at IS NOT NULL OR l.id <> d.id) THEN l.closed_at END AS looked_at,
        d.closed_at AS closed_at, t.last_seen_at AS last_seen_at
    FROM threads t
    JOIN sites s ON s.id = t.site_id
    LEFT JOIN readings l ON l.id = (SELECT max(x.id) FROM readings x WHERE x.thread_id = t.id)
    LEFT JOIN readings d ON d.id = CASE WHEN l.closed_at IS NULL THEN l.id ELSE (
        SELECT x.id FROM readings x WHERE x.thread_id = t.id AND x.closed_at IS NOT NULL
        ORDER BY x.verdict_at IS NULL, x.verdict_at DESC, x.id DESC LIMIT 1) END""",
)


def m003_keeping(db: Database) -> None:
    """Add where comments were shown, and what clocks and verdicts rest on."""
    for statement in _STATEMENTS:
        db.execute(statement)
