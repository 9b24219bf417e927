"""The floor of reading Disqus: five fields from an answer, three from a list of 2010, which has no more."""

import json

from bench.floor_html import inside, text, tree
from bench.made import Said


def walk_answer(body: bytes) -> list[Said]:
    """Return the posts of an answer."""
    return [
        Said(
            post["id"],
            post["author"]["name"],
            post["createdAt"],
            post["message"],
            str(post["parent"]) if post["parent"] else None,
        )
        for post in json.loads(body)["response"]
    ]


def walk(body: bytes) -> list[Said]:
    """Return the comments of a list for search engines."""
    found: list[Said] = []
    for item in tree(body).iter("li"):
        name = item.get("id") or ""
        if not name.startswith("dsq-comment-"):
            continue
        author = html = None
        for part in item.iter("span", "div"):
            own = part.get("id") or ""
            if own.startswith("dsq-author-user-"):
                author = text(part)
            elif own.startswith("dsq-comment-message-"):
                html = inside(part)
        found.append(Said(name[12:], author, None, html, None))
    return found
