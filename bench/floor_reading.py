"""The floor of reading: the fields that the site reads, pulled from the same page by a hand-written lxml walk."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from lxml import etree

from belowtheline.reading.items import Comment, ThreadPage, shown

_CLOSED = "This topic is closed for new posts."


@dataclass(slots=True)
class Post:
    """One comment, as plain values."""

    native_id: str | None = None
    depth: int = 0
    parent: str | None = None
    url: str | None = None
    date: str | None = None
    author: str | None = None
    author_id: str | None = None
    profile: str | None = None
    is_staff: bool = False
    badge: str | None = None
    icon: str | None = None
    icon_src: str | None = None
    title: str | None = None
    body: str | None = None
    up: int | None = None
    down: int | None = None
    is_edited: bool = False


@dataclass(slots=True)
class Walked:
    """One page, as plain values."""

    article: str | None
    headline: str | None
    teaser: str | None
    is_closed: bool
    posts: list[Post]


def walk(body: bytes, base: str) -> Walked:
    """Return what a page says, read by walking its tree once."""
    root = etree.fromstring(body, etree.HTMLParser(encoding="utf-8"))
    article = headline = teaser = None
    is_closed = False
    posts: list[Post] = []
    for element in root[1]:
        if element.get("id") == "forum_posts":
            posts = [_read(post, depth, base) for top in element.findall("ol") for post, depth in _posts(top, 0)]
        elif element.tag == "h2":
            link = element[0]
            article = link.get("href")
            headline = (link[0].tail or "").strip()
        elif element.tag == "p":
            text = _text(element)
            if text.endswith("…"):
                teaser = text
            elif text == _CLOSED:
                is_closed = True
    return Walked(article, headline, teaser, is_closed, posts)


def _posts(items: etree._Element, depth: int) -> Iterator[tuple[etree._Element, int]]:
    for item in items:
        for child in item:
            if child.tag == "ol":
                yield from _posts(child, depth + 1)
            else:
                yield child, depth


def _read(element: etree._Element, depth: int, base: str) -> Post:
    states = (element.get("class") or "").split()
    post = Post(depth=depth, is_edited="edited" in states, is_staff="staff" in states)
    for part in element:
        kind = part.get("class")
        if kind == "permalink":
            post.native_id = (part.get("id") or "")[2:]
            post.url = base + (part.get("href") or "")
            post.date = part[0].get("data-epoch")
        elif kind == "author":
            post.author = _text(part)
            if profile := part.get("href"):
                post.profile = base + profile
                post.author_id = profile.split("/")[2]
        elif kind == "user_icons":
            post.badge = _text(part)
        elif kind == "in-reply-to":
            post.parent = (part.get("href") or "").rpartition("/")[2]
        elif kind == "body":
            post.title, post.body = _title_and_body(part)
        elif kind == "actions":
            post.up, post.down = int(part[0].text or 0), int(part[1].text or 0)
        elif part.tag == "img":
            post.icon, post.icon_src = part.get("alt"), base + (part.get("src") or "")
    return post


def _title_and_body(element: etree._Element) -> tuple[str | None, str]:
    title = None
    pieces = [escape(element.text or "", quote=False)]
    for child in element:
        if child.tag == "h4":
            title = _text(child)
            pieces.append(escape(child.tail or "", quote=False))
        else:
            pieces.append(etree.tostring(child, encoding="unicode", method="html"))
    return title, "".join(pieces)


def _text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def assert_same(walked: Walked, page: ThreadPage) -> None:
    """Assert that the walk found what the site found, so that neither side does less work than it says."""
    article = page.thread.article
    assert (walked.article, walked.headline, walked.teaser) == (article.url, article.headline, article.teaser)
    assert walked.is_closed == bool(shown(page.thread.is_closed))
    assert len(walked.posts) == len(page.comments) > 0
    for post, comment in zip(walked.posts, page.comments, strict=True):
        assert post == _of(comment), (post, comment)


def _of(comment: Comment) -> Post:
    author, icon = shown(comment.author), shown(comment.icon)
    assert author is not None
    # A parent that only the nesting names is the site's own derivation.
    return Post(
        native_id=comment.native_id,
        depth=shown(comment.depth) or 0,
        parent=shown(comment.parent_native_id),
        url=shown(comment.url),
        date=shown(comment.published_raw),
        author=author.name,
        author_id=shown(author.native_id),
        profile=shown(author.profile_url),
        is_staff=bool(author.is_staff),
        badge=shown(author.badge),
        icon=icon.name if icon else None,
        icon_src=shown(icon.image_url) if icon else None,
        title=shown(comment.title),
        body=shown(comment.body_html),
        up=shown(comment.upvotes),
        down=shown(comment.downvotes),
        is_edited=bool(shown(comment.is_edited)),
    )
