"""The floor of reading structured data: five fields from the items of microdata, of microformats and of JSON-LD."""

import json
from typing import Any

from lxml import etree

from bench.floor_html import inside, text, tree
from bench.made import Said


def walk_microdata(body: bytes) -> list[Said]:
    """Return the items that are comments."""
    found: list[Said] = []
    for item in tree(body).iter("article", "div", "li"):
        kind = item.get("itemtype") or ""
        if not kind.endswith(("/Comment", "/UserComments")):
            continue
        author = date = html = None
        for part in item.iter():
            name = part.get("itemprop")
            if name == "text" or (name and "commentText" in name):
                html = inside(part)
            elif name == "name":
                author = text(part)
            elif name in ("datePublished", "commentTime"):
                date = part.get("datetime")
        around = [element.get("id") for element in item.iterancestors("li")]
        found.append(Said(around[0] or "", author, date, html, around[1] if len(around) > 1 else None))
    return found


def walk_microformats(body: bytes) -> list[Said]:
    """Return the entries that are comments."""
    found: list[Said] = []
    for item in tree(body).iter("article", "div", "li"):
        classes = item.get("class") or ""
        if "u-comment" not in classes and not ("comment" in classes and "h-entry" in classes):
            continue
        author = date = html = None
        waiting = [item]
        while waiting:
            for part in waiting.pop():
                kind = part.get("class") or ""
                if "e-content" in kind:
                    html = inside(part)
                elif "p-name" in kind or "fn" in kind.split():
                    author = author or text(part)
                elif "published" in kind:
                    date = part.get("datetime") or part.get("title")
                elif "u-comment" not in kind:
                    waiting.append(part)
        found.append(Said(item.get("id") or "", author, date, html, _above(item)))
    return found


def _above(item: etree._Element) -> str | None:
    around = item.getparent()
    while around is not None and "u-comment" not in (around.get("class") or ""):
        around = around.getparent()
    return around.get("id") if around is not None else None


def walk_jsonld(body: bytes) -> list[Said]:
    """Return the comments of a page's script."""
    found: list[Said] = []
    for script in tree(body).iter("script"):
        if script.get("type") == "application/ld+json":
            _read_comments(json.loads(script.text or ""), None, found)
    return found


def _read_comments(above: dict[str, Any], name: str | None, found: list[Said]) -> None:
    for said in above["comment"]:
        own = said["@id"].removeprefix("#")
        found.append(Said(own, said["author"]["name"], said["datePublished"], said["text"], name))
        _read_comments(said, own, found)
