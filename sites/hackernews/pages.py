"""Hacker News' HTML pages: a story with its tree, one page of it, or a comment's own page."""

import re

from lxml import etree

from belowtheline.reading.counts import counted
from belowtheline.reading.emptiness import post_like
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Comment,
    Completeness,
    EmptyProof,
    Link,
    Mark,
    Shown,
    Stub,
    Thread,
    ThreadPage,
    shown,
)
from belowtheline.reading.markup import inner_html, visible
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin
from belowtheline.sites.hackernews import addresses, wording
from belowtheline.sites.hackernews.bylines import read_byline
from belowtheline.sites.hackernews.comments import Cell, find_cells, read_comment, read_comments

Cells = dict[str, list[etree._Element]]

_FRAME = re.compile(r"<span class=[\"']?pagetop\b")
_DISCUSS = re.compile(r"\| discuss$")
_RANK = re.compile(r"\d{1,6}\.")
_ITEM_ID = re.compile(r"(?:up|score)_(\d+)$")
_REFUSED = re.compile(r"not able to serve your requests")


def looks_like_site(page: Page) -> bool:
    """Return whether a page has the frame that all pages of the site have had."""
    return wording.TITLE in page.text and _FRAME.search(page.text) is not None


def parse_html_page(page: Page) -> ThreadPage:
    """Return the thread of one page; raise ParseError where it shows no thread, or several."""
    cells = _cells(page.root)
    comments = find_cells(cells.get("default", []), addresses.origin(page.url))
    tree = [cell for cell in comments if cell.is_in_tree]
    heads = [cell for cell in comments if not cell.is_in_tree]
    lines = cells.get("subtext", [])
    _require_one_thread(page, lines, heads, tree)
    found = _comment_page(page, heads[0], tree) if heads else _story_page(page, lines, tree, cells)
    _check_layout(page, found)
    return found


def _cells(root: etree._Element) -> Cells:
    found: Cells = {}
    for cell in root.iter("td"):
        for name in (cell.get("class") or "").split():
            found.setdefault(name, []).append(cell)
    return found


def _require_one_thread(page: Page, lines: list[etree._Element], heads: list[Cell], tree: list[Cell]) -> None:
    if _REFUSED.search(page.text[:4096]) and not lines and not tree:
        raise ParseError(f"{page.name} is the server's request to ask more slowly: fetch it again later.")
    if not lines and not heads and not tree:
        raise ParseError(
            f"{page.name} does not read as a thread of Hacker News: looked for td.subtext below a title or td.default "
            "with .comhead and .comment; open it in a browser: if it shows a thread, the site's reader needs an update."
        )
    is_list = len(lines) + len(heads) > 1 or any(cell.said.story for cell in tree) or any(map(_is_ranked, lines))
    if is_list:
        raise ParseError(
            f"{page.name} is a list of stories or of comments of several threads, not one thread: give the addresses "
            "of the threads, like https://news.ycombinator.com/item?id=1."
        )


def _is_ranked(line: etree._Element) -> bool:
    row = _title_row(line)
    return row is not None and len(row) > 0 and _RANK.match(visible(row[0])) is not None


def _check_layout(page: Page, found: ThreadPage) -> None:
    standing = [comment for comment in found.comments if comment.deletion is None]
    declared = found.thread.declared_count
    if standing and not any(comment.native_id for comment in standing):
        raise ParseError(_changed(page, f"found {len(standing)} comments but no id"))
    if standing and not any(shown(comment.author) for comment in standing):
        raise ParseError(_changed(page, f"found {len(standing)} comments but no a[href*='user?id=']"))
    if not found.comments and isinstance(declared, int) and declared and not found.completeness.is_cut:
        raise ParseError(_changed(page, f"it says {declared} comments, and none was found in td.default"))


def _changed(page: Page, what: str) -> str:
    return f"{page.name} has a layout this reader does not know: {what}; the capture is kept, update the site's reader."


def _story_page(page: Page, lines: list[etree._Element], tree: list[Cell], cells: Cells) -> ThreadPage:
    line = lines[0] if lines else None
    number = addresses.page_of(page.url) if page.url else None
    thread = _thread(page, line, number, cells)
    comments, disagreements = read_comments(tree, thread.native_id, addresses.origin(page.url))
    more = _more(page, cells, line)
    return ThreadPage(
        thread=thread,
        comments=tuple(comments),
        links=(more,) if more else (),
        conventions=wording.CONVENTIONS,
        completeness=_completeness(page, number, more is not None, line is not None, is_empty=not tree),
        disagreements=disagreements,
        is_part=thread.native_id is None,
    )


def _completeness(page: Page, number: int | None, has_more: bool, has_head: bool, *, is_empty: bool) -> Completeness:
    is_cut = _is_cut(page)
    if has_more:
        # Later pages had addresses without a number (/x?fnid=) before 2014.
        return Completeness(page_number=number or (1 if has_head else None), is_cut=is_cut, counts_visible=True)
    if number and number > 1:
        return Completeness(page_number=number, page_count=number, is_cut=is_cut, counts_visible=True)
    proof = _proof_of_empty(page) if is_empty else None
    return Completeness(is_whole=has_head and not is_cut, is_cut=is_cut, counts_visible=True, empty_proof=proof)


def _proof_of_empty(page: Page) -> EmptyProof | None:
    """Return that the table for comments, which is there without any too, holds nothing like one."""
    tables = [table for table in page.root.iter("table") if "comment-tree" in (table.get("class") or "").split()]
    return "container" if tables and not any(map(post_like, tables)) else None


def _is_cut(page: Page) -> bool:
    return page.is_cut


