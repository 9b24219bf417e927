"""Coral's answers: a story with comments, further ones of it, or the replies of one comment."""

from dataclasses import dataclass
from typing import Any

from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Completeness, Link, Shown, Stub, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.coral import addresses, queries, refusals
from belowtheline.sites.coral.connections import Answer, Connection, connection_of, number, text
from belowtheline.sites.coral.stories import comment_link, declared_count, read_story
from belowtheline.sites.coral.trees import Missing, Tree, read_tree

_STORIES = ("story", "stream", "asset")


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer is about."""

    story: Answer | None
    """None where the answer does not name it."""
    found: Connection
    asked: Answer
    """The object whose comments these are, which carries the page's number."""
    parent: Shown[str] = None
    depth: Shown[int] = 0
    is_talk: bool = False

    @property
    def is_first(self) -> bool:
        """Whether the answer is a story's first, which tells how many comments there are."""
        return self.story is self.asked and bool(self.asked) and declared_count(self.asked) is not None


def form_of(value: object) -> Form | None:
    """Return what an answer is about, None where it holds no comments of Coral's."""
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, dict):
        return None
    stories = {name: data[name] for name in _STORIES if isinstance(data.get(name), dict)}
    for name, story in stories.items():
        if found := connection_of(story.get("comments")):
            return Form(story, found, story, is_talk=name == "asset")
    comment = data.get("comment")
    if found := connection_of(data.get("comments")):
        return _further(comment, found)
    if isinstance(comment, dict) and (found := connection_of(comment.get("replies"))):
        depth = number(comment.get("depth"))
        story = next((comment[name] for name in _STORIES if isinstance(comment.get(name), dict)), None)
        below = NOT_SHOWN if depth is None else depth + 1
        return Form(story or next(iter(stories.values()), None), found, comment, text(comment.get("id")), below)
    return None


def _further(comment: object, found: Connection) -> Form:
    """Return the form of Talk's list of further comments, which alone does not say whose they are."""
    if isinstance(comment, dict) and isinstance(comment.get("id"), str):
        asset = comment.get("asset")
        story = asset if isinstance(asset, dict) else None
        return Form(story, found, comment, comment["id"], NOT_SHOWN, is_talk=True)
    return Form(None, found, {}, NOT_SHOWN, NOT_SHOWN, is_talk=True)


def is_answer(value: object) -> bool:
    """Return whether a value is an answer of Coral's: comments as it names their parts, or a story without any."""
    try:
        form = form_of(value)
    except (AttributeError, KeyError, TypeError):
        return False
    if form is None:
        return False
    if not form.found.nodes:
        if form.found.is_unlike:
            return False
        return form.found.has_next is not None and not {"id", "url"}.isdisjoint(form.asked)
    first = form.found.nodes[0]
    names = ({"id", "body", "created_at"}, {"id", "body", "createdAt"})
    return isinstance(first, dict) and any(wanted <= first.keys() for wanted in names)


def parse_answer(page: Page, value: Any) -> ThreadPage:
    """Return the thread of an answer; raise ParseError where it is a refusal or holds no comments."""
    try:
        form = form_of(value)
        if form is None:
            raise ParseError(refusals.message(page, value))
        if form.found.is_unlike or not (form.found.nodes or form.found.says_end):
            raise KeyError("id")
        return _thread_page(page, form, has_errors=bool(value.get("errors")))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ParseError(
            f"{page.name} has comments in another form than this reader knows ({error!r}): the capture is kept, update "
            "the site's reader."
        ) from error


def _thread_page(page: Page, form: Form, has_errors: bool) -> ThreadPage:
    base = addresses.base_of(page.url)
    tree = read_tree(form.found, form.parent, form.depth, comment_link(form.story, form.is_talk))
    tree.missing = _unrefuted(form, tree)
    if form.found.has_next and isinstance(form.parent, str):
        tree.missing.append(Missing(form.parent, None, form.found.cursor, True))
    of_all = _missing_of_all(form, tree)
    return ThreadPage(
        thread=read_story(form.story, addresses.instance(base)),
        comments=tuple(tree.comments),
        stubs=(*map(_stub, [*tree.missing, of_all] if of_all else tree.missing), *tree.lost),
        links=_links(base, form, tree) if base else (),
        completeness=_completeness(form, tree, has_errors),
        form="json",
        disagreements=tree.disagreements,
        is_part=form.story is None,
    )


def _unrefuted(form: Form, tree: Tree) -> list[Missing]:
    """Return what is missing, without the replies that a comment counts where the story's own total leaves no room.

    Some publishers count replies twice, and removed ones are counted too; what Coral hands out is left as it is.
    """
    total = declared_count(form.asked) if form.is_first else None
    withheld = sum(gap.size or 1 for gap in tree.missing if not gap.can_be_had)
    if total is None or not withheld:
        return tree.missing
    held = sum(comment.deletion is None for comment in tree.comments)
    can_be_had = [gap for gap in tree.missing if gap.can_be_had]
    room = total - held - sum(gap.size or 1 for gap in can_be_had)
    return tree.missing if withheld <= room else can_be_had


def _missing_of_all(form: Form, tree: Tree) -> Missing | None:
    """Return what a story's first answer counts and does not hold, beside the replies known to be missing."""
    if not form.is_first:
        return None
    known = len(tree.comments) + sum(gap.size or 1 for gap in tree.missing) + sum(stub.count for stub in tree.lost)
    rest = max((declared_count(form.asked) or 0) - known, 0)
    return Missing(None, rest or None, None, bool(form.found.has_next)) if rest or form.found.has_next else None


def _stub(gap: Missing) -> Stub:
    """Return a stub for the replies of one comment, or for the rest of all: Coral counts them, and names none."""
    what = ("comments", "comment") if gap.parent is None else ("replies", "reply")
    how_many = f"more {what[0]}" if gap.size is None else f"{gap.size} {what[gap.size == 1]}"
    return Stub(
        native_id=None,
        parent_native_id=gap.parent,
        shown=how_many if gap.can_be_had else f"{how_many} counted and not handed out",
        count=gap.size or 1,
    )


def _links(base: str, form: Form, tree: Tree) -> tuple[Link, ...]:
    """Return requests for what the answer leaves out; each is one page further from the first."""
    page = (queries.page_number(form.asked) or 1) + 1
    links = [
        queries.replies_link(base, gap.parent, gap.cursor, page, form.is_talk)
        for gap in tree.missing
        if gap.can_be_had and gap.parent
    ]
    native_id = text((form.story or {}).get("id"))
    if form.parent is None and form.found.has_next and form.found.cursor and native_id:
        links.insert(0, queries.more_link(base, native_id, form.found.cursor, page, form.is_talk))
    return tuple(links)


def _completeness(form: Form, tree: Tree, has_errors: bool) -> Completeness:
    """Return what an answer proves: the first says how many comments there are, and each which replies it lacks."""
    count = declared_count(form.asked) if form.is_first else None
    has_all = not (form.found.has_next is not False or tree.missing or tree.lost)
    is_whole = count is not None and has_all and len(tree.comments) >= count
    number = queries.page_number(form.asked)
    return Completeness(
        page_number=1 if number is None and form.is_first and not is_whole else number,
        is_whole=is_whole and not has_errors,
        # What is left out where an answer has errors, it does not name.
        is_cut=has_errors,
        is_enumerated=form.is_first and form.found.has_next is not None,
        counts_visible=form.is_first,
    )
