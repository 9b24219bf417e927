"""Slashdot's pages around a discussion: the story, the count and what is not on the page."""

import re

from lxml import etree

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Completeness,
    Conventions,
    Link,
    Mark,
    Shown,
    Thread,
    ThreadPage,
)  # fmt: skip
from belowtheline.reading.markup import Found, visible
from belowtheline.reading.numbers import only_count
from belowtheline.reading.page import Page
from belowtheline.sites.slashdot import addresses, dates
from belowtheline.sites.slashdot.frame import ARCHIVED, LISTING, STORY, first, headline, links_in, read_frame
from belowtheline.sites.slashdot.posts import Around, Discussion, read_discussion
from belowtheline.sites.slashdot.script import read_script

NAME = "slashdot"
CONVENTIONS = Conventions(
    timezone=dates.TIMEZONE,
    date_formats=("%A %B %d, %Y @%I:%M%p", "%A %B %d %Y, @%I:%M%p"),
    date_order="MDY",
    anonymous_names=frozenset({"Anonymous Coward"}),
)

_LOOSE = etree.XPath(".//*[starts-with(@id, 'comment_body_') or starts-with(@id, 'tree_')]")
_TITLE_AFFIXES = re.compile(r"^Slashdot(?: Comments)? \| | - Slashdot$")
_EDITOR = re.compile(r"\bPosted\s+by\s+(?P<name>\S.{0,80}?)\s+on\s")
_SUBMITTED = re.compile(r"(?:writes|wrote|shares|quotes|reports|submits|submitted|brings|sends|tips|points|notes)\b")
_NO_ONE = "An anonymous reader"


def parse_page(page: Page) -> ThreadPage:
    """Return the discussion of one page; raise ParseError where it holds none."""
    frame = read_frame(page.root)
    listing = first(frame, LISTING)
    if listing is None and "commentwrap" not in frame:
        raise ParseError(
            f"{page.name} does not read as a discussion of Slashdot: looked for ul#commentlisting; "
            "open it in a browser: if it shows comments, the layout has changed and the site's reader needs an update."
        )
    said = read_script(page.text)
    key = _story_key(page, frame)
    number = said.number or _number(page, frame)
    found = Discussion((), (), 0, 0)
    if listing is not None:
        around = Around(number, dates.day_of(key), said, addresses.is_partial(page.url or ""))
        found = read_discussion(listing, around)
    count = _declared_count(frame)
    _check_layout(page, listing, found, count)
    is_cut = page.is_cut
    holds_all = _holds_all(page, found, count)
    return ThreadPage(
        thread=_thread(frame, key, number, count),
        comments=found.comments,
        stubs=found.stubs,
        links=() if holds_all else _links(page, number),
        conventions=CONVENTIONS,
        completeness=Completeness(is_whole=holds_all and not is_cut, is_cut=is_cut),
        disagreements=found.disagreements,
    )


def _check_layout(page: Page, listing: etree._Element | None, found: Discussion, count: Shown[int]) -> None:
    what = None
    if not found.comments and not found.stubs:
        if _LOOSE(listing) if listing is not None else count:
            what = "there are comments, but neither li.comment nor one-line entries"
    elif found.comments and not found.cuts and not any(comment.body_html for comment in found.comments):
        what = f"found {len(found.comments)} li.comment and no body"
    elif found.undated > 1 and found.undated * 2 >= found.full:
        what = f"{found.undated} of {found.full} li.comment that are not .oneline show no date in .otherdetails"
    if what:
        raise ParseError(
            f"{page.name} has a layout this reader does not know: {what}; "
            "the capture is kept, update the site's reader."
        )


def _story_key(page: Page, frame: Found) -> str | None:
    hrefs = [page.url or ""]
    hrefs += [link.get("href") or "" for link in frame.get("link", ()) if link.get("rel") == "canonical"]
    hrefs += [meta.get("content") or "" for meta in frame.get("meta", ()) if meta.get("property") == "og:url"]
    hrefs += [link.get("href") or "" for name in ("commentspl", "commentBox") for link in links_in(frame, name)]
    return next((key for href in hrefs if (key := addresses.story_key(href))), None)


