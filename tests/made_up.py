"""A made-up thread as The Register's HTML and as text copied from it, and what an archive holds of it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from belowtheline.archive.store.database import Archive
from belowtheline.jobs.ingest import ingest

TOPIC = "2025/03/14/teapot_recall"
ADDRESS = f"https://forums.theregister.com/forum/all/{TOPIC}/"
HEADLINE = "Teapot recall leaves a bitter taste"
TEASER = "Nobody had pictured the spout on that side, said nobody at all, until the day the first cup was poured …"
BY_AUTHOR = "This post has been deleted by its author"


@dataclass(frozen=True, kw_only=True)
class Post:
    """One post as its author wrote it; without a body it was deleted."""

    id: str
    author: str = "Anonymous Coward"
    user: str | None = None
    badge: str | None = None
    icon: str | None = None
    title: str | None = None
    body: str | None = None
    under: str | None = None
    votes: tuple[int, int] | None = None
    named: bool = False
    """Whether a deleted post still has its permalink."""


def gone(post: Post, named: bool = False) -> Post:
    """Return the post deleted by its author."""
    return Post(id=post.id, under=post.under, named=named)


def edited(posts: Sequence[Post], native_id: str, **changes: Any) -> list[Post]:
    """Return the posts with one of them changed."""
    return [replace(post, **changes) if post.id == native_id else post for post in posts]


def without(posts: Sequence[Post], *native_ids: str) -> list[Post]:
    """Return the posts without some of them."""
    return [post for post in posts if post.id not in native_ids]


def as_html(
    posts: Sequence[Post], address: str | None = ADDRESS, headline: str = HEADLINE, pages: tuple[int, int] | None = None
) -> str:
    """Return the page that shows the posts, in the form of 2025."""
    head = f'<link rel="canonical" href="{address}">' if address else ""
    items = "".join(_item(post, posts) for post in posts if post.under is None)
    article = f"https://www.theregister.com/{TOPIC}/"
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{headline} • The Register Forums</title>{head}'
        "</head>\n"
        f'<body><h2><a href="{article}"><span>back to article</span> {headline}</a></h2>\n<p>{TEASER}</p>\n'
        f'{_pages(*pages) if pages else ""}<div id="forum_posts"><ol>\n{items}</ol></div>\n</body></html>\n'
    )


def _pages(current: int, last: int) -> str:
    items = (f"<li{' class=current' if page == current else ''}>{page}</li>" for page in range(1, last + 1))
    return f'<ul class="forums-page-nav">{"".join(items)}</ul>\n'


def _item(post: Post, posts: Sequence[Post]) -> str:
    replies = "".join(_item(child, posts) for child in posts if child.under == post.id)
    return f"<li>{_post(post)}{f'<ol>{replies}</ol>' if replies else ''}</li>\n"


def _post(post: Post) -> str:
    if post.body is None:
        link = f'<a class="permalink" id="c_{post.id}" href="/forum/containing/{post.id}"></a>' if post.named else ""
        return f'<div class="post deleted">{link}<p>{BY_AUTHOR}</p></div>'
    epoch = 1741943520 + 60 * int(post.id)
    user = f' href="/user/{post.user}/"' if post.user else ""
    icon = (post.icon or "").lower().replace(" ", "_")
    parts = [
        f'<a class="permalink" id="c_{post.id}" href="/forum/containing/{post.id}">',
        f'<span data-epoch="{epoch}">x</span></a>',
        f'<a class="author"{user}>{escape(post.author)}</a>' if user else f'<span class="author">{post.author}</span>',
        f'<span class="user_icons">{post.badge}</span>' if post.badge else "",
        f'<img src="/images/icons/comment/{icon}_48.png" alt="{post.icon}">' if icon else "",
        f'<a class="in-reply-to" href="/forum/containing/{post.under}">in reply to</a>' if post.under else "",
        '<div class="body">',
        f"<h4>{escape(post.title)}</h4>" if post.title else "",
        "".join(f"<p>{escape(text)}</p>" for text in post.body.split("\n\n")),
        "</div>",
        '<div class="actions"><span>{}</span> <span>{}</span></div>'.format(*post.votes) if post.votes else "",
    ]
    return f'<div class="post">{"".join(parts)}</div>'


def as_text(posts: Sequence[Post], headline: str = HEADLINE) -> str:
    """Return the text that a browser copies from that page, each title with a line of its own."""
    head = f"back to article {headline}\n\n{TEASER} \n\n\n"
    return head + "".join(_lines(post, posts, place) for place, post in enumerate(_children(posts, None), 1))


def _children(posts: Sequence[Post], native_id: str | None) -> list[Post]:
    return [post for post in posts if post.under == native_id]


def _lines(post: Post, posts: Sequence[Post], place: int, indent: int = 2) -> str:
    outer, inner = " " * indent, " " * (indent + 2)
    replies = "".join(
        _lines(child, posts, number, indent + 4) for number, child in enumerate(_children(posts, post.id), 1)
    )
    if post.body is None:
        return f"{outer}{place}. {BY_AUTHOR}\n\n{replies}"
    badge = f" {post.badge}" if post.badge else ""
    icon = f"{inner}{post.icon}\n" if post.icon else ""
    title = f"{inner}{post.title}\n\n" if post.title else "\n"
    body = "".join(f"{inner}{text}\n\n" for text in post.body.split("\n\n"))
    return f"{outer}{place}. {post.author}{badge}\n{icon}\n{title}{body}{replies}"


class Held:
    """An archive that takes pages one by one, and what it holds."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "a.db"
        self._folder = folder
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: str | bytes, at: str | None = None, url: str | None = None) -> int:
        """Take one page, HTML or text, and return the exit code; without a time it is not dated."""
        self._count += 1
        body = page if isinstance(page, bytes) else page.encode()
        suffix = ".html" if body.lstrip()[:1] == b"<" else ".txt"
        file = self._folder / f"{self._count}{suffix}"
        file.write_bytes(body)
        return ingest(self.path, [str(file)], url=url, fetched_at=at).ending

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with Archive.open_to_read(self.path) as archive:
            return archive.query(sql, parameters).fetchall()

    def flat(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the present comments, in the order of thread and position."""
        return self.rows(f"SELECT {', '.join(columns)} FROM comments_flat ORDER BY thread, position, native_id")

    def versions(self, native_id: str) -> list[tuple[Any, ...]]:
        """Return time, deletion, title and body of each version of a comment, in the order of time."""
        return self.rows(
            "SELECT v.shown_at, v.deletion, v.title, v.body_text FROM comment_versions v"
            " JOIN comments c ON c.id = v.comment_id WHERE c.native_id = ? ORDER BY coalesce(v.shown_at, ''), v.id",
            native_id,
        )

    def observed(self, native_id: str, kind: str) -> list[tuple[Any, ...]]:
        """Return time and value of each observation of a comment, in the order of time."""
        return self.rows(
            "SELECT k.fetched_at, o.value FROM observations o JOIN captures k ON k.id = o.capture_id"
            " JOIN comments c ON c.id = o.comment_id WHERE c.native_id = ? AND o.kind = ? ORDER BY 1, o.id",
            native_id,
            kind,
        )

    def state(self, *without: str) -> dict[str, Any]:
        """Return all that is held, without row ids and without what says by which capture it came."""
        flat = self._table("comments_flat", "captured_at", "source_url", "address_source", "capture_sha256", *without)
        versions = self.rows(
            "SELECT t.native_id, c.position, coalesce(v.shown_at, '') AS at, v.content_sha256, v.author_name, v.icon,"
            " v.deletion, v.title, v.body_text, v.body_html, v.id = c.version_id,"
            " (SELECT group_concat(q.field || q.start || q.text) FROM quotes q WHERE q.version_id = v.id)"
            " FROM comment_versions v JOIN comments c ON c.id = v.comment_id JOIN threads t ON t.id = c.thread_id"
            " ORDER BY 1, 2, 3, v.id"
        )
        return {
            "comments": flat,
            "versions": versions,
            "authors": self._table("authors", "id", "key", "seen_at"),
            "icons": self._table("icons", "id"),
            "articles": self._table("articles", "id", "key", "field_times", "last_seen_at"),
            "threads": self._table("threads", "id", "article_id", "field_times", "last_seen_at", "all_seen_at"),
        }

    def _table(self, name: str, *without: str) -> list[dict[str, Any]]:
        with Archive.open_to_read(self.path) as archive:
            cursor = archive.query(f"SELECT * FROM {name}")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
        found = [{name: value for name, value in row.items() if name not in without} for row in rows]
        return sorted(found, key=lambda row: (row.get("position") or 0, json.dumps(row, sort_keys=True)))


def taken(folder: Path, pages: Iterable[tuple[str, str | None]]) -> Held:
    """Return an archive that took pages, each with its time, in their order."""
    held = Held(folder)
    for page, at in pages:
        held.take(page, at)
    return held
