"""Coral crawled as a user does it: the real command against a small tenant on loopback that pages by POST."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from tests.loopback import btl, rows, value

Answer = dict[str, Any]
_TOP, _REPLIES, _LEVELS = 2, 1, 2
"""What the tenant hands out at once, which is less than it is asked for."""


@dataclass
class Tenant:
    """A host with stories, which hands out comments as Coral does, a few at a time."""

    parents: dict[str, dict[str, str | None]]
    """The comments of each story in their order, each with its parent."""
    refuse: Callable[[Answer], tuple[int, Answer] | None] = lambda asked: None
    article: str = ""
    asked: list[Answer] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    base: str = ""

    def answer(self, asked: Answer) -> tuple[int, Answer]:
        self.asked.append(asked)
        if refusal := self.refuse(asked):
            return refusal
        name, found = asked["query"].split("(")[0].split()[1], asked["variables"]
        number = re.search(r"page_\d+", asked["query"])
        again = {number[0]: found["id"]} if number else {}
        if name == "Replies":
            story = next(story for story, comments in self.parents.items() if found["id"] in comments)
            replies = self.connection(story, found["id"], found.get("after"), _TOP, 0)
            return 200, {"data": {"comment": {**again, **self.named(story), "id": found["id"], "replies": replies}}}
        story = found.get("id") or next(iter(self.parents))
        if story not in self.parents:
            return 200, {"data": {"story": None}}
        comments = self.connection(story, None, found.get("after"), _TOP, 0)
        counts = {} if number else {"commentCounts": {"totalPublished": len(self.parents[story])}}
        return 200, {"data": {"story": {"id": story, "url": self.url(story), **again, **counts, "comments": comments}}}

    def named(self, story: str) -> Answer:
        return {"story": {"id": story, "url": self.url(story)}}

    def url(self, story: str) -> str:
        return f"https://www.gazette.example/{story}"

    def connection(self, story: str, parent: str | None, after: str | None, size: int, level: int) -> Answer:
        below = [name for name, above in self.parents[story].items() if above == parent]
        start = below.index(after) + 1 if after else 0
        chosen = below[start : start + size]
        more = len(below) > start + size
        return {
            "edges": [{"node": self.node(story, name, level)} for name in chosen],
            "pageInfo": {"hasNextPage": more, "endCursor": chosen[-1] if more else None},
        }

    def node(self, story: str, name: str, level: int) -> Answer:
        parent = self.parents[story][name]
        found = {
            "id": name,
            "body": f"<div>I am {name}.</div>",
            "createdAt": f"2024-05-01T09:00:{list(self.parents[story]).index(name):02}.000Z",
            "parent": {"id": parent} if parent else None,
            "replyCount": sum(above == name for above in self.parents[story].values()),
            "author": {"id": "u1", "username": "ada"},
        }
        if level < _LEVELS:
            found["replies"] = self.connection(story, name, None, _REPLIES, level + 1)
        return found


@contextmanager
def serving(tenant: Tenant) -> Iterator[str]:
    """Serve a tenant on loopback and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            tenant.types.append(self.headers.get("Content-Type", ""))
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = tenant.answer(asked) if self.path == "/api/graphql" else (404, {})
            self.send(status, json.dumps(answer), "application/json")

        def do_GET(self) -> None:
            is_article = self.path == "/kettles" and tenant.article
            self.send(200 if is_article else 404, tenant.article if is_article else "none", "text/html")

        def send(self, status: int, text: str, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        tenant.base = f"http://127.0.0.1:{server.server_port}"
        yield tenant.base
        server.shutdown()
        thread.join()


KETTLES = {
    "a": None, "a1": "a", "a1x": "a1", "a1xx": "a1x", "a2": "a", "a3": "a", "a4": "a", "b": None, "c": None, "c1": "c",
}  # fmt: skip
CRAWL = ("--site", "coral", "--delay", "0")


def frame(base: str, story: str) -> str:
    return f"{base}/embed/stream?storyID={story}"


def held(archive: Path) -> dict[str, str | None]:
    """Return the comments held with their parents."""
    return dict(rows(archive, "SELECT native_id, parent_native_id FROM comments ORDER BY native_id"))


def test_pages_and_left_out_replies_are_read_to_a_complete_verdict(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with serving(tenant := Tenant({"kettles": KETTLES})) as base:
        ended = btl("crawl", archive, frame(base, "kettles"), *CRAWL)
    assert (ended.code, ended.err.count("Traceback")) == (0, 0)
    assert held(archive) == dict(sorted(KETTLES.items()))
    assert rows(archive, "SELECT verdict, reason FROM readings") == [("complete", None)]
    # The story, what follows its first two comments, replies of `a` in two pages, and replies of `a1x`, too deep.
    assert rows(archive, "SELECT DISTINCT method, url, state FROM pages") == [("POST", f"{base}/api/graphql", "done")]
    assert len(tenant.asked) == value(archive, "SELECT count(*) FROM pages") == 5
    assert set(tenant.types) == {"application/json"}
    assert value(archive, "SELECT sum(count) FROM stubs WHERE comment_id IS NULL") is None


def test_comments_stand_in_the_order_of_the_thread(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with serving(Tenant({"kettles": KETTLES})) as base:
        btl("crawl", archive, frame(base, "kettles"), *CRAWL)
    for parent in ("a", None):
        sql = "SELECT native_id FROM comments WHERE parent_native_id IS ? ORDER BY position"
        assert [name for (name,) in rows(archive, sql, parent)] == [
            n for n, above in KETTLES.items() if above == parent
        ]


def test_two_stories_at_one_address_are_two_threads(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with serving(Tenant({"kettles": KETTLES, "pots": {"p": None, "q": None, "r": None}})) as base:
        ended = btl("crawl", archive, frame(base, "kettles"), frame(base, "pots"), *CRAWL)
    assert ended.code == 0
    sql = """
        SELECT t.native_id, t.instance, count(*) FROM threads t JOIN comments c ON c.thread_id = t.id
        GROUP BY t.id ORDER BY t.id"""
    host = "127.0.0.1"
    assert rows(archive, sql) == [("kettles", host, 10), ("pots", host, 3)]
    assert [verdict for (verdict,) in rows(archive, "SELECT verdict FROM readings")] == ["complete", "complete"]


def test_a_request_for_replies_that_fails_leaves_the_thread_incomplete(tmp_path: Path) -> None:
    def refuse(asked: Answer) -> tuple[int, Answer] | None:
        return (404, {}) if asked["query"].startswith("query Replies") else None

    archive = tmp_path / "a.db"
    with serving(Tenant({"kettles": KETTLES}, refuse)) as base:
        ended = btl("crawl", archive, frame(base, "kettles"), *CRAWL)
    assert ended.code == 3
    assert value(archive, "SELECT verdict FROM readings") == "incomplete"
    assert value(archive, "SELECT sum(count) FROM stubs WHERE comment_id IS NULL") == 4


def test_a_request_is_repeated_with_its_body(tmp_path: Path) -> None:
    refused: list[Answer] = []

    def refuse_once(asked: Answer) -> tuple[int, Answer] | None:
        if not asked["query"].startswith("query More") or refused:
            return None
        refused.append(asked)
        return 503, {}

    archive = tmp_path / "a.db"
    with serving(tenant := Tenant({"kettles": KETTLES}, refuse_once)) as base:
        ended = btl("crawl", archive, frame(base, "kettles"), *CRAWL)
    assert ended.code == 0
    assert [asked for asked in tenant.asked if asked in refused] == [*refused, *refused]
    assert held(archive) == dict(sorted(KETTLES.items()))


def test_an_error_in_an_answer_is_named_and_changes_the_exit_code(tmp_path: Path) -> None:
    def refuse(asked: Answer) -> tuple[int, Answer]:
        return 200, {"errors": [{"message": "no query", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]}

    archive = tmp_path / "a.db"
    with serving(Tenant({"kettles": KETTLES}, refuse)) as base:
        ended = btl("crawl", archive, frame(base, "kettles"), *CRAWL)
    assert ended.code not in (0, 1)
    assert "PERSISTED_QUERY_NOT_FOUND" in ended.err
    assert "btl ingest" in ended.err
    assert value(archive, "SELECT count(*) FROM captures WHERE method = 'POST'") == 1


def test_an_article_leads_to_the_story_it_embeds(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with serving(tenant := Tenant({"kettles": KETTLES})) as base:
        tenant.article = (
            "<!DOCTYPE html><html><head><title>Kettles</title></head><body><p>News.</p><div id='coral_thread'></div>"
            f"<script>Coral.createStreamEmbed({{id: 'coral_thread', rootURL: '{base}', storyID: 'kettles'}})</script>"
            "</body></html>"
        )
        ended = btl("crawl", archive, f"{base}/kettles", "--delay", "0")
    assert ended.code == 0
    assert value(archive, "SELECT count(*) FROM comments") == len(KETTLES)
    assert value(archive, "SELECT verdict FROM readings") == "complete"


def test_an_update_finds_new_comments_and_replies(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with serving(tenant := Tenant({"kettles": dict(KETTLES)})) as base:
        btl("crawl", archive, frame(base, "kettles"), *CRAWL)
        tenant.asked.clear()
        local = ("--local", base.removeprefix("http://"))
        unchanged = btl("update", archive, "--delay", "0", *local)
        assert [asked["query"].split("(")[0] for asked in tenant.asked] == ["query Story"]
        tenant.parents["kettles"] |= {"d": None, "a5": "a", "a5x": "a5"}
        ended = btl("update", archive, "--delay", "0", *local)
    assert (unchanged.code, ended.code) == (0, 0)
    assert held(archive) == dict(sorted(tenant.parents["kettles"].items()))
