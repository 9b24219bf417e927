"""The images of icons: which readings ask for them, each once a site, and how that ended."""

import sqlite3

from belowtheline.archive.readings.lifecycle import ICON, add_pages
from belowtheline.archive.store.database import Archive
from belowtheline.reading.items import Link
from belowtheline.reading.urls import urlsplit, web_address

MOST = 500
"""Images that a run asks for of one site: a page that names more, on whatever hosts, is not one that readers write."""


def want(connection: sqlite3.Connection, run_id: int) -> None:
    """Let the open readings of a run ask for the images of their threads' icons as well."""
    connection.execute("UPDATE readings SET with_icons = 1 WHERE run_id = ? AND closed_at IS NULL", (run_id,))
    sql = "SELECT id FROM readings WHERE run_id = ? AND closed_at IS NULL AND thread_id IS NOT NULL"
    for (reading_id,) in connection.execute(sql, (run_id,)).fetchall():
        ask_for(connection, reading_id)


def ask_for(connection: sqlite3.Connection, reading_id: int) -> None:
    """Add the images of its thread's icons to a reading that wants them, where none is held or was asked for."""
    found = connection.execute(_WANTED, (reading_id,)).fetchall()
    urls = dict.fromkeys(url for (image_url,) in found if (url := web_address(image_url)))
    if not urls:
        return
    asked = {url for (url,) in connection.execute(_ASKED, (reading_id,))}
    new = [url for url in urls if url not in asked][: max(MOST - len(asked), 0)]
    add_pages(connection, reading_id, [Link(url=url, kind=ICON) for url in new])


_WANTED = """
    SELECT DISTINCT i.image_url FROM readings r JOIN comments c ON c.thread_id = r.thread_id
    JOIN icons i ON i.id = c.icon_id
    WHERE r.id = ? AND r.with_icons AND i.capture_id IS NULL AND i.image_url IS NOT NULL ORDER BY i.id"""
_ASKED = f"""
    SELECT p.url FROM readings mine JOIN readings r ON r.run_id = mine.run_id AND r.site_id = mine.site_id
    JOIN pages p ON p.reading_id = r.id AND p.kind = '{ICON}' WHERE mine.id = ?"""  # noqa: S608 - a constant


def hold(connection: sqlite3.Connection, page_id: int, capture_id: int) -> None:
    """Let the icons whose image a page was asked for lead to its capture; a held image is not replaced.

    An icon may have been found at another address meanwhile: then it is told by its file's name.
    """
    sql = "SELECT p.url, r.site_id FROM pages p JOIN readings r ON r.id = p.reading_id WHERE p.id = ?"
    url, site = connection.execute(sql, (page_id,)).fetchone()
    icons = connection.execute(_LACKING, (site, page_id)).fetchall()
    same = [row_id for row_id, image_url in icons if web_address(image_url) == url]
    same = same or [row_id for row_id, image_url in icons if _file_name(image_url) == _file_name(url)]
    connection.executemany("UPDATE icons SET capture_id = ? WHERE id = ?", [(capture_id, row_id) for row_id in same])


# The icons of other instances have images of their own, whatever their files are called.
_LACKING = """
    SELECT i.id, i.image_url FROM icons i WHERE i.site_id = ?1 AND i.capture_id IS NULL AND i.image_url IS NOT NULL
        AND EXISTS (
            SELECT 1 FROM comments c JOIN threads t ON t.id = c.thread_id WHERE c.icon_id = i.id AND t.instance IS (
                SELECT o.instance FROM pages p JOIN readings r ON r.id = p.reading_id
                JOIN threads o ON o.id = r.thread_id WHERE p.id = ?2))"""


def _file_name(url: str) -> str | None:
    return urlsplit(url).path.rsplit("/", 1)[-1] or None


def not_asked_for(archive: Archive, run_id: int) -> list[str]:
    """Return the icons whose images a run wanted and did not ask for: without an address of the web, or beyond most."""
    sql = "SELECT p.url FROM pages p JOIN readings r ON r.id = p.reading_id WHERE r.run_id = ? AND p.kind = ?"
    asked = {url for (url,) in archive.query(sql, (run_id, ICON))}
    sql = """
        SELECT DISTINCT i.key, i.image_url FROM readings r JOIN comments c ON c.thread_id = r.thread_id
        JOIN icons i ON i.id = c.icon_id WHERE r.run_id = ? AND r.with_icons AND i.capture_id IS NULL ORDER BY i.id"""
    found = archive.query(sql, (run_id,)).fetchall()
    return [key for key, url in found if url is None or web_address(url) not in asked]
