"""A crawl that is to be harmed: what its server answers, and what it leaves when nobody harms it."""

from dataclasses import dataclass
from pathlib import Path

from tests.faults.faulty import key_of, page_of, path_of
from tests.loopback import Loopback, dump, post, response, rows, slowly, topic, value

TABLES = ("threads", "articles", "authors", "comments", "comment_versions", "observations", "quotes", "reply_edges")
PARTS = 6
SINGLE = ("kettle", "lid", "spout")


def numbered(number: int) -> bytes:
    posts = [post(number * 10 + n, f'Word {n} on {number}. "The lid rattles."', answers=None) for n in range(5)]
    return topic(posts, nav=(number, PARTS), key=key_of("numbered"))


def answers() -> dict[str, bytes]:
    """Return three threads of one page, and one of six that has no whole page."""
    found = {path_of("numbered", str(number)): numbered(number) for number in range(1, PARTS + 1)}
    return found | {path_of(name): page_of(name, 8) for name in SINGLE}


def state(archive: Path) -> object:
    """Return what is held, without times and row numbers, and how many rows hold it."""
    counts = [value(archive, f"SELECT count(*) FROM {table}") for table in TABLES]
    edges = rows(archive, "SELECT rule, family, confidence FROM reply_edges ORDER BY 1, 2, 3")
    return dump(archive), counts, edges, rows(archive, "SELECT thread, held, verdict FROM thread_status ORDER BY 1")


def done(archive: Path) -> set[str]:
    """Return the paths that were committed as read."""
    return _paths(archive, "state = 'done'")


def ended_in(archive: Path) -> set[str]:
    """Return the paths that are not to be asked for any more, whatever came of them."""
    return _paths(archive, "state <> 'todo'")


def _paths(archive: Path, condition: str) -> set[str]:
    if not archive.exists() or not rows(archive, "SELECT 1 FROM sqlite_master WHERE name = 'pages'"):
        return set()
    found = rows(archive, f"SELECT url FROM pages WHERE {condition}")
    return {"/" + url.split("/", 3)[3] for (url,) in found}


@dataclass
class Server:
    """What a crawl asks for, the crawl, and what it leaves and how long it takes when nobody kills it."""

    loopback: Loopback
    arguments: tuple[str, ...]
    unharmed: object = None
    seconds: float = 0.0


def slow_answers() -> dict[str, object]:
    """Return the answers as a server gives them that takes its time."""
    return {path: slowly(response(body), 0.02) for path, body in answers().items()}