def _number(page: Page, frame: Found) -> str | None:
    asked = addresses.discussion_id(page.url) if page.url else None
    fields = (field.get("value") or "" for field in frame.get("input", ()) if field.get("name") == "sid")
    return asked or next(filter(str.isdigit, fields), None)


def _declared_count(frame: Found) -> Shown[int]:
    bold = (element for box in frame.get("commentBox", ()) for element in box.findall("b"))
    counts = map(only_count, (*frame.get("totalcommentcnt", ()), *bold))
    return next((count for count in counts if count is not None), NOT_SHOWN)


def _holds_all(page: Page, found: Discussion, count: Shown[int]) -> bool:
    return (
        isinstance(count, int)
        and len(found.comments) >= count
        and not found.stubs
        and not found.cuts
        and not addresses.is_partial(page.url or "")
    )


def _links(page: Page, number: str | None) -> tuple[Link, ...]:
    url = page.url or ""
    return () if number is None or addresses.is_unfiltered(url) else (Link(url=addresses.discussion_url(number, url)),)


def _thread(frame: Found, key: str | None, number: str | None, count: Shown[int]) -> Thread:
    byline = _byline(frame)
    article = _article(frame, key, byline)
    url = addresses.story_url(key) if key else addresses.discussion_url(number) if number else NOT_SHOWN
    return Thread(
        site=NAME,
        native_id=key or number,
        url=url,
        title=article.headline,
        # Without the sentence a discussion may be open, or of the years that did not say.
        is_closed=True if ARCHIVED in frame else NOT_SHOWN,
        declared_count=count,
        article=article,
        author=_submitter(frame),
        published_at=article.published_at,
        marks=_marks(frame, byline),
    )


def _byline(frame: Found) -> etree._Element | None:
    older = (element for element in frame.get("details", ()) if element.find("b") is not None)
    return first(frame, "story-byline") if "story-byline" in frame else next(older, None)


def _article(frame: Found, key: str | None, byline: etree._Element | None) -> Article:
    title = headline(frame) or _TITLE_AFFIXES.sub("", visible(first(frame, "title")))
    raw = dates.written_on(visible(byline))
    return Article(
        url=addresses.story_url(key) if key else NOT_SHOWN,
        headline=title or NOT_SHOWN,
        teaser=visible(first(frame, STORY, "intro")) or NOT_SHOWN,
        published_at=(dates.utc(raw) if raw else None) or NOT_SHOWN,
        published_raw=raw or NOT_SHOWN,
    )


def _submitter(frame: Found) -> Shown[Author]:
    """Return who sent the story in, where its text begins with the name; never the address of a mailbox."""
    story = first(frame, STORY, "intro")
    if story is None:
        return NOT_SHOWN
    if visible(story).startswith(_NO_ONE):
        return Author(name=_NO_ONE, kind="anonymous")
    link = next(iter(story), None)
    if (
        link is None
        or link.tag != "a"
        or (story.text or "").strip()
        or not _SUBMITTED.match((link.tail or "").lstrip())
    ):
        return NOT_SHOWN
    href = link.get("href") or ""
    url = addresses.absolute(href) if "/~" in href else None
    return Author(name=visible(link) or None, profile_url=url or NOT_SHOWN)


def _marks(frame: Found, byline: etree._Element | None) -> tuple[Mark, ...]:
    marks = []
    if byline is not None:
        if match := _EDITOR.search(visible(byline)):
            marks.append(Mark(kind="editor", value=match["name"]))
        department = first(frame, "dept-text")
        department = byline.find("strong/b") if department is None else department
        if department is not None:
            marks.append(Mark(kind="department", value=visible(department)))
    tags = dict.fromkeys(visible(link) for link in links_in(frame, "tagname"))
    return (*marks, *(Mark(kind="tag", value=tag) for tag in tags if tag))
