"""What sites themselves say of who answers whom: the threads that have such links, and where a site is silent."""

from belowtheline.archive.queries.holdings import HeldThread, held_threads
from belowtheline.archive.store.database import Archive

_LINKED = "WHERE t.id IN (SELECT thread_id FROM comments WHERE parent_id IS NOT NULL)"


def threads_with_links(archive: Archive) -> list[HeldThread]:
    """Return the threads of which the site says for at least one comment whom it answers."""
    return list(held_threads(archive, _LINKED))


def silent_comments(archive: Archive, thread_id: int) -> set[int]:
    """Return the comments of which it is not known whom they answer by the site's own link.

    Their parent is not held, or the page says neither a parent nor that they stand at the top.
    """
    names = {name for _, name, *_ in archive.query("PRAGMA table_info(comments)")}
    has_url = "OR parent_url IS NOT NULL" if "parent_url" in names else ""  # else an older btl wrote the archive
    sql = f"""
        SELECT id FROM comments WHERE thread_id = ? AND parent_id IS NULL
            AND (depth IS NOT 0 OR parent_native_id IS NOT NULL {has_url})"""  # noqa: S608 - constants
    return {row_id for (row_id,) in archive.query(sql, (thread_id,))}
