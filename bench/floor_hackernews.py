"""The floor of reading Hacker News: five fields of each row, or from the answer of its search."""

import json
from typing import Any

from bench.floor_html import inside, tree
from bench.made import Said


def walk(body: bytes) -> list[Said]:
    """Return the comments of a page, each below the last one that is indented less."""
    found: list[Said] = []
    path: list[str] = []
    for row in tree(body).iter("tr"):
        if row.get("class") != "athing comtr":
            continue
        number, depth, author, date, html = row.get("id") or "", 0, None, None, None
        for part in row.iterdescendants():
            kind = part.get("class")
            if kind is None:
                continue
            if kind == "ind":
                depth = int(part.get("indent") or 0)
            elif kind == "hnuser":
                author = part.text
            elif kind == "age":
                date = (part.get("title") or "").rpartition(" ")[2]
            elif kind.startswith("commtext"):
                html = inside(part)
                break
        del path[depth:]
        found.append(Said(number, author, date, html, path[-1] if path else None))
        path.append(number)
    return found


def walk_answer(body: bytes) -> list[Said]:
    """Return the comments of an answer."""
    found: list[Said] = []
    _read_children(json.loads(body), None, found)
    return found


def _read_children(above: dict[str, Any], number: str | None, found: list[Said]) -> None:
    for said in above["children"]:
        own = str(said["id"])
        found.append(Said(own, said["author"], str(said["created_at_i"]), said["text"], number))
        _read_children(said, own, found)
