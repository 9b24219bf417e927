"""The floor of reading an answer of Reddit: five fields of each comment in the tree."""

import json
from typing import Any

from bench.made import Said


def walk(body: bytes) -> list[Said]:
    """Return the comments of a post, in the order of the tree."""
    found: list[Said] = []
    _read_listing(json.loads(body)[1], found)
    return found


def _inner(html: str) -> str:
    if html.startswith("&lt;"):
        html = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return html[html.index(">") + 1 : html.rindex("</div>")]


def _read_listing(listing: dict[str, Any], found: list[Said]) -> None:
    for thing in listing["data"]["children"]:
        if thing["kind"] != "t1":
            continue
        data = thing["data"]
        kind, _, above = data["parent_id"].partition("_")
        parent = above if kind == "t1" else None
        found.append(Said(data["id"], data["author"], f"{data['created_utc']:.0f}", _inner(data["body_html"]), parent))
        if data["replies"]:
            _read_listing(data["replies"], found)
