"""Lobsters' HTML pages: a story, its text and its comments as nested lists."""

import re
from typing import Any, cast

from lxml import etree

from belowtheline.reading.counts import counted
from belowtheline.reading.emptiness import post_like
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Author,
    Comment,
    Completeness,
    Mark,
    Shown,
    Thread,
    ThreadPage,
)
from belowtheline.reading.markup import Found, Section, Sections, inner_html, texts, visible
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin
from belowtheline.sites.lobsters import addresses, wording

_SECTIONS = Sections(
    "comment",
    classes=("byline", "score", "upvoter", "comment_text", "hat", "merge"),
    tags=("a", "img", "time", "span"),
    closed=("comment_text",),
)


def _of_class(name: str) -> str:
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


_TITLE = etree.XPath(f"(.//a[{_of_class('u-url')}] | .//*[{_of_class('link')}]/a)[1]")
_TAGS = etree.XPath(f".//a[{_of_class('tag')}] | .//*[{_of_class('tags')}]/a")
_LABELS = etree.XPath(f".//*[{_of_class('comments_label')}]")
_BYLINES = etree.XPath(f".//*[{_of_class('byline')}]")
_POINTS = etree.XPath(f".//*[{_of_class('score')} or {_of_class('upvoter')}]")
_TEXTS = etree.XPath(f"//div[{_of_class('story_content')}]/div[{_of_class('story_text')}]")

_USER = re.compile(r"(?:https?://[^/]+)?/(?:~|u/)([^/?#]+)/?$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d ")
_POINT = re.compile(r"-?\d[\d,]{0,10}$")


def looks_like_story(page: Page) -> bool:
    """Return whether a page has a story and its list of comments, on Lobsters or on a sister site."""
    return 'id="story_' in page.text and "comments_subtree" in page.text and "upvoter" in page.text


def parse_html_page(page: Page) -> ThreadPage:
    """Return the thread of one page; raise ParseError where it shows no story, or several."""
    stories = [item for item in page.root.iter("li") if item.get("data-shortid") and "story" in _classes(item)]
    lists = [found for found in page.root.iter("ol") if "comments" in _classes(found)] if len(stories) == 1 else []
    if not lists:
        raise ParseError(
            f"{page.name} does not read as a thread of Lobsters: looked for one li.story[data-shortid] and "
            f"ol.comments, found {len(stories)} stories; give the address of one story, like https://lobste.rs/s/abc123."
        )
    links = (link for link in page.root.iter("link") if "canonical" in (link.get("rev"), link.get("rel")))
    canonical = next((link.get("href") or "" for link in links), "")
    url = urljoin(page.url or "", canonical) or None
    comments = _read_comments(page.root, addresses.origin(url))
    thread = _thread(stories[0], page, url)
    _check_layout(page, thread, comments)
    is_cut = page.is_cut
    return ThreadPage(
        thread=thread,
        comments=comments,
        conventions=wording.CONVENTIONS,
        completeness=Completeness(
            is_whole=not is_cut,
            is_cut=is_cut,
            counts_visible=True,
            empty_proof=None if comments or any(map(post_like, lists)) else "container",
        ),
    )


def _classes(element: etree._Element) -> list[str]:
    return (element.get("class") or "").split()


def _check_layout(page: Page, thread: Thread, comments: tuple[Comment, ...]) -> None:
    what = None
    if not comments and isinstance(thread.declared_count, int) and thread.declared_count:
        what = f"it says {thread.declared_count} comments, and no .comment[id^=c_] was found"
    elif comments and not any(comment.author for comment in comments):
        what = f"found {len(comments)} comments but no author in .byline"
    if what and not page.is_cut:
        raise ParseError(
            f"{page.name} has a layout this reader does not know: {what}; the capture is kept, update the "
            "site's reader."
        )


def _thread(story: etree._Element, page: Page, url: str | None) -> Thread:
    base = addresses.origin(url)
    links = cast(list[etree._Element], _TITLE(story))
    title = visible(links[0]) if links else ""
    bylines = cast(list[etree._Element], _BYLINES(story))
    author, published = _opener(bylines[0], base) if bylines else (NOT_SHOWN, NOT_SHOWN)
    texts = cast(list[etree._Element], _TEXTS(page.root)) if "story_text" in page.text else []
    tags = dict.fromkeys(visible(tag) for tag in cast(list[etree._Element], _TAGS(story)))
    by_author = bool(bylines) and "authored by" in visible(bylines[0])
    return Thread(
        site=wording.NAME,
        instance=addresses.instance(url),
        native_id=story.get("data-shortid"),
        url=url or NOT_SHOWN,
        title=title or None,
        # Anyone sees the form, disabled, while comments are taken.
        is_closed=False if any(form.get("action") == "/comments" for form in page.root.iter("form")) else NOT_SHOWN,
        declared_count=_declared_count(story),
        article=_article(links, title, base),
        author=author,
        published_at=published,
        body_html=inner_html(texts[0]) if texts else None,
        score=_points(cast(list[etree._Element], _POINTS(story))),
        marks=(
            *(Mark(kind="tag", value=tag) for tag in tags if tag),
            *((Mark(kind="submitted by its author"),) if by_author else ()),
        ),
    )


def _article(links: list[etree._Element], title: str, base: str) -> Article:
    href = addresses.resolve(links[0].get("href") or "", base) if links else ""
    # A story without a link of its own leads to itself.
    if not href or (addresses.story_of(href) and href.startswith(base + "/")):
        return Article(url=None)
    return Article(url=href, headline=title or NOT_SHOWN)


