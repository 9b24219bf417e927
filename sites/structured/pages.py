"""Pages: which notation has the comments, which article they are on, and the thread that comes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from belowtheline.reading.counts import Count, read_count
from belowtheline.reading.elsewhere import keeper_of
from belowtheline.reading.entries import unnamed
from belowtheline.reading.errors import ParseError
from belowtheline.reading.instants import utc
from belowtheline.reading.items import (
    NOT_SHOWN,
    Article,
    Comment,
    Completeness,
    Conventions,
    Link,
    Shown,
    Thread,
    ThreadPage,
)
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.sites.structured import addresses
from belowtheline.sites.structured.clocks import with_zones
from belowtheline.sites.structured.comments import (
    author_of,
    body_of,
    count_of,
    counted_of,
    date_of,
    filled,
    text_of,
)
from belowtheline.sites.structured.jsonld import read_jsonld
from belowtheline.sites.structured.microdata import read_microdata
from belowtheline.sites.structured.microformats import read_microformats
from belowtheline.sites.structured.nodes import OPENERS, TEXTS, Html, Node, Reading
from belowtheline.sites.structured.tabs import without_repeats
from belowtheline.sites.structured.trees import read_comments

NAME = "structured"
CONVENTIONS = Conventions(
    timezone=None,
    languages=(),
    anonymous_names=frozenset({"Anonymous", "Anonym", "Anonyme", "Anónimo", "Anonimo", "Anoniem"}),
)
"""Dates in words are rare here; a site's zone is not on its pages."""

_NOTATIONS = ("schema.org", "h-entry", "h-cite", "hentry")


@dataclass(frozen=True, slots=True)
class _Head:
    """What a page's links and meta elements say, the first of each name."""

    said: dict[str, str]
    url: str


def has_comments(page: Page) -> bool:
    """Return whether a page marks up at least one comment that has a text."""
    if not page.looks_like_html or not any(sign in page.text for sign in _NOTATIONS):
        return False
    return any(_texts(reading) for reading in _readings(page, _head(page).url))


def parse_page(page: Page) -> tuple[ThreadPage, ...]:
    """Return the thread of a page, or its threads where the comments are on several articles."""
    if not page.looks_like_html:
        raise ParseError(f"{page.name} is no HTML: looked for comments that are marked up; save the page itself.")
    head = _head(page)
    readings = _readings(page, head.url)
    best = max(readings, key=_texts)
    if not _texts(best):
        raise ParseError(_nothing(page, readings))
    if not head.url:
        raise ParseError(f"{page.name} does not say where it is from: give its address with --url.")
    return tuple(_thread_page(page, head, group, best, readings) for group in _groups(best, head.url))


def _readings(page: Page, url: str) -> list[Reading]:
    """Return what each notation says; of those that say the same, the first has the text as it is shown."""
    return [
        without_repeats(reading) for reading in (read_microdata(page), read_microformats(page, url), read_jsonld(page))
    ]


def _texts(reading: Reading) -> int:
    return sum(node.text(*TEXTS, "description") is not None for node in reading.comments)


def _nothing(page: Page, readings: Sequence[Reading]) -> str:
    if held := sum(len(reading.comments) for reading in readings):
        return (
            f"{page.name} has a layout this reader does not know: found {held} comments and no text in any of them; "
            "the capture is kept, update the site's reader."
        )
    bad = any(mark.kind == _UNREADABLE for reading in readings for mark in reading.marks)
    also = " (some of its JSON-LD is not valid JSON)" if bad else ""
    keeper = keeper_of(page, NAME)
    also += f", and {keeper.sentence}" if keeper is not None else ""
    return (
        f"{page.name} marks up no comments{also}: looked for items of schema.org's type Comment and for entries "
        "with the class u-comment; read it as another site's (see `btl sites`)."
    )


_UNREADABLE = "unreadable JSON-LD"
_META = ("canonical", "next", "prev", "og:url", "og:title", "og:description", "description", "article:published_time")


