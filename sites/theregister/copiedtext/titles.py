"""Icon, title and body of each post: what its lines mean hangs on the habits of the whole capture."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Icon, Shown
from belowtheline.sites.theregister import wording
from belowtheline.sites.theregister.copiedtext.lines import NUMBERED
from belowtheline.sites.theregister.copiedtext.openings import name_and_badge
from belowtheline.sites.theregister.copiedtext.posts import Post

MAX_GUESS = 80  # a longer first line is body where titles have no slot; the longest title seen copied has 78 letters
_MAX_TITLE = 100  # a longer first line disproves that each title has a line of its own
_MAX_ICON = 30
QUOTED = re.compile(r"[\"“„«‘']([^\"”“»]+)")
_RE = "Re: "
_BODY_MARKS = (">", "- ", "* ", "• ", "http://", "https://")
_ENDS_NO_TITLE = (":", ",", ";")


class Capture:
    """The posts of one capture, with the habits that they share, turned into comments."""

    def __init__(self, posts: Sequence[Post]) -> None:
        self.posts = posts
        standing = [post for post in posts if post.deletion is None and post.paragraphs]
        self.gap = _usual_gap(standing)
        self.titles = _shared_titles(standing)
        self.is_apart = any(self.has_title_apart(post) or post.lead in wording.ICONS for post in standing)
        self.has_slots = self.have_slots(standing)
        self.is_glued = _is_glued(standing)
        self.opens_short = self.all_open_short(standing)
        leads = [self.icon(post) for post in posts if post.lead is not None and post.deletion is None]
        self.has_icons = bool(leads) and all(leads)  # where a title took the place, icons' lines were dropped
        self.has_badges = any(name_and_badge(post.header.text)[1] for post in posts)
        self.has_levels = any(post.header.parent is not None for post in posts)

    def comments(self) -> Iterator[Comment]:
        """Yield the comments in the order of the text."""
        depths: list[int] = []
        for position, post in enumerate(self.posts, 1):
            parent = post.header.parent
            depths.append(0 if parent is None else depths[parent] + 1)
            yield self.comment(post, position, depths[-1] if self.has_levels else NOT_SHOWN)

    def comment(self, post: Post, position: int, depth: Shown[int]) -> Comment:
        """Return one post as a comment."""
        deletion = post.deletion
        icon = self.icon(post)
        title, paragraphs = self.parts(post)
        date = post.header.opening.date
        return Comment(
            native_id=None,
            position=position,
            parent_position=None if post.header.parent is None else post.header.parent + 1,
            depth=depth,
            author=self.author(post.header.text),
            icon=Icon(name=icon) if icon else None if self.has_icons and deletion is None else NOT_SHOWN,
            title=title,
            title_source=None if title is NOT_SHOWN else "slot" if self.has_slots else "guess",
            body_text="\n\n".join(paragraphs) or NOT_SHOWN,
            published_raw=date or NOT_SHOWN,
            published_source="text" if date else None,
            deletion=deletion,
            upvotes=post.votes[0] if post.votes else NOT_SHOWN,
            downvotes=post.votes[1] if post.votes else NOT_SHOWN,
        )

    def author(self, text: str) -> Shown[Author]:
        """Return the author that a header names, not shown where it names none."""
        if not text or wording.deletion(text):
            return NOT_SHOWN
        name, badge = name_and_badge(text)
        return Author(name=name or None, badge=badge or (None if self.has_badges else NOT_SHOWN))

    def icon(self, post: Post) -> str | None:
        """Return the icon's name: the line in its place, whether its name is known or not."""
        lead = post.lead
        if lead is None or lead in wording.ICONS:
            return lead
        if post.deletion is not None or not _may_be_icon(lead) or lead.removeprefix(_RE) in self.titles:
            return None
        has_title = len(post.texts) > 1 and not _reads_as_body(post.texts[0], None)
        return lead if self.is_apart or self.has_slots or has_title else None

    def has_title_apart(self, post: Post) -> bool:
        """Return whether a post shows that titles stand below a blank line, so that what stands above it is an icon."""
        is_plain = post.lead is None or post.lead in wording.ICONS
        return is_plain and len(post.texts) > 1 and post.gap == self.gap and not _reads_as_body(post.texts[0], None)

    def have_slots(self, posts: Sequence[Post]) -> bool:
        """Return whether titles have lines of their own: one is empty, and all other posts have a title there."""
        filled = [post for post in posts if not self.has_empty_slot(post)]
        if len(filled) == len(posts):
            return False
        firsts = [post.paragraphs[0] for post in filled]
        is_short = all("\n" not in first and len(first) <= _MAX_TITLE for first in firsts)
        return is_short and all(len(post.paragraphs) > 1 for post in filled)

    def has_empty_slot(self, post: Post) -> bool:
        """Return whether the place of a title is there and empty."""
        return not post.is_dense and post.gap > self.gap

    def texts(self, post: Post) -> tuple[str, ...]:
        """Return the texts of a post without its icon; the first may be its title."""
        return post.texts if post.lead is None or self.icon(post) else (post.lead, *post.texts)

    def parts(self, post: Post) -> tuple[Shown[str], tuple[str, ...]]:
        """Return title and paragraphs of a post."""
        texts = self.texts(post)
        if post.deletion is not None:
            return NOT_SHOWN, post.paragraphs if wording.deletion(post.header.text) else ()
        if post.header.title is not None:
            return post.header.title or None, post.paragraphs
        if not texts:
            return NOT_SHOWN, ()
        if self.is_titled(post, texts):
            return texts[0], texts[1:]
        return None, post.paragraphs if texts == post.texts else texts

    def is_titled(self, post: Post, texts: Sequence[str]) -> bool:
        """Tell whether the first of the texts is a title, by its place or, where that says nothing, by its look."""
        is_in_icons_place = post.lead is not None and texts[0] == post.lead
        if self.has_empty_slot(post) and not is_in_icons_place:
            return False
        if self.has_slots or texts[0].removeprefix(_RE) in self.titles:
            return True
        if len(texts) < 2:
            return texts[0].startswith(_RE) and not _reads_as_body(texts[0].removeprefix(_RE), None)
        if is_in_icons_place:
            return True
        if self.is_glued and not post.is_glued and not texts[0].startswith(_RE):
            return False
        parent = None if post.header.parent is None else self.posts[post.header.parent]
        if self.opens_short:
            return not _is_marked_body(texts[0], parent)
        return not _reads_as_body(texts[0], parent)

    def all_open_short(self, posts: Sequence[Post]) -> bool:
        """Return whether every post opens with one short line: then titles are sentences here, too."""
        opened = [post for post in posts if not self.has_empty_slot(post)]
        firsts = [self.texts(post)[0] for post in opened]
        # An empty place of a title is as good as a title in its place.
        many = sum(len(self.texts(post)) > 1 for post in opened) + len(posts) - len(opened)
        return many > 1 and not any(_is_marked_body(first, None) for first in firsts)


