"""The floor of reading The Guardian: five fields from an answer, or from the items of a page of 2016."""

import json

from bench.floor_html import inside, tree
from bench.made import Said


def walk_answer(body: bytes) -> list[Said]:
    """Return the comments of an answer, each with its responses."""
    found: list[Said] = []
    for top in json.loads(body)["discussion"]["comments"]:
        for said in (top, *top.get("responses", ())):
            above = said["responseTo"]["commentId"] if "responseTo" in said else None
            author = said["userProfile"]["displayName"]
            found.append(Said(str(said["id"]), author, said["isoDateTime"], said["body"], above))
    return found


def walk(body: bytes) -> list[Said]:
    """Return the comments of a page."""
    found: list[Said] = []
    for item in tree(body).iter("li"):
        number = item.get("data-comment-id")
        if not number:
            continue
        html = above = None
        for part in item.iter("a", "div"):
            kind = part.get("class")
            if kind == "d-comment__body":
                html = inside(part)
            elif kind == "js-discussion-author-link":
                above = (part.get("href") or "").rpartition("-")[2]
        author, date = item.get("data-comment-author"), item.get("data-comment-timestamp")
        found.append(Said(number, author, date, html, above))
    return found
