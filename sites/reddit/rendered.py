"""Answers of /api/morechildren with rendered comments: as the site itself asked for them, since 2008.

Each thing holds the HTML of one comment as old.reddit.com shows it, beside its ids and its text.
"""

import re
from typing import cast

from lxml import etree

from belowtheline.reading.markup import parse_html, visible
from belowtheline.reading.numbers import whole_number
from belowtheline.sites.reddit import wording
from belowtheline.sites.reddit.wording import Data

_IDS = re.compile(r"morechildren\(this, ?'t3_\w{1,13}', ?(?:'\w{0,20}', ?)?'(?:\w{1,20}:)?([\w,]{1,100000})'")
_POINTS = re.compile(r"(?<![\d,])-?\d[\d,]{0,11}(?= point)")
_COUNT = re.compile(r"\((\d[\d,]{0,11}) repl")
_ACCOUNT = re.compile(r"\bid-(t2_\w{1,13})")
_STATES = ("stickied", "locked", "controversial")
_RANKS = ("admin", "moderator")


def is_rendered(data: Data) -> bool:
    """Return whether a thing is HTML in JSON."""
    return isinstance(data.get("content"), str) and "parent_id" not in data


def unrendered(data: Data, name: str) -> Data:
    """Return a rendered thing with the fields that the API gives it; `name` is what to call the page in a message."""
    found: Data = {
        "id": str(data.get("id", "")).removeprefix("t1_"),
        "parent_id": data.get("parent"),
        "link_id": data.get("link"),
        "replies": data.get("replies"),
    }
    html = wording.unescape(data["content"]) if "<" not in data["content"] else data["content"]
    if not html.strip():
        return found
    root = parse_html(html, name)
    thing = next(root.iter("div"), root)
    more = _IDS.search(html)
    return found | (_more(more, root) if more or "recursion" in (thing.get("class") or "") else _comment(data, thing))


def _more(ids: re.Match[str] | None, root: etree._Element) -> Data:
    count = _COUNT.search(visible(root))
    return {
        "children": [native_id for native_id in ids[1].split(",") if native_id] if ids else [],
        "count": int(count[1].replace(",", "")) if count else 0,
    }


def _comment(data: Data, thing: etree._Element) -> Data:
    classes = set((thing.get("class") or "").split())
    found: Data = {"body": data.get("contentText"), "body_html": data.get("contentHTML"), "edited": False}
    for key in ("ups", "downs"):
        if (votes := whole_number(thing.get(f"data-{key}"))) is not None:
            found |= {key: votes, "has_votes": True}
    found |= _tagline(thing)
    found |= {state: True for state in _STATES if state in classes}
    found["controversiality"] = int("controversial" in classes)
    links = thing.xpath(".//a[contains(@class, 'bylink')]/@href")
    path = cast(list[str], links)[0].partition("/r/") if links else ("", "", "")
    return found | ({"subreddit": path[2].split("/")[0], "permalink": _path(path[2])} if path[1] else {})


def _path(rest: str) -> str:
    return "/r/" + rest.split("?")[0].rstrip("/") + "/"


def _tagline(thing: etree._Element) -> Data:
    """Return what the line above a comment says; where there are two, one is shown when the comment is collapsed."""
    lines = cast(list[etree._Element], thing.xpath(".//p[@class='tagline'] | .//p[starts-with(@class, 'tagline ')]"))
    if not lines:
        return {"author": None, "edited": None}
    found: Data = {"author": wording.GONE}
    for element in lines[0].iter("a", "span", "time", "em"):
        classes = (element.get("class") or "").split()
        if "author" in classes:
            found |= _author(element)
        elif "flair" in classes:
            found["author_flair_text"] = element.get("title") or visible(element)
        elif "score-hidden" in classes:
            found["score_hidden"] = True
        elif "unvoted" in classes and (points := _POINTS.search(visible(element))):
            found["score"] = int(points[0].replace(",", ""))
        elif "submitter" in classes:
            found["is_submitter"] = True
        elif element.tag == "a" and (rank := next((rank for rank in _RANKS if rank in classes), None)):
            found["distinguished"] = rank
        elif "edited-timestamp" in classes:
            found["edited"] = element.get("datetime") or True
        elif element.tag == "em" and visible(element) == "*":
            found["edited"] = True
        elif element.tag == "time":
            found.setdefault("created_utc", element.get("datetime"))
    return found


def _author(element: etree._Element) -> Data:
    account = _ACCOUNT.search(element.get("class") or "")
    return {"author": visible(element), **({"author_fullname": account[1]} if account else {})}