def _head(page: Page) -> _Head:
    said: dict[str, str] = {}
    for element in page.root.iter("link", "meta"):
        name = element.get("rel") or element.get("property") or element.get("name") or ""
        value = (element.get("href") or element.get("content") or "").strip()
        if name in _META and value:
            said.setdefault(name, value)
    return _Head(said, _url(page, said))


def _url(page: Page, said: dict[str, str]) -> str:
    """Return the thread's address: what the page calls canonical, unless that is the front page, else its own."""
    own = addresses.resolve(page.url or "", "")
    for name in ("canonical", "og:url"):
        url = addresses.resolve(said.get(name, ""), own or "") if name in said else None
        if url and (own is None or addresses.key(url) != "/"):
            return addresses.thread_url(url)
    return addresses.thread_url(own) if own else ""


@dataclass(slots=True)
class _Group:
    """The comments on one article."""

    url: str
    owner: Node | None
    is_alone: bool = False
    comments: list[Node] = field(default_factory=list)
    missing: list[Node] = field(default_factory=list)


def _groups(reading: Reading, url: str) -> list[_Group]:
    """Return the comments by what they are on; where that is one article it is the page's, whatever it says."""
    owners = _owners([*reading.comments, *reading.missing])
    keys = {owner: _key(owner, url) for owner in set(owners.values())}
    groups: dict[str, _Group] = {}
    for node in reading.comments:
        key = keys[owners[node]]
        if key not in groups:
            groups[key] = _Group(key, owners[node])
        groups[key].comments.append(node)
    if len(groups) == 1:
        (group,) = groups.values()
        return [replace(group, url=url, is_alone=True, missing=reading.missing)]
    for node in reading.missing:
        if (key := keys[owners[node]]) in groups:
            groups[key].missing.append(node)
    return list(groups.values())


def _key(owner: Node | None, url: str) -> str:
    address = addresses.resolve(owner.address() or "", url) if owner is not None else None
    return url if address is None or addresses.same_thread(address, url) else addresses.thread_url(address)


def _owners(nodes: Sequence[Node]) -> dict[Node, Node | None]:
    """Return what each comment is on: what the comment at the top of its branch is on."""
    owners: dict[Node, Node | None] = {}
    for node in nodes:
        path: list[Node] = []
        step: Node | None = node
        while step is not None and step not in owners:
            owners[step] = step.owner
            path.append(step)
            step = step.above
        owner = owners[step] if step is not None else path[-1].owner
        owners.update(dict.fromkeys(path, owner))
    return owners


def _thread_page(page: Page, head: _Head, group: _Group, best: Reading, readings: Sequence[Reading]) -> ThreadPage:
    posts = list(_posts(group, [best, *(reading for reading in readings if reading is not best)]))
    found = read_comments(group.comments, group.missing, posts, group.url)
    marks = [mark for reading in readings for mark in reading.marks if group.is_alone]
    others = [reading for reading in readings if reading is not best and reading.comments]
    thread = _thread(page, head, group.url, posts)
    comments = tuple(_filled(found.comments, others, group.url)) if others else found.comments
    comments, article = with_zones(page, comments, thread.article)
    return ThreadPage(
        thread=replace(thread, article=article, marks=tuple(dict.fromkeys(marks))),
        comments=comments,
        stubs=(*found.stubs, *unnamed(best.lost if group.is_alone else 0)),
        links=tuple(_links(page, head)),
        conventions=CONVENTIONS,
        completeness=Completeness(
            page_number=addresses.page_number(page.url or head.said.get("canonical")),
            is_cut=page.is_cut,
            count_least=count.least if (count := _declared_count(posts)) and count.least < count.value else None,
        ),
        disagreements=found.disagreements,
    )


