"""Whose word the address of a capture is: a page that is taken in claims one, which no server has borne out."""

from belowtheline.archive.store.database import Archive

_IN_WORDS = {"warc": "claimed by a WARC file", "page": "claimed by the page", "option": "given by --url"}


def keeps_claims(archive: Archive) -> bool:
    """Return whether an archive says how addresses are known, which an older btl did not write."""
    return any(name == "address_source" for _, name, *_ in archive.query("PRAGMA table_info(captures)"))


def claim_on(archive: Archive, url: str, sha256: str) -> str | None:
    """Return in words who says that a capture is from its address; None where its server did, or nobody knows."""
    if not keeps_claims(archive):
        return None
    sql = "SELECT min(address_source), max(address_source = 'served') FROM captures WHERE sha256 = ? AND url = ?"
    source, is_served = archive.query(sql, (sha256, url)).fetchone()
    return None if is_served else _IN_WORDS.get(source)


def overwritten(archive: Archive, run_id: int) -> int:
    """Return how many comments that a server showed have other content since a run, by pages that claim its address."""
    (count,) = archive.query(_OVERWRITTEN, (run_id,)).fetchone()
    return int(count)


_OVERWRITTEN = """
    SELECT count(DISTINCT v.comment_id) FROM captures k JOIN comment_versions v ON v.capture_id = k.id
    JOIN comments c ON c.version_id = v.id
    WHERE k.run_id = ? AND k.address_source IN ('warc', 'page', 'option') AND EXISTS (
        SELECT 1 FROM comment_versions o JOIN captures s ON s.id = o.capture_id
        WHERE o.comment_id = v.comment_id AND o.id <> v.id AND s.address_source = 'served')"""
