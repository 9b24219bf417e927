"""The tables, indexes and views of the first release."""

from sqlite_utils import Database

_TABLES = (
    """CREATE TABLE sites (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT""",
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        command TEXT NOT NULL,
        tool_version TEXT NOT NULL,
        settings_sha256 TEXT,
        contact TEXT,
        purpose TEXT,
        started_at TEXT NOT NULL,
        finished_at TEXT,
        verdict TEXT,
        exit_code INTEGER,
        discovered INTEGER,
        done INTEGER,
        failed INTEGER,
        deferred INTEGER,
        skipped INTEGER,
        todo INTEGER
    ) STRICT""",
    """CREATE TABLE articles (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        site_id INTEGER NOT NULL REFERENCES sites(id),
        url TEXT,
        headline TEXT,
        teaser TEXT,
        body_text TEXT,
        published_at TEXT,
        published_raw TEXT,
        last_seen_at TEXT,
        field_times TEXT
    ) STRICT""",
    """CREATE TABLE icons (
        id INTEGER PRIMARY KEY,
        site_id INTEGER NOT NULL REFERENCES sites(id),
        key TEXT NOT NULL,
        name TEXT,
        image_url TEXT,
        UNIQUE (site_id, key)
    ) STRICT""",
    """CREATE TABLE threads (
        id INTEGER PRIMARY KEY,
        site_id INTEGER NOT NULL REFERENCES sites(id),
        instance TEXT NOT NULL,
        native_id TEXT NOT NULL,
        article_id INTEGER REFERENCES articles(id),
        author_id INTEGER REFERENCES authors(id),
        url TEXT,
        title TEXT,
        headline_key TEXT NOT NULL,
        is_closed INTEGER,
        declared_count INTEGER,
        score INTEGER,
        published_at TEXT,
        published_raw TEXT,
        body_html TEXT,
        body_text TEXT,
        marks TEXT,
        first_seen_at TEXT,
        last_seen_at TEXT,
        all_seen_at TEXT,
        field_times TEXT,
        UNIQUE (site_id, instance, native_id)
    ) STRICT""",
    """CREATE TABLE authors (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        site_id INTEGER NOT NULL REFERENCES sites(id),
        instance TEXT NOT NULL,
        native_id TEXT,
        name TEXT,
        kind TEXT NOT NULL,
        profile_url TEXT,
        image_url TEXT,
        marks TEXT,
        seen_at TEXT
    ) STRICT""",
    """CREATE TABLE captures (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs(id),
        url TEXT NOT NULL,
        method TEXT NOT NULL,
        fetched_at TEXT,
        fetched_at_source TEXT,
        status INTEGER,
        content_type TEXT,
        sha256 TEXT NOT NULL,
        warc_file TEXT NOT NULL,
        warc_offset INTEGER NOT NULL,
        signals TEXT,
        UNIQUE (warc_file, warc_offset)
    ) STRICT""",
    """CREATE TABLE readings (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES runs(id),
        thread_id INTEGER REFERENCES threads(id),
        site_id INTEGER NOT NULL REFERENCES sites(id),
        start_url TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        closed_at TEXT,
        has_changes INTEGER NOT NULL DEFAULT 0,
        read_at TEXT,
        verdict TEXT,
        reason TEXT,
        pages INTEGER,
        comments INTEGER
    ) STRICT""",
    """CREATE TABLE pages (
        id INTEGER PRIMARY KEY,
        reading_id INTEGER NOT NULL REFERENCES readings(id),
        method TEXT NOT NULL,
        url TEXT NOT NULL,
        body TEXT NOT NULL,
        host TEXT NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('todo', 'done', 'failed', 'deferred', 'skipped')),
        reason TEXT,
        detail TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before TEXT,
        capture_id INTEGER REFERENCES captures(id),
        form TEXT,
        page_number INTEGER,
        page_count INTEGER,
        is_whole INTEGER,
        is_cut INTEGER,
        is_enumerated INTEGER,
        declared INTEGER,
        comments INTEGER,
        disagreements INTEGER,
        charset TEXT,
        UNIQUE (reading_id, method, url, body)
    ) STRICT""",
    """CREATE TABLE comments (
        id INTEGER PRIMARY KEY,
        thread_id INTEGER NOT NULL REFERENCES threads(id),
        native_id TEXT NOT NULL,
        id_source TEXT NOT NULL,
        last_seen_at TEXT,
        first_seen_at TEXT,
        not_seen_since TEXT,
        shown_sha256 TEXT,
        field_times TEXT,
        position INTEGER NOT NULL,
        page_number INTEGER,
        page_position INTEGER NOT NULL,
        depth INTEGER,
        parent_id INTEGER REFERENCES comments(id) DEFERRABLE INITIALLY DEFERRED,
        parent_native_id TEXT,
        author_id INTEGER REFERENCES authors(id),
        author_name TEXT,
        is_staff INTEGER,
        badge TEXT,
        icon_id INTEGER REFERENCES icons(id),
        published_at TEXT,
        published_raw TEXT,
        published_precision TEXT,
        published_source TEXT,
        is_edited INTEGER,
        edited_at TEXT,
        edited_raw TEXT,
        deletion TEXT,
        upvotes INTEGER,
        downvotes INTEGER,
        score INTEGER,
        url TEXT,
        marks TEXT,
        version_id INTEGER REFERENCES comment_versions(id) DEFERRABLE INITIALLY DEFERRED,
        title TEXT,
        re_title TEXT,
        title_source TEXT,
        body_text TEXT,
        body_html TEXT,
        UNIQUE (thread_id, native_id)
    ) STRICT""",
    """CREATE TABLE comment_versions (
        id INTEGER PRIMARY KEY,
        comment_id INTEGER NOT NULL REFERENCES comments(id),
        capture_id INTEGER NOT NULL REFERENCES captures(id),
        shown_at TEXT,
        content_sha256 TEXT NOT NULL,
        author_name TEXT,
        icon TEXT,
        deletion TEXT,
        title TEXT,
        body_text TEXT,
        body_html TEXT
    ) STRICT""",
    """CREATE TABLE observations (
        id INTEGER PRIMARY KEY,
        comment_id INTEGER NOT NULL REFERENCES comments(id),
        capture_id INTEGER NOT NULL REFERENCES captures(id),
        kind TEXT NOT NULL,
        value TEXT
    ) STRICT""",
    """CREATE TABLE stubs (
        id INTEGER PRIMARY KEY,
        thread_id INTEGER NOT NULL REFERENCES threads(id),
        native_id TEXT NOT NULL,
        parent_native_id TEXT,
        shown TEXT,
        url TEXT,
        capture_id INTEGER NOT NULL REFERENCES captures(id),
        comment_id INTEGER REFERENCES comments(id),
        UNIQUE (thread_id, native_id)
    ) STRICT""",
    """CREATE TABLE quotes (
        id INTEGER PRIMARY KEY,
        comment_id INTEGER NOT NULL REFERENCES comments(id),
        version_id INTEGER NOT NULL REFERENCES comment_versions(id),
        field TEXT NOT NULL,
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        text TEXT NOT NULL,
        kind TEXT NOT NULL,
        source_type TEXT,
        source_comment_id INTEGER REFERENCES comments(id),
        source_version_id INTEGER REFERENCES comment_versions(id),
        source_start INTEGER,
        source_end INTEGER,
        score REAL
    ) STRICT""",
    """CREATE TABLE reply_edges (
        id INTEGER PRIMARY KEY,
        comment_id INTEGER NOT NULL REFERENCES comments(id),
        target_comment_id INTEGER NOT NULL REFERENCES comments(id),
        family TEXT NOT NULL CHECK (family IN ('structural', 'inferred')),
        rule TEXT NOT NULL,
        method_version TEXT NOT NULL,
        confidence REAL NOT NULL,
        evidence TEXT NOT NULL,
        UNIQUE (comment_id, target_comment_id, family, rule)
    ) STRICT""",
    """CREATE TABLE edge_reviews (
        id INTEGER PRIMARY KEY,
        comment_id INTEGER NOT NULL REFERENCES comments(id),
        target_comment_id INTEGER NOT NULL REFERENCES comments(id),
        verdict TEXT NOT NULL,
        reviewer TEXT NOT NULL,
        reviewed_at TEXT NOT NULL,
        note TEXT
    ) STRICT""",
    """CREATE TABLE search_queue (
        comment_id INTEGER PRIMARY KEY REFERENCES comments(id),
        is_indexed INTEGER NOT NULL,
        title TEXT,
        body_text TEXT
    ) STRICT""",
    """CREATE VIRTUAL TABLE comments_fts USING fts5(
        title, body_text, content='comments', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
    )""",
)

_INDEXED = {
    "articles": ("site_id",),
    "authors": ("site_id",),
    "captures": ("run_id", "sha256"),
    "comment_versions": ("comment_id", "capture_id"),
    "comments": ("thread_id, position", "parent_id", "author_id", "icon_id", "version_id"),
    "edge_reviews": ("comment_id", "target_comment_id"),
    "observations": ("comment_id", "capture_id"),
    "pages": ("state, host", "capture_id"),
    "quotes": ("comment_id", "version_id", "source_comment_id", "source_version_id"),
    "readings": ("run_id", "thread_id", "site_id", "start_url"),
    "reply_edges": ("target_comment_id",),
    "stubs": ("capture_id", "comment_id"),
    "threads": ("article_id", "author_id", "headline_key"),
}

_VIEWS = (
    """CREATE VIEW comments_flat AS
    SELECT
        s.name AS site, t.instance AS instance, t.native_id AS thread, t.url AS thread_url, t.title AS thread_title,
        t.is_closed AS is_closed, r.url AS article_url, r.headline AS headline, r.teaser AS teaser,
        c.position AS position, c.native_id AS native_id, c.id_source AS id_source, c.url AS url, c.depth AS depth,
        c.parent_native_id AS parent_native_id, p.author_name AS parent_author,
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
                json_object('field', q.field, 'start', q.start, 'end', q."end", 'kind', q.kind, 'text', q.text))
            FROM quotes q WHERE q.version_id = c.version_id) AS quotes,
        c.first_seen_at AS first_seen_at, max(c.last_seen_at, coalesce(t.all_seen_at, c.last_seen_at)) AS last_seen_at,
        c.not_seen_since AS not_seen_since,
        k.fetched_at AS captured_at, k.url AS source_url, k.sha256 AS capture_sha256
    FROM comments c
    JOIN threads t ON t.id = c.thread_id
    JOIN sites s ON s.id = t.site_id
    LEFT JOIN articles r ON r.id = t.article_id
    LEFT JOIN comments p ON p.id = c.parent_id
    LEFT JOIN authors a ON a.id = c.author_id
    LEFT JOIN icons i ON i.id = c.icon_id
    LEFT JOIN comment_versions v ON v.id = c.version_id
    LEFT JOIN captures k ON k.id = v.capture_id""",
    """CREATE VIEW thread_status AS
    SELECT
        t.id AS thread_id, s.name AS site, t.native_id AS thread, t.title AS title, t.url AS url,
        t.declared_count AS declared, (SELECT count(*) FROM comments c WHERE c.thread_id = t.id) AS held,
        (SELECT count(*) FROM stubs b WHERE b.thread_id = t.id AND b.comment_id IS NULL) AS stubs,
        (SELECT count(*) FROM comments c WHERE c.thread_id = t.id AND c.not_seen_since IS NOT NULL) AS not_seen,
        t.is_closed AS is_closed, d.verdict AS verdict, d.reason AS reason,
        d.closed_at AS closed_at, t.last_seen_at AS last_seen_at
    FROM threads t
    JOIN sites s ON s.id = t.site_id
    LEFT JOIN readings d ON d.id = (SELECT max(x.id) FROM readings x WHERE x.thread_id = t.id)""",
    """CREATE VIEW quote_graph AS
    SELECT q.id AS quote_id, q.comment_id AS comment_id, q.field AS field, q.text AS text, q.kind AS kind,
        q.source_type AS source_type, q.source_comment_id AS source_comment_id, q.score AS score
    FROM quotes q JOIN comments c ON c.version_id = q.version_id""",
    """CREATE VIEW reply_graph AS
    SELECT c.id AS comment_id, c.parent_id AS target_comment_id,
        'structural' AS family, 'site' AS rule, 1.0 AS confidence
    FROM comments c WHERE c.parent_id IS NOT NULL
    UNION ALL
    SELECT e.comment_id, e.target_comment_id, e.family, e.rule, e.confidence
    FROM reply_edges e WHERE e.family = 'inferred'""",
)


def m001_first_tables(db: Database) -> None:
    """Make the tables, indexes and views of the first release."""
    for statement in (*_TABLES, *_VIEWS):
        db.execute(statement)
    for table, indexes in _INDEXED.items():
        for columns in indexes:
            name = f"idx_{table}_{columns.replace(', ', '_')}"
            db.execute(f"CREATE INDEX {name} ON {table}({columns})")
    db.execute("CREATE INDEX idx_comments_not_seen ON comments(thread_id) WHERE not_seen_since IS NOT NULL")
