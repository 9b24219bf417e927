"""How the address of a capture is known, and threads under the host that they are from, which has no port."""

import json
from urllib.parse import urlsplit

from sqlite_utils import Database

_VIEWS = ("comments_flat", "threads_flat")
_STATEMENTS = (
    "ALTER TABLE captures ADD COLUMN address_source TEXT",
    "UPDATE captures SET address_source = CASE fetched_at_source WHEN 'response' THEN 'served' ELSE 'warc' END"
    " WHERE fetched_at_source IN ('response', 'warc')",
    "ALTER TABLE readings ADD COLUMN is_site_named INTEGER NOT NULL DEFAULT 0",
)
_LOCAL = ("http://127.", "https://127.", "http://localhost", "https://localhost", "http://[::1]", "https://[::1]")
_SOURCE = "k.url AS source_url,"
_ITS_SOURCE = f"{_SOURCE} k.address_source AS address_source,"
_LISTED = """
    SELECT t.id FROM threads t JOIN sites s ON s.id = t.site_id
    WHERE s.name = 'disqus' AND (t.native_id LIKE 'ident:%' OR t.native_id LIKE 'link:%')"""
_PAGES_OF = """
    SELECT DISTINCT k.url FROM readings r JOIN pages p ON p.reading_id = r.id
    JOIN captures k ON k.id = coalesce(p.capture_id, p.same_as_id)
    WHERE r.thread_id = ? AND p.state = 'done' AND p.form IS NOT NULL"""
_CHANGED = """
    INSERT INTO unsealed SELECT ?1, ?2 WHERE NOT EXISTS (
        SELECT 1 FROM unsealed WHERE table_name = ?1 AND row_id = ?2)"""


def m010_instances(db: Database) -> None:
    """Keep how addresses are known, and give threads the instance that their pages have today."""
    for statement in _STATEMENTS:
        db.execute(statement)
    # Before, a page of this machine was the site's own; what was read so stays what it is.
    for start in _LOCAL:
        db.execute("UPDATE readings SET is_site_named = 1 WHERE substr(start_url, 1, ?) = ?", (len(start), start))
    for name in _VIEWS:
        (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        db.execute(f"DROP VIEW {name}")
        db.execute(sql.replace(_SOURCE, _ITS_SOURCE))
    for row_id, instance in db.execute("SELECT id, instance FROM threads WHERE instance LIKE '%:%'").fetchall():
        _move(db, row_id, _host(f"//{instance}"))
    for (row_id,) in db.execute(_LISTED).fetchall():
        hosts = {_host(url) for (url,) in db.execute(_PAGES_OF, (row_id,))}
        if len(hosts) == 1 and (host := hosts.pop()) and not f".{host}".endswith((".disqus.com", ".disq.us")):
            _move(db, row_id, host)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _move(db: Database, row_id: int, instance: str) -> None:
    """Give a thread and the accounts in it another instance, unless that has a thread of this id."""
    site, before, name = db.execute(
        "SELECT t.site_id, t.instance, s.name FROM threads t JOIN sites s ON s.id = t.site_id WHERE t.id = ?", (row_id,)
    ).fetchone()
    moved = "UPDATE OR IGNORE threads SET instance = ? WHERE id = ? RETURNING id"
    if not instance or not db.execute(moved, (instance, row_id)).fetchall():
        return
    db.execute(_CHANGED, ("threads", row_id))
    if db.execute("SELECT 1 FROM threads WHERE site_id = ? AND instance = ?", (site, before)).fetchone():
        return  # accounts of the other threads; those of this one are made anew when it is read again
    old, new = (f"account {json.dumps([name, one])[1:-1]} " for one in (before, instance))
    authors = db.execute("SELECT id, key FROM authors WHERE site_id = ? AND instance = ?", (site, before)).fetchall()
    for author, key in authors:
        named = new + key.removeprefix(old) if key.startswith(old) else key
        db.execute("UPDATE OR IGNORE authors SET instance = ?, key = ? WHERE id = ?", (instance, named, author))
        db.execute(_CHANGED, ("authors", author))
