"""The floor of reading derStandard: five fields of each posting, and the parent by how far it is indented."""

from bench.floor_html import inside, tree
from bench.made import Said

_STEP = 7


def walk(body: bytes) -> list[Said]:
    """Return the postings of a page of 2011."""
    found: list[Said] = []
    path: list[str] = []
    for item in tree(body).iter("div"):
        if item.get("class") != "up":
            continue
        number, author, date, html = "", None, None, None
        for part in item.iter("div"):
            kind = part.get("class")
            if kind == "thread":
                number = (part.get("id") or "")[1:]
            elif kind == "uname":
                author = part.text
            elif kind == "row2":
                date = part[0].text
            elif kind == "txt":
                html = _without_title(inside(part))
        depth = int((item.get("style") or "").rpartition(":")[2].strip(" px;")) // _STEP - 1
        del path[depth:]
        found.append(Said(number, author, date, html, path[-1] if path else None))
        path.append(number)
    return found


def _without_title(html: str) -> str:
    start, title, rest = html.partition("</strong>")
    return rest if title and start.startswith("<strong>") else html