def _thread(page: Page, line: etree._Element | None, number: int | None, cells: Cells) -> Thread:
    from_url = addresses.item_of(page.url) if page.url else None
    if line is None:
        return Thread(site=wording.NAME, native_id=from_url, url=_thread_url(from_url, page))
    said = read_byline(line, addresses.origin(page.url))
    row = _title_row(line)
    native_id = _head_id(line, row) or said.item or from_url
    link, states = _title(row)
    href = (link.get("href") or "") if link is not None else ""
    return Thread(
        site=wording.NAME,
        native_id=native_id,
        url=_thread_url(native_id, page),
        title=visible(link) or None,
        is_closed=NOT_SHOWN if number and number > 1 else _is_closed(line),
        declared_count=_declared_count(line),
        article=Article(url=href) if "://" in href and addresses.item_in(href) != native_id else Article(),
        author=said.author or NOT_SHOWN,
        published_at=said.published_at,
        body_html=_text(line),
        score=said.score,
        marks=(*wording.marks(states), *_poll_options(cells)),
    )


def _thread_url(native_id: str | None, page: Page) -> Shown[str]:
    return addresses.item_url(native_id, addresses.origin(page.url)) if native_id else NOT_SHOWN


def _title_row(line: etree._Element) -> etree._Element | None:
    row = line.getparent()
    return row.getprevious() if row is not None else None


def _head_id(line: etree._Element, row: etree._Element | None) -> str | None:
    """Return the story's id: of its row since 2014, else of its vote link or score."""
    if row is not None and (row.get("id") or "").isdecimal():
        return row.get("id")
    parts = [part for around in (row, line) if around is not None for part in around.iterdescendants("a", "span")]
    return next((match[1] for part in parts if (match := _ITEM_ID.match(part.get("id") or ""))), None)


def _title(row: etree._Element | None) -> tuple[etree._Element | None, tuple[str, ...]]:
    """Return the title's link, and the states before it."""
    cell = next((cell for cell in row.iterchildren("td", reversed=True)), None) if row is not None else None
    if cell is None:
        return None, ()
    link = cell.find(".//a")
    if link is not None and "from?site=" in (link.get("href") or ""):
        link = None
    text, title = visible(cell), visible(link)
    return link, wording.states(text.partition(title)[0] if title else text)


def _head_table(line: etree._Element) -> etree._Element | None:
    return next(line.iterancestors("table"), None)


def _is_closed(line: etree._Element) -> Shown[bool]:
    """Return whether the form for comments is missing: it is there for whoever is not logged in, too."""
    table = _head_table(line)
    return NOT_SHOWN if table is None else table.find(".//form") is None


def _declared_count(line: etree._Element) -> Shown[int]:
    text = visible(line)
    if (count := counted(text, "comments?")) is not None:
        return NOT_SHOWN if count.exact is None else count.exact
    return 0 if _DISCUSS.search(text) else NOT_SHOWN


def _text(line: etree._Element) -> str | None:
    """Return the story's own text, in the row below its line; since 2022 in `.toptext`."""
    row = line.getparent()
    for below in row.itersiblings("tr") if row is not None else ():
        cell = below.find("td[last()]")
        if cell is None or cell.get("class") or cell.find(".//form") is not None or cell.find(".//table") is not None:
            continue
        top = cell.find("div[@class='toptext']")
        if html := inner_html(cell if top is None else top).strip():
            return html
    return None


def _poll_options(cells: Cells) -> tuple[Mark, ...]:
    """Return the options of a poll: a `td.comment` each, and the points in the row below."""
    found = []
    for cell in cells.get("comment", []):
        row = cell.getparent()
        below = row.getnext() if row is not None else None
        line = below.find("td[@class='default']") if below is not None else None
        points = read_byline(line, "").score if line is not None else NOT_SHOWN
        found.append(wording.poll_option(visible(cell), points))
    return tuple(found)


def _more(page: Page, cells: Cells, line: etree._Element | None) -> Link | None:
    """Return the link at the end of a page that is not the last."""
    if "morelink" in page.text:
        links = [link for link in page.root.iter("a") if link.get("class") == "morelink"]
    else:
        head = _title_row(line) if line is not None else None
        below = [cell for cell in cells.get("title", []) if head is None or cell.getparent() is not head]
        links = [link for cell in below if (link := cell.find("a")) is not None and visible(link) == "More"]
    href = (links[-1].get("href") or "") if links else ""
    return Link(url=urljoin(addresses.origin(page.url) + "/", href)) if href else None


def _comment_page(page: Page, head: Cell, tree: list[Cell]) -> ThreadPage:
    """Return the part of a thread that a comment's own page shows: the comment and what is below it."""
    said, base = head.said, addresses.origin(page.url)
    story, parent = said.story, said.parent
    is_top = parent is not None and parent == story
    shown_parent: Shown[str] = NOT_SHOWN if parent is None else None if is_top else parent
    first = read_comment(head, 1, base, parent_native_id=shown_parent, depth=0 if is_top else NOT_SHOWN)
    comments, disagreements = read_comments(tree, story, base, first)
    return ThreadPage(
        thread=Thread(
            site=wording.NAME, native_id=story, url=_thread_url(story, page), title=said.story_title or NOT_SHOWN
        ),
        comments=(first, *comments),
        stubs=_parent_stub(first, page),
        links=tuple(Link(url=addresses.item_url(item, base)) for item in (story or parent,) if item),
        conventions=wording.CONVENTIONS,
        completeness=Completeness(is_cut=_is_cut(page)),
        disagreements=disagreements,
        is_part=story is None,
    )


def _parent_stub(comment: Comment, page: Page) -> tuple[Stub, ...]:
    parent = comment.parent_native_id
    return (
        (Stub(native_id=parent, url=addresses.item_url(parent, addresses.origin(page.url))),)
        if isinstance(parent, str)
        else ()
    )
