"""What says how a row is known to be right, and who answers whom."""

from sqlite_utils import Database

_STATEMENTS = (
    # What update asks a server with, and what verify measures a WARC file by.
    "ALTER TABLE captures ADD COLUMN etag TEXT",
    "ALTER TABLE captures ADD COLUMN last_modified TEXT",
    "ALTER TABLE captures ADD COLUMN warc_length INTEGER",
    # A parent that a page names by its address alone.
    "ALTER TABLE comments ADD COLUMN parent_url TEXT",
    "CREATE INDEX idx_comments_parent_url ON comments(thread_id) WHERE parent_url IS NOT NULL AND parent_id IS NULL",
    # What a page says exists without naming ids, and how many comments that is.
    "ALTER TABLE stubs ADD COLUMN count INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE stubs ADD COLUMN below INTEGER",
    "ALTER TABLE stubs ADD COLUMN answer_capture_id INTEGER REFERENCES captures(id)",
    "CREATE INDEX idx_stubs_answer_capture_id ON stubs(answer_capture_id)",
    "DROP VIEW thread_status",
    """CREATE VIEW thread_status AS
    SELECT
        t.id AS thread_id, s.name AS site, t.native_id AS thread, t.title AS title, t.url AS url,
        t.declared_count AS declared, (SELECT count(*) FROM comments c WHERE c.thread_id = t.id) AS held,
        (SELECT coalesce(sum(b.count), 0) FROM stubs b
            WHERE b.thread_id = t.id AND b.comment_id IS NULL AND b.answer_capture_id IS NULL) AS stubs,
        (SELECT count(*) FROM comments c WHERE c.thread_id = t.id AND c.not_seen_since IS NOT NULL) AS not_seen,
        t.is_closed AS is_closed, d.verdict AS verdict, d.reason AS reason,
        d.closed_at AS closed_at, t.last_seen_at AS last_seen_at
    FROM threads t
    JOIN sites s ON s.id = t.site_id
    LEFT JOIN readings d ON d.id = (SELECT max(x.id) FROM readings x WHERE x.thread_id = t.id)""",
    # What update looks at again: the reading it repeats, and the bytes that still stand where none came.
    "ALTER TABLE readings ADD COLUMN repeats_id INTEGER REFERENCES readings(id)",
    "CREATE INDEX idx_readings_repeats_id ON readings(repeats_id) WHERE repeats_id IS NOT NULL",
    "ALTER TABLE pages ADD COLUMN same_as_id INTEGER REFERENCES captures(id)",
    "CREATE INDEX idx_pages_same_as_id ON pages(same_as_id) WHERE same_as_id IS NOT NULL",
    # What a thread's pages say of the thread itself, where that changes.
    """CREATE TABLE thread_observations (
        id INTEGER PRIMARY KEY,
        thread_id INTEGER NOT NULL REFERENCES threads(id),
        capture_id INTEGER NOT NULL REFERENCES captures(id),
        kind TEXT NOT NULL,
        value TEXT
    ) STRICT""",
    "CREATE INDEX idx_thread_observations_thread_id ON thread_observations(thread_id)",
    "CREATE INDEX idx_thread_observations_capture_id ON thread_observations(capture_id)",
    # What verify measures rows and files by: see archive/store/seals.py.
    "ALTER TABLE captures ADD COLUMN warc_sha256 TEXT",
    "ALTER TABLE runs ADD COLUMN captures INTEGER",
    "ALTER TABLE runs ADD COLUMN comments INTEGER",
    "ALTER TABLE runs ADD COLUMN versions INTEGER",
    """CREATE TABLE seals (
        id INTEGER PRIMARY KEY,
        table_name TEXT NOT NULL,
        first_row INTEGER NOT NULL,
        columns TEXT NOT NULL,
        digests BLOB NOT NULL,
        sha256 TEXT NOT NULL,
        UNIQUE (table_name, first_row)
    ) STRICT""",
    """CREATE TABLE unsealed (
        table_name TEXT NOT NULL,
        row_id INTEGER NOT NULL,
        PRIMARY KEY (table_name, row_id)
    ) STRICT, WITHOUT ROWID""",
    # Whose words a quotation has and whom a comment answers, as `btl link` finds it.
    "ALTER TABLE quotes ADD COLUMN source_field TEXT",
    "ALTER TABLE quotes ADD COLUMN method_version TEXT",
    "ALTER TABLE reply_edges ADD COLUMN combined REAL",
    "CREATE INDEX idx_reply_edges_surest ON reply_edges(comment_id, family, combined, target_comment_id)",
    "ALTER TABLE threads ADD COLUMN linked_version TEXT",
    "CREATE INDEX idx_threads_unlinked ON threads(id) WHERE linked_version IS NULL",
    """CREATE TABLE reply_candidates (
        id INTEGER PRIMARY KEY,
        comment_id INTEGER NOT NULL REFERENCES comments(id),
        target_comment_id INTEGER NOT NULL REFERENCES comments(id),
        rule TEXT NOT NULL,
        method_version TEXT NOT NULL,
        confidence REAL NOT NULL,
        combined REAL NOT NULL,
        evidence TEXT NOT NULL,
        UNIQUE (comment_id, target_comment_id, rule)
    ) STRICT""",
    "CREATE INDEX idx_reply_candidates_target_comment_id ON reply_candidates(target_comment_id)",
    "DROP VIEW comments_flat",
    """CREATE VIEW comments_flat AS
    SELECT
        s.name AS site, t.instance AS instance, t.native_id AS thread, t.url AS thread_url, t.title AS thread_title,
        t.is_closed AS is_closed, r.url AS article_url, r.headline AS headline, r.teaser AS teaser,
        c.position AS position, c.native_id AS native_id, c.id_source AS id_source, c.url AS url, c.depth AS depth,
        c.parent_native_id AS parent_native_id, p.author_name AS parent_author,
        coalesce(c.parent_native_id, p.native_id, x.native_id) AS replies_to,
        CASE WHEN coalesce(c.parent_native_id, p.native_id) IS NOT NULL THEN 'structural'
            WHEN e.id IS NOT NULL THEN 'inferred' END AS replies_to_family,
        CASE WHEN coalesce(c.parent_native_id, p.native_id) IS NOT NULL THEN 1.0 ELSE e.combined END
            AS replies_to_confidence,
        c.author_name AS author, a.native_id AS author_native_id, a.kind AS author_kind,
        a.kind = 'anonymous' AS is_anonymous, c.is_staff AS is_staff, c.badge AS badge, a.profile_url AS author_url,
        i.name AS icon, i.image_url AS icon_url,
        c.title AS title, c.re_title AS re_title, c.title_source AS title_source,
        c.body_text AS body_text, c.body_html AS body_html,
        c.published_at AS published_at, c.published_raw AS published_raw,
        c.published_precision AS published_precision, c.published_source AS published_source,
        c.is_edited AS is_edited, c.edited_at AS edited_at, c.edited_raw AS edited_raw, c.deletion AS deletion,
        c.upvotes AS upvotes, c.downvotes AS downvotes, c.score AS score, c.marks AS marks,
        (SELECT json_group_array(
                json_object('field', q.field, 'start', q.start, 'end', q."end", 'kind', q.kind, 'text', q.text,
                    'source_type', q.source_type,
                    'source_native_id', (SELECT o.native_id FROM comments o WHERE o.id = q.source_comment_id),
                    'source_field', q.source_field, 'source_start', q.source_start, 'source_end', q.source_end,
                    'score', q.score))
            FROM quotes q WHERE q.version_id = c.version_id) AS quotes,
        c.first_seen_at AS first_seen_at, max(c.last_seen_at, coalesce(t.all_seen_at, c.last_seen_at)) AS last_seen_at,
        c.not_seen_since AS not_seen_since,
        k.fetched_at AS captured_at, k.url AS source_url, k.sha256 AS capture_sha256
    FROM comments c
    JOIN threads t ON t.id = c.thread_id
    JOIN sites s ON s.id = t.site_id
    LEFT JOIN articles r ON r.id = t.article_id
    LEFT JOIN comments p ON p.id = c.parent_id
    LEFT JOIN reply_edges e ON e.id = (
        SELECT b.id FROM reply_edges b WHERE b.comment_id = c.id AND b.family = 'inferred'
        ORDER BY b.combined DESC, b.target_comment_id DESC LIMIT 1)
    LEFT JOIN comments x ON x.id = e.target_comment_id
    LEFT JOIN authors a ON a.id = c.author_id
    LEFT JOIN icons i ON i.id = c.icon_id
    LEFT JOIN comment_versions v ON v.id = c.version_id
    LEFT JOIN captures k ON k.id = v.capture_id""",
    "DROP VIEW quote_graph",
    """CREATE VIEW quote_graph AS
    SELECT q.id AS quote_id, q.comment_id AS comment_id, q.field AS field, q.text AS text, q.kind AS kind,
        q.source_type AS source_type, q.source_comment_id AS source_comment_id,
        q.source_version_id AS source_version_id, q.source_field AS source_field,
        q.source_start AS source_start, q.source_end AS source_end, q.score AS score
    FROM quotes q JOIN comments c ON c.version_id = q.version_id""",
    "DROP VIEW reply_graph",
    """CREATE VIEW reply_graph AS
    SELECT c.id AS comment_id, c.parent_id AS target_comment_id,
        'structural' AS family, 'site' AS rule, 1.0 AS confidence, 1.0 AS combined
    FROM comments c WHERE c.parent_id IS NOT NULL
    UNION ALL
    SELECT e.comment_id, e.target_comment_id, e.family, e.rule, e.confidence, e.combined
    FROM reply_edges e WHERE e.family = 'inferred'""",
    # What governed a host when it was asked, on what ground a reservation was passed over, and what tells of drift.
    """CREATE TABLE run_policies (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs(id),
        origin TEXT NOT NULL,
        kind TEXT NOT NULL,
        decision TEXT NOT NULL,
        status INTEGER,
        fetched_at TEXT,
        capture_id INTEGER REFERENCES captures(id)
    ) STRICT""",
    "CREATE INDEX idx_run_policies_run_id ON run_policies(run_id)",
    "CREATE INDEX idx_run_policies_capture_id ON run_policies(capture_id)",
    "ALTER TABLE runs ADD COLUMN legal_basis TEXT",
    "ALTER TABLE pages ADD COLUMN shares TEXT",
    # The article's own page: whether a reading asks for it, and the bytes that its text is from.
    "ALTER TABLE readings ADD COLUMN with_article INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE articles ADD COLUMN capture_id INTEGER REFERENCES captures(id)",
    "CREATE INDEX idx_articles_capture_id ON articles(capture_id)",
    # What a reviewer had before him: the rules that had found the edge, and the texts.
    "ALTER TABLE edge_reviews ADD COLUMN rules TEXT",
    "ALTER TABLE edge_reviews ADD COLUMN method_version TEXT",
    "ALTER TABLE edge_reviews ADD COLUMN texts_sha256 TEXT",
)


def m002_evidence(db: Database) -> None:
    """Add what says how a row is known to be right, and who answers whom."""
    for statement in _STATEMENTS:
        db.execute(statement)
