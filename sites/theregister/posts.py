"""One post of a forum page, in every markup since 2008, and the tree that posts stand in."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml import etree

from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Deletion, Shown
from belowtheline.reading.markup import Section, inner_html, outer_html, visible
from belowtheline.sites.theregister import addresses, heads, wording
from belowtheline.sites.theregister.parts import SECTIONS as SECTIONS
from belowtheline.sites.theregister.parts import Parts, leading_heading, leading_icon, parts_of, title_of
from belowtheline.sites.theregister.votes import votes_of


class _Habits:
    """What the posts of a page show together: what none of them shows, the page has no place for."""

    def __init__(self, posts: list[Parts]) -> None:
        self.titles_outside = any(parts.title is not None for parts in posts)
        """Whether titles stand before the bodies: then a heading in a body is part of the text."""
        self.shows_edits = any("edited" in _states(parts) for parts in posts)


def permalinks(sections: list[Section]) -> Iterator[str]:
    """Yield the addresses that the posts give themselves."""
    for section in sections:
        link, native_id = heads.permalink_of(parts_of(section))
        if link is not None and native_id:
            yield link.get("href") or ""


def read_posts(sections: list[Section], base: str, page_url: str) -> tuple[tuple[Comment, ...], int]:
    """Return the comments of a page in its order, and how often nesting and reply link disagree.

    Addresses of posts and users are told from the topic's (`base`), those of pictures from the page's own.
    """
    posts = [parts_of(section) for section in sections]
    habits = _Habits(posts)
    comments: list[Comment] = []
    latest: dict[int, Comment] = {}
    disagreements = 0
    is_nested = any(section.lists for section in sections)
    on_page: set[str] = set()
    for position, (section, parts) in enumerate(zip(sections, posts, strict=True), 1):
        depth = section.lists - 1 if section.lists else None
        above = latest.get(depth - 1) if depth else None
        permalink, native_id = heads.permalink_of(parts)
        linked = heads.reply_link(parts, native_id)
        if above is not None:
            disagreements += linked is not None and above.native_id not in (None, linked)
        else:
            disagreements += is_nested and linked in on_page
        fields = _read_post(parts, habits, native_id, base, page_url)
        if url := _url(permalink, native_id, base):
            fields["url"] = url
        comment = _placed(fields, position, depth, linked, above)
        on_page.add(comment.native_id or "")
        comments.append(comment)
        if depth is not None:
            latest[depth] = comment
    return tuple(comments), disagreements


def without_unproved_guests(comments: tuple[Comment, ...]) -> tuple[Comment, ...]:
    """Return the comments; where no author of a page has a link, the page does not show who has an account."""
    authors = [author for comment in comments if isinstance(author := comment.author, Author)]
    if any(author.profile_url for author in authors):
        return comments
    return tuple(
        replace(comment, author=replace(comment.author, native_id=NOT_SHOWN, profile_url=NOT_SHOWN))
        if isinstance(comment.author, Author)
        else comment
        for comment in comments
    )


def _placed(
    fields: dict[str, Any], position: int, depth: int | None, linked: str | None, above: Comment | None
) -> Comment:
    parent: Shown[str] = linked
    # Nesting names the parent where no link does, and it is all that ties replies to a tombstone without an id.
    parent_position = above.position if above is not None and above.native_id is None else None
    if linked is None and above is not None:
        parent = above.native_id or NOT_SHOWN
    elif linked is None and depth is None:
        parent = NOT_SHOWN
    shown_depth: Shown[int] = NOT_SHOWN if depth is None else depth
    return Comment(
        position=position, depth=shown_depth, parent_native_id=parent, parent_position=parent_position, **fields
    )


def _read_post(parts: Parts, habits: _Habits, native_id: str | None, base: str, page_url: str) -> dict[str, Any]:
    states = _states(parts)
    deletion = _deletion(parts)
    fields = heads.date_of(parts)
    fields["native_id"], fields["deletion"] = native_id, deletion
    if deletion:
        return fields
    heading = parts.title
    if heading is None and parts.body is not None and not habits.titles_outside:
        heading = leading_heading(parts.body)
    fields["author"] = heads.author_of(parts, "staff" in states, base)
    image = leading_icon(parts.body) if parts.body is not None else None
    fields["icon"] = heads.icon_in(image, page_url) if image is not None else heads.icon_of(parts, page_url)
    fields["title"] = None if heading is None else title_of(heading)
    fields["title_source"] = "page"
    fields["body_html"] = _body_html(parts, heading, image)
    fields["is_edited"] = True if "edited" in states else False if habits.shows_edits else NOT_SHOWN
    fields["upvotes"], fields["downvotes"] = votes_of(parts.voting)
    return fields


def _states(parts: Parts) -> list[str]:
    return (parts.post.get("class") or "").split()


def _url(permalink: etree._Element | None, native_id: str | None, base: str) -> str | None:
    href = (permalink.get("href") or "") if permalink is not None and native_id else ""
    return addresses.resolve(href, base) if href and not (href[0] == "#" and base == addresses.UNKNOWN) else None


def _deletion(parts: Parts) -> Deletion | None:
    """Return who deleted a post; None for one that stands, though its words be those of a tombstone.

    Whose author is named wrote what stands there, unless the post's class says that it is deleted.
    """
    is_marked = parts.is_gone
    if not is_marked and (parts.first("author") is not None or parts.title is not None):
        return None
    said: Deletion | None = next(filter(None, map(wording.deletion, _sentences(parts))), None)
    if said and not is_marked and heads.author_of(parts, is_staff=False, base="") is not None:
        return None
    return said or ("unknown" if is_marked else None)


def _sentences(parts: Parts) -> Iterator[str]:
    """Yield what may be the sentence of a tombstone: the body, or a part of a post that has none."""
    if parts.body is not None:
        yield visible(parts.body)
    yield parts.text
    for part in parts.all:
        if part.element.tag in ("p", "div", "span", "em", "i"):
            yield visible(part.element)


def _body_html(parts: Parts, heading: etree._Element | None, image: etree._Element | None) -> Shown[str]:
    body = parts.body
    if body is None:
        return NOT_SHOWN
    is_inside = heading is not None and heading is not parts.title
    html = inner_html(body, without=heading if is_inside else None)
    return html if image is None else html.replace(outer_html(image), "", 1)