def _posts(group: _Group, readings: Sequence[Reading]) -> Iterator[Node]:
    """Yield what the comments are on, as each notation has it."""
    if group.owner is not None:
        yield group.owner
    for reading in readings:
        articles = [node for node in reading.articles if node is not group.owner]
        same = [node for node in articles if (found := node.address()) and _is_at(found, group.url)]
        yield from same or (articles if len(articles) == 1 and not articles[0].address() else ())


def _is_at(address: str, url: str) -> bool:
    resolved = addresses.resolve(address, url)
    return resolved is not None and addresses.same_thread(resolved, url)


def _filled(comments: Sequence[Comment], others: Sequence[Reading], url: str) -> Iterator[Comment]:
    """Yield comments with what another notation says of those of the same id."""
    known: dict[str, Comment] = {}
    for reading in others:
        for other in read_comments(reading.comments, (), reading.articles, url).comments:
            if other.native_id is not None:
                known.setdefault(other.native_id, replace(other, title=NOT_SHOWN, body_html=NOT_SHOWN))
    for comment in comments:
        other_one = known.get(comment.native_id or "")
        yield filled(comment, other_one) if other_one is not None else comment


def _thread(page: Page, head: _Head, url: str, posts: Sequence[Node]) -> Thread:
    raw = next(filter(None, map(date_of, posts)), head.said.get("article:published_time"))
    headline = _headline(page, head, posts)
    thread = Thread(
        site=NAME,
        instance=addresses.host(page.url) or addresses.host(url),
        native_id=addresses.key(url),
        url=url,
        title=headline,
        declared_count=NOT_SHOWN if (count := _declared_count(posts)) is None else count.value,
    )
    opener = next((post for post in posts if not OPENERS.isdisjoint(post.types)), None)
    if opener is not None:
        return _opened(thread, opener, url)
    teaser = next(filter(None, map(_teaser, posts)), head.said.get("og:description") or head.said.get("description"))
    article = Article(
        url=url,
        headline=headline,
        teaser=teaser or NOT_SHOWN,
        published_raw=raw or NOT_SHOWN,
    )
    return replace(thread, article=article)


def _opened(thread: Thread, post: Node, url: str) -> Thread:
    """Return a thread that a post opened, which is what it is about."""
    raw = date_of(post)
    at = utc(raw)
    return replace(
        thread,
        author=author_of(post, url),
        published_at=at,
        published_raw=NOT_SHOWN if raw is None or at is not NOT_SHOWN else raw,
        body_html=body_of(post) or NOT_SHOWN,
        score=count_of(post, "upvoteCount", "LikeAction"),
    )


def _headline(page: Page, head: _Head, posts: Sequence[Node]) -> Shown[str]:
    said = next(filter(None, (post.text("headline", "name") for post in posts)), None) or head.said.get("og:title")
    return " ".join((said or visible(page.root.find(".//title"))).split()) or NOT_SHOWN


def _teaser(post: Node) -> str | None:
    """Return an article's description, unless it is the article's own text under that name."""
    said = post.text("description")
    if said is None or said in post.texts(*TEXTS):
        return None
    return text_of(said) if isinstance(said, Html) else said


def _declared_count(posts: Sequence[Node]) -> Count | None:
    """Return how many comments the article says it has."""
    for post in posts:
        if (count := counted_of(post, "commentCount", "CommentAction", "ReplyAction")) is not None:
            return count
        for said in post.texts("interactionCount"):
            kind, _, number = said.partition(":")
            if kind.rpartition("/")[2] == "UserComments" and (count := read_count(number)) is not None:
                return count
    return None


def _links(page: Page, head: _Head) -> Iterator[Link]:
    """Yield the pages of comments before and after this one, where the head links to them."""
    base = page.url or head.url
    for name in ("next", "prev"):
        url = addresses.resolve(head.said.get(name, ""), base) if name in head.said else None
        is_page = url is not None and addresses.same_thread(url, head.url)
        if url and is_page and addresses.page_number(url) != addresses.page_number(base):
            yield Link(url=addresses.at_host_of(url, page.url))