def _usual_gap(posts: Sequence[Post]) -> int:
    """Return how many blank lines stand before a title: one, unless the capture has more between all paragraphs."""
    spacings = [post.spacing for post in posts if post.spacing is not None]
    is_wide = len(posts) > 1 and bool(spacings) and min(spacings) > 1
    return max(min(post.gap for post in posts), 1) if is_wide else 1


def _is_glued(posts: Sequence[Post]) -> bool:
    """Return whether titles are followed by their bodies without a blank line."""
    dense = [post for post in posts if post.is_dense and len(post.texts) > 1]
    answers = [post.is_glued for post in dense if post.texts[0].startswith(_RE)]
    return any(answers) or 2 * sum(post.is_glued for post in dense) > len(dense)


def _shared_titles(posts: Sequence[Post]) -> frozenset[str]:
    """Return the titles that several posts share, at least one of them as "Re: X"."""
    firsts = [post.texts[0] for post in posts]
    counts = Counter(first.removeprefix(_RE) for first in firsts)
    return frozenset(title for title, count in counts.items() if count > 1) & {
        first.removeprefix(_RE) for first in firsts if first.startswith(_RE)
    }


def _may_be_icon(lead: str) -> bool:
    is_name = len(lead) <= _MAX_ICON and len(lead.split()) < 5 and lead[-1] not in ".:;,"
    return is_name and lead[0].isalnum() and not lead.startswith(_RE)


def _reads_as_body(text: str, parent: Post | None) -> bool:
    # Many titles ask or exclaim, few end with a full stop: ? and ! end no sentence here.
    is_sentence = text.rstrip("\"'”’)").endswith(".") and not text.endswith("..")
    return _is_marked_body(text, parent) or (is_sentence and not text.startswith(_RE))


def _is_marked_body(text: str, parent: Post | None) -> bool:
    is_marked = text.startswith(_BODY_MARKS) or NUMBERED.fullmatch(text) is not None
    if "\n" in text or len(text) > MAX_GUESS or is_marked:
        return True
    goes_on = text.rstrip("\"'”’)").endswith(_ENDS_NO_TITLE) and not text.startswith(_RE)
    return goes_on or (parent is not None and _quotes(text, parent))


def _quotes(text: str, parent: Post) -> bool:
    match = QUOTED.match(text)
    words = match[1].strip(" .…'’") if match else ""
    # The bounds keep a thousand replies to one endless post from taking a thousand times its length.
    return bool(words) and any(words in paragraph[:1_000] for paragraph in parent.paragraphs[:20])
