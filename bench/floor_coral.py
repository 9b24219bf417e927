"""The floor of reading an answer of Coral: five fields of each comment, in the forms of Coral and of Talk."""

import json
from typing import Any

from bench.made import Said


def walk(body: bytes) -> list[Said]:
    """Return the comments of an answer."""
    found: list[Said] = []
    data = json.loads(body)["data"]
    if "story" in data:
        _read_edges(data["story"]["comments"]["edges"], None, found)
    else:
        _read_nodes(data["asset"]["comments"]["nodes"], None, found)
    return found


def _read_edges(edges: list[dict[str, Any]], above: str | None, found: list[Said]) -> None:
    for edge in edges:
        node = edge["node"]
        found.append(Said(node["id"], node["author"]["username"], node["createdAt"], node["body"], above))
        _read_edges(node["replies"]["edges"], node["id"], found)


def _read_nodes(nodes: list[dict[str, Any]], above: str | None, found: list[Said]) -> None:
    for node in nodes:
        found.append(Said(node["id"], node["user"]["username"], node["created_at"], node["body"], above))
        _read_nodes(node["replies"]["nodes"], node["id"], found)
