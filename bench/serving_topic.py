"""The server of the growing bench, a process of its own: topics of a Discourse forum, of any size.

/t/ID.json of topic ID has as many posts as its id says: the first twenty, and the ids of all. The others come from
/t/ID/posts.json?post_ids[]=..., as many as are asked for. It serves until standard input ends.
"""

import gzip
import sys
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from bench.made import Remark, remarks
from bench.made_answers import encoded, topic_of_posts, topic_post

_FIRST_POSTS = 20
_FAR = 0.3
"""Share of posts that answer one anywhere before them, which is on another page nearly always."""


@cache
def _remarks(count: int) -> list[Remark]:
    found = remarks(count)
    rng = Random(2)
    for index, remark in enumerate(found):
        if index and rng.random() < _FAR:
            remark.above = found[rng.randrange(index)]
    return found


def answer(address: str) -> bytes | None:
    """Return what the forum answers at an address; None where it has nothing."""
    asked = urlsplit(address)
    parts = asked.path.removesuffix(".json").split("/")
    if parts[1:2] != ["t"] or not parts[2].isdecimal():
        return None
    count = int(parts[2])
    thread = _remarks(count)
    if len(parts) == 3:
        posts = [topic_post(remark) for remark in thread[:_FIRST_POSTS]]
        return encoded(topic_of_posts(count, posts, [remark.number for remark in thread]))
    places = (int(number) - thread[0].number for number in parse_qs(asked.query)["post_ids[]"])
    return encoded({"post_stream": {"posts": [topic_post(thread[place]) for place in places]}, "id": count})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        found = answer(self.path)
        body = gzip.compress(found, 1, mtime=0) if found is not None else b""
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Encoding", "gzip" if found is not None else "identity")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: standard error belongs to the bench."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()
