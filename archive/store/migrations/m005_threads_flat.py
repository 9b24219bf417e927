"""One row a thread with all that is held of it beside its comments: what exports write of threads."""

from sqlite_utils import Database

THREADS_FLAT = """
    SELECT
        s.name AS site, t.instance AS instance, t.native_id AS thread, t.url AS thread_url, t.title AS thread_title,
        t.is_closed AS is_closed, r.url AS article_url, r.headline AS headline, r.teaser AS teaser,
        r.published_at AS article_published_at,
        a.name AS author, a.native_id AS author_native_id, a.kind AS author_kind, a.profile_url AS author_url,
        t.published_at AS published_at, t.published_raw AS published_raw,
        t.body_text AS body_text, t.body_html AS body_html, t.score AS score, t.marks AS marks,
        d.declared AS declared, d.held AS held, d.stubs AS stubs, d.not_seen AS not_seen,
        d.verdict AS verdict, d.reason AS verdict_reason, d.verdict_at AS verdict_at,
        d.looked AS looked, d.looked_at AS looked_at,
        (SELECT min(c.published_at) FROM comments c WHERE c.thread_id = t.id) AS first_comment_at,
        (SELECT max(c.published_at) FROM comments c WHERE c.thread_id = t.id) AS last_comment_at,
        t.first_seen_at AS first_seen_at, max(t.last_seen_at, coalesce(t.all_seen_at, t.last_seen_at)) AS last_seen_at,
        k.fetched_at AS captured_at, k.url AS source_url, k.sha256 AS capture_sha256
    FROM threads t
    JOIN sites s ON s.id = t.site_id
    JOIN thread_status d ON d.thread_id = t.id
    LEFT JOIN articles r ON r.id = t.article_id
    LEFT JOIN authors a ON a.id = t.author_id
    LEFT JOIN captures k ON k.id = (
        SELECT newest.id FROM (
            SELECT c.id AS id, max(coalesce(c.fetched_at, '')) FROM readings x JOIN pages p ON p.reading_id = x.id
            JOIN captures c ON c.id = coalesce(p.same_as_id, p.capture_id)
            WHERE x.thread_id = t.id AND p.state = 'done' AND p.kind <> 'article text') newest)"""
"""The SELECT behind the view, for archives that an older btl wrote and that may only be read."""


def m005_threads_flat(db: Database) -> None:
    """Make the view."""
    db.execute(f"CREATE VIEW threads_flat AS{THREADS_FLAT}")
