"""The place for comments of a WordPress page that shows none: whether it proves that there are none."""

from collections.abc import Iterator

from lxml import etree

from belowtheline.reading.counts import count_in_words
from belowtheline.reading.emptiness import Place, look_into, proof_in
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import EmptyProof
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.sites.wordpress import addresses

_AREAS = frozenset(("comments-area", "comments-wrapper", "post-comments", "comments-wrap", "wp-block-comments"))
_LISTS = frozenset(("comment-list", "commentlist", "comments-list", "wp-block-comment-template"))
_FORMS = frozenset(("comment-respond", "comment-form"))
_CLOSED = frozenset(("nocomments", "no-comments"))
_LONGEST = 80
_IDS = frozenset(("comments", "comments-area"))
_FORM_IDS = frozenset(("respond", "commentform"))


def has_place(page: Page) -> bool:
    """Return whether a page has a place for comments as WordPress and its themes write it, or a form for them."""
    return any(_is_place(element) or _is_form(element) for element in page.root.iter(etree.Element))


def proof_of_empty(page: Page) -> tuple[EmptyProof | None, int | None]:
    """Return what proves that a post has no comments, and the count its place states.

    The form alone proves nothing: it is there whatever keeps the comments. Raises ParseError for a layout unknown.
    """
    proofs: list[EmptyProof | None] = []
    for element in _places(page.root):
        place = look_into(element)
        _check(page, place)
        proofs.append(proof_in(place, is_list=not _LISTS.isdisjoint(_classes(element))))
    proof: EmptyProof | None = next(filter(None, proofs), None) if all(proofs) else None
    return proof, 0 if proof == "states zero" else None


def linked_count(page: Page, post: str) -> int | None:
    """Return how many comments the link from a post's head to its own comments counts; None where it counts none."""
    for link in page.root.iter("a"):
        href = link.get("href") or ""
        if href.endswith(("#comments", "#respond")) and (count := count_in_words(visible(link)[:_LONGEST])):
            target = addresses.resolve(href, page.url or post)
            if href.startswith("#") or (target and addresses.same_post(target, post)):
                return count
    return None


def _places(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the outermost places for comments."""
    inside: set[etree._Element] = set()
    for element in root.iter(etree.Element):
        above = element.getparent()
        if above is not None and above in inside:
            inside.add(element)
        elif _is_place(element):
            inside.add(element)
            yield element


def _check(page: Page, place: Place) -> None:
    """Raise ParseError where a place shows or counts comments that were not found."""
    if place.post_like is not None:
        what = f"the place for comments holds what looks like a comment ({place.post_like!r})"
    elif place.count:
        what = f"the place for comments counts {place.count}"
    else:
        return
    raise ParseError(
        f"{page.name} has a layout this reader does not know: {what}, and no element has a comment's id; the capture "
        "is kept, update the site's reader."
    )


def _is_place(element: etree._Element) -> bool:
    names = _classes(element)
    return element.get("id") in _IDS or not (_AREAS.isdisjoint(names) and _LISTS.isdisjoint(names))


def _is_form(element: etree._Element) -> bool:
    names = _classes(element)
    return (
        element.get("id") in _FORM_IDS
        or element.get("name") == "comment_post_ID"
        or not (_FORMS.isdisjoint(names) and _CLOSED.isdisjoint(names))
    )


def _classes(element: etree._Element) -> list[str]:
    return (element.get("class") or "").split()
