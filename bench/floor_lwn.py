"""The floor of reading LWN: five fields of each box, and the parent by the boxes around it."""

import re

from lxml import etree

from bench.floor_html import inside, tree
from bench.made import Said

_POSTED = re.compile(r"Posted (.{1,60}?) by")


def walk(body: bytes) -> list[Said]:
    """Return the comments of a page."""
    found: list[Said] = []
    path: list[str] = []
    for box in tree(body).iter("div"):
        if box.get("class") != "CommentBox":
            continue
        depth = sum(around.get("class") == "Comment" for around in box.iterancestors("div"))
        number = author = date = html = None
        for part in box.iter("p", "div"):
            kind = part.get("class")
            if kind == "CommentPoster":
                author = part[0].text
                posted = _POSTED.search(part.text or "")
                date = posted[1] if posted else None
                number = next(link.get("href") or "" for link in part.iter("a")).strip("/").rpartition("/")[2]
            elif kind == "CommentBody":
                html = _written(part)
        del path[depth:]
        found.append(Said(number or "", author, date, html, path[-1] if path else None))
        path.append(number or "")
    return found


def _written(part: etree._Element) -> str:
    # The byline stands first in it.
    whole = inside(part)
    return whole[whole.index("</p>") + 4 :] if 'class="CommentPoster"' in whole else whole