def _opener(byline: etree._Element, base: str) -> tuple[Shown[Author], Shown[str]]:
    parts: Found = {}
    for element in byline.iter("a", "time", "span", "img"):
        parts.setdefault(str(element.tag), []).append(element)
    return _author(parts, base)[0] or NOT_SHOWN, wording.utc(_date(parts))


def _declared_count(story: etree._Element) -> Shown[int]:
    texts = [visible(label) for label in cast(list[etree._Element], _LABELS(story))]
    counts = [count.exact for text in texts if (count := counted(text, "comments?")) and count.exact is not None]
    # Of merged stories each has a count, and one stands for all.
    if counts:
        return max(counts)
    return 0 if any("no comments" in text for text in texts) else NOT_SHOWN


def _read_comments(root: etree._Element, base: str) -> tuple[Comment, ...]:
    sections = [found for found in _SECTIONS(root) if (found.element.get("id") or "").startswith("c_")]
    outermost = min((section.lists for section in sections), default=0)
    comments: list[Comment] = []
    latest: dict[int, str] = {}
    for position, section in enumerate(sections, 1):
        depth = section.lists - outermost
        native_id = (section.element.get("id") or "")[2:]
        parent = latest.get(depth - 1) if depth else None
        fields = _read_comment(section, base)
        comments.append(Comment(native_id=native_id, position=position, depth=depth, parent_native_id=parent, **fields))
        latest[depth] = native_id
    return tuple(comments)


def _read_comment(section: Section, base: str) -> dict[str, Any]:
    parts = section.parts
    author, link = _author(parts, base)
    raw = _date(parts)
    is_edited = any("edited" in (part.tail or "").split() for part in (link, *parts.get("hat", ())) if part is not None)
    fields: dict[str, Any] = {
        "author": author,
        "is_edited": is_edited,
        "score": _points([*parts.get("score", ()), *parts.get("upvoter", ())]),
        "url": _permalink(parts, section.element.get("id") or "", base),
        "marks": tuple(_marks(section, link)) or NOT_SHOWN,  # the JSON shows others
        # An edited comment shows the date of its edit instead of its own.
        "edited_raw" if is_edited else "published_raw": raw or NOT_SHOWN,
        **_text(parts),
    }
    if removal := fields.pop("removal", None):
        fields["marks"] = (*_marks(section, link), Mark(kind="removal", value=removal))
    return fields


def _text(parts: Found) -> dict[str, Any]:
    bodies = parts.get("comment_text")
    if not bodies:
        return {}
    gone = bodies[0].find("p/span[@class='na']")
    if gone is not None:
        sentence = wording.plain(visible(gone))
        return {"deletion": wording.deletion(sentence), "removal": sentence}
    return {"body_html": inner_html(bodies[0]), "deletion": None}


def _author(parts: Found, base: str) -> tuple[Author | None, etree._Element | None]:
    """Return the account of a byline, and its link."""
    for link in parts.get("a", ()):
        href = link.get("href") or ""
        name = visible(link)
        if name and (user := _USER.match(href)):
            image = next((found.get("src") or "" for found in parts.get("img", ())), "")
            hats = parts.get("hat", ())
            classes = _classes(link)
            return Author(
                name=name,
                profile_url=addresses.resolve(href, base),
                image_url=addresses.resolve(image, base) if image else NOT_SHOWN,
                kind="deleted" if user[1] == wording.DISOWNED else "account",
                badge=visible(hats[0]) if hats else None,
                marks=tuple(Mark(kind=kind) for name, kind in _STANDINGS if name in classes) or NOT_SHOWN,
            ), link
    return None, None


_STANDINGS = (("new_user", "new account"), ("inactive_user", "inactive account"))
_ROLES = (("user_is_submitter", "submitter"), ("user_is_author", "author of the article"))


def _marks(section: Section, link: etree._Element | None) -> list[Mark]:
    classes = _classes(link) if link is not None else []
    marks = [Mark(kind=kind) for name, kind in _ROLES if name in classes]
    if "merge" in section.parts:
        marks.append(Mark(kind="of a merged story"))
    if "bad" in _classes(section.element):
        marks.append(Mark(kind="faded"))
    if link is not None and "e-mailed" in (link.tail or "").split():
        marks.append(Mark(kind="e-mailed"))
    return marks


def _date(parts: Found) -> str | None:
    """Return the date of a byline: Unix time, or in older pages the title of a time, span or link."""
    for tag in ("time", "span", "a"):
        for element in parts.get(tag, ()):
            if unix := element.get("data-at-unix"):
                return unix
            title = element.get("title") or element.get("datetime") or ""
            if _DATE.match(title):
                return title
    return None


def _permalink(parts: Found, anchor: str, base: str) -> Shown[str]:
    for link in parts.get("a", ()):
        href = link.get("href") or ""
        if href.endswith((f"/c/{anchor[2:]}", f"#{anchor}")) and not href.startswith("#"):
            return addresses.resolve(href, base)
    return NOT_SHOWN


def _points(elements: list[etree._Element]) -> Shown[int]:
    """Return the first number shown; `~` stands for a score that is still hidden."""
    for element in elements:
        for text in (element.get("title") or "", *texts(element)):
            if _POINT.match(text):
                return int(text.replace(",", ""))
    return NOT_SHOWN
