"""THE schema: what a page can say of a thread, an article and its comments.

Names follow schema.org in snake_case; `*_at` is ISO 8601 in UTC with a final Z; `*_raw` is the text as published.
The data dictionary, the CSV header, the Datasette descriptions and the JSON Schema are derived from this file.

A field is NOT_SHOWN when the page does not show it at all (copied text has no dates), and None when the page shows
that there is none (a post without a title). What is not shown says nothing: the archive keeps what it held.
"""

import ast
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union

from belowtheline.reading.completeness import Completeness as Completeness
from belowtheline.reading.completeness import EmptyProof as EmptyProof

T = TypeVar("T")


class NotShown(Enum):
    """The type of NOT_SHOWN."""

    NOT_SHOWN = "not shown"

    def __repr__(self) -> str:
        return "NOT_SHOWN"


NOT_SHOWN = NotShown.NOT_SHOWN
Shown = Union[T, None, NotShown]  # noqa: UP007 - a generic alias, which | does not make on 3.11
"""A value, None where the page shows that there is none, or NOT_SHOWN where the page does not say."""

AuthorKind = Literal["account", "guest", "anonymous", "deleted"]
Deletion = Literal["author", "moderator", "unknown"]
Precision = Literal["second", "minute", "hour", "day", "month", "year"]
Source = Literal["epoch", "iso", "text", "relative", "dateparser", "assumed zone", "open"]
DateOrder = Literal["DMY", "MDY", "YMD"]


def shown(value: Shown[T]) -> T | None:
    """Return the value, with None for what is not shown."""
    return None if value is NOT_SHOWN else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What only some sites have, in one place instead of a column per site."""

    kind: str
    """What is said: score reason, editors' pick, reaction, award, flagged, karma, cleaned."""
    value: str | None = None
    """Its value as published; NULL where being marked is all there is."""


Marks = Union[tuple[Mark, ...], NotShown]  # noqa: UP007 - beside Shown, in the same words
"""All marks that a page shows, () where it shows that there are none, or NOT_SHOWN for a form without any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote a comment, as the page displays it."""

    name: str | None = None
    """Name as displayed, without the site's staff suffix; NULL where the page gives none."""
    native_id: Shown[str] = NOT_SHOWN
    """The site's own id of the account, always text."""
    profile_url: Shown[str] = NOT_SHOWN
    """Address of the account's page."""
    image_url: Shown[str] = NOT_SHOWN
    """Address of the account's picture."""
    kind: AuthorKind | None = None
    """account (registered), guest (a typed name), anonymous, or deleted (the account is gone); NULL where the page
    shows neither that there is an account nor that there is none, as copied text does not."""
    is_staff: bool | None = None
    """Whether the page says that the author works for the site."""
    badge: Shown[str] = NOT_SHOWN
    """Badge shown beside the name; it is the account's standing when the page was fetched, not when it was written."""
    marks: Marks = NOT_SHOWN
    """What else the site shows of the author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Icon:
    """The picture an author chose for one comment."""

    name: str | None
    """Name as published (the image's alternative text)."""
    image_url: Shown[str] = NOT_SHOWN
    """Address of the image; its last segment is the file name as published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A quoted span of a comment, found in its stored text."""

    field: Literal["title", "body"]
    """Which text holds the span."""
    start: int
    """First code point of the quoted words in that text, without the marks."""
    end: int
    """Code point after the last of the quoted words (half-open)."""
    text: str
    """The quoted words, exactly text[start:end]."""
    kind: Literal["quoted", "block", "unbalanced", "verbatim", "changed", "scare", "external"]
    """quoted (between marks), block (set apart or `>` lines), unbalanced (no closing mark); once linked, quoted is
    verbatim (the source has the same words), changed (its words with small changes or some left out), scare (1 to 3
    words without a source) or external (more words without one)."""
    source_type: Shown[Literal["article_title", "article_teaser", "article_body", "comment", "none"]] = NOT_SHOWN
    """What the words are from, an opener's text being its article's body; NULL until the thread was linked."""
    source_native_id: Shown[str] = NOT_SHOWN
    """Native id of the comment the words are from."""
    source_field: Shown[Literal["title", "body"]] = NOT_SHOWN
    """Which text of that comment holds them."""
    source_start: Shown[int] = NOT_SHOWN
    """First code point of the words in their source."""
    source_end: Shown[int] = NOT_SHOWN
    """Code point after the last of them in their source."""
    score: Shown[float] = NOT_SHOWN
    """How alike the words and their source are, of 100; less than 100 where any word was changed or left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyEdge:
    """One finding that a comment answers another; several rules may name the same one."""

    target_native_id: str
    """Native id of the comment it answers."""
    family: Literal["structural", "inferred"]
    """structural (the site's own link or nesting) or inferred (a rule of `btl link`); never mixed."""
    rule: str
    """site, or the rule that found it, as `btl link --method-version` lists them."""
    confidence: float
    """How sure the rule is, of 1."""
    combined: float
    """How sure all rules together are that name this comment, of 1."""
    evidence: Mapping[str, Any]
    """What the rule went by, its offsets being code points of the stored texts; empty for structural."""
    method_version: str | None
    """Version of the method that found it; NULL for structural."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One comment, as one page shows it."""

    native_id: str | None
    """The site's own id, always text, unique in its thread; NULL where the page shows none."""
    position: int
    """Place in thread order on this page, from 1."""
    parent_native_id: Shown[str] = NOT_SHOWN
    """Native id of the comment it answers, by the site's own link or nesting."""
    parent_position: int | None = None
    """Position on this page of the comment it answers, where only nesting says so and ids are not shown."""
    parent_url: Shown[str] = NOT_SHOWN
    """Address of the comment it answers, as that one's own `url`, where the page names its parent by that alone."""
    depth: Shown[int] = NOT_SHOWN
    """Levels of nesting above it; 0 is a comment on the article."""
    author: Shown[Author] = NOT_SHOWN
    """Who wrote it."""
    icon: Shown[Icon] = NOT_SHOWN
    """The picture chosen for it."""
    title: Shown[str] = NOT_SHOWN
    """Its title; blank is NULL."""
    re_title: str | None = None
    """X where the title is "Re: X"."""
    title_source: Literal["page", "slot", "guess"] | None = None
    """How the title was told from the body: page (markup), slot (a fixed line of copied text) or guess."""
    body_html: Shown[str] = NOT_SHOWN
    """Body as sanitised HTML; NULL for copied text."""
    body_text: Shown[str] = NOT_SHOWN
    """Body as text: blocks separated by one blank line, list items, `> ` before quoted lines; offsets stand on it."""
    published_at: Shown[str] = NOT_SHOWN
    """When it was published, ISO 8601 UTC."""
    published_raw: Shown[str] = NOT_SHOWN
    """The date as published."""
    published_precision: Precision | None = None
    """Smallest unit that the published date is sure of."""
    published_source: Source | None = None
    """How published_at was derived from published_raw: relative stands against the time of the capture; assumed zone
    is a time whose zone neither the page nor its site states, read as UTC; open is a date whose order, language or
    zone the page does not settle, or that is later than the capture, so that published_at is NULL."""
    edited_at: Shown[str] = NOT_SHOWN
    """When it was last edited, ISO 8601 UTC."""
    edited_raw: Shown[str] = NOT_SHOWN
    """The date of the edit as published."""
    is_edited: Shown[bool] = NOT_SHOWN
    """Whether the page says that it was edited."""
    deletion: Shown[Deletion] = NOT_SHOWN
    """Who deleted it, where the page says that it was: author, moderator or unknown; NULL while it stands."""
    upvotes: Shown[int] = NOT_SHOWN
    """Votes for it when the page was fetched."""
    downvotes: Shown[int] = NOT_SHOWN
    """Votes against it when the page was fetched."""
    score: Shown[int] = NOT_SHOWN
    """Score when the page was fetched, where the site shows one number."""
    url: Shown[str] = NOT_SHOWN
    """Permanent address."""
    marks: Marks = NOT_SHOWN
    """What else the site shows of it."""
    quotes: tuple[Quote, ...] = ()
    """Quoted spans found in title and body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """A comment known to exist whose text the page does not hold, or several of which the page says no more."""

    native_id: str | None
    """The site's own id; NULL where the page names none, as "continue this thread" and "load more" do."""
    parent_native_id: Shown[str] = NOT_SHOWN
    """Native id of the comment it answers."""
    shown: str | None = None
    """What the page shows of it."""
    url: str | None = None
    """Address where the rest may be had; NULL where a GET does not bring it."""
    count: int = 1
    """How many comments it stands for; without an id, at least so many below its parent beside those shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The article a thread stands under, as far as the thread's page shows it."""

    url: Shown[str] = NOT_SHOWN
    """Address of the article."""
    headline: Shown[str] = NOT_SHOWN
    """Headline as published."""
    teaser: Shown[str] = NOT_SHOWN
    """Introduction shown above the thread."""
    body_text: Shown[str] = NOT_SHOWN
    """Text of the article, where it is held."""
    published_at: Shown[str] = NOT_SHOWN
    """When it was published, ISO 8601 UTC."""
    published_raw: Shown[str] = NOT_SHOWN
    """The date as published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A comment thread; (site, instance, native_id) is its identity, whatever its addresses."""

    site: str
    """Name of the site, as `btl sites` lists it."""
    instance: str = ""
    """Empty on the site's own hosts, else the host that served the page or that its source names, without port; on
    platforms the host, forum or publisher."""
    native_id: str | None
    """The site's own key of the thread; a provisional one starts with `~` and is the hash of headline and opening."""
    url: Shown[str] = NOT_SHOWN
    """Canonical address."""
    title: Shown[str] = NOT_SHOWN
    """Title of the thread."""
    is_closed: Shown[bool] = NOT_SHOWN
    """Whether the page says that no more posts are taken."""
    declared_count: Shown[int] = NOT_SHOWN
    """How many comments the page says there are."""
    article: Article = field(default_factory=Article)
    """The article it stands under."""
    author: Shown[Author] = NOT_SHOWN
    """Who opened it, where a thread has an opener."""
    published_at: Shown[str] = NOT_SHOWN
    """When it was opened, ISO 8601 UTC."""
    published_raw: Shown[str] = NOT_SHOWN
    """The date of the opening as published."""
    body_html: Shown[str] = NOT_SHOWN
    """The opener's text as sanitised HTML."""
    body_text: Shown[str] = NOT_SHOWN
    """The opener's text."""
    score: Shown[int] = NOT_SHOWN
    """Score of the opener's post."""
    marks: Marks = NOT_SHOWN
    """What else the site shows of the thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A request that would show more of the thread."""

    url: str
    """Address."""
    method: str = "GET"
    """HTTP method; some sites page by POST."""
    body: str = ""
    """Body of the request, empty for GET."""
    kind: Literal["page", "fallback", "article", "article text", "icon"] = "page"
    """page (another page of the thread), fallback (another way, since one failed), article (it leads to a thread),
    article text (the thread's article, for its words) or icon (an icon's image)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What only a site knows and the general stages need."""

    timezone: str | None = "UTC"
    """IANA zone in which its dates stand when they name none; None where no page tells it."""
    date_formats: tuple[str, ...] = ()
    """Its formats in strptime's letters, tried in this order."""
    date_order: DateOrder | None = None
    """Order of an all-number date, unless the dates of a page contradict it; None where only they can tell."""
    languages: tuple[str, ...] = ("en",)
    """Codes of the languages that name its months and weekdays; () where each page tells by its dates."""
    staff_suffixes: tuple[str, ...] = ()
    """Texts after a name that say that the author is staff."""
    anonymous_names: frozenset[str] = frozenset()
    """Names that stand for nobody in particular, unless an account bears them."""
    deleted_names: frozenset[str] = frozenset()
    """Names that stand for an account that is gone."""
    floors: tuple[tuple[str, float], ...] = ()
    """Field and least share of comments that show it, as its site states them; below it the layout has changed."""


_SAYS_NOTHING = Completeness()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPage:
    """One page of one thread: the unit of work, of memory and of transaction."""

    thread: Thread
    """The thread, as this page shows it."""
    comments: tuple[Comment, ...] = field(default=(), repr=False)
    """Comments in page order."""
    stubs: tuple[Stub, ...] = field(default=(), repr=False)
    """Comments known to exist whose text is elsewhere."""
    links: tuple[Link, ...] = ()
    """Other pages of the same thread."""
    foreign_links: tuple[Link, ...] = ()
    """What the page calls other pages of the thread, on hosts that do not speak for it; it is not asked for."""
    conventions: Conventions = Conventions()
    """What the general stages need to know of the site."""
    completeness: Completeness = _SAYS_NOTHING
    """What the page says about itself."""
    form: Literal["html", "copied text", "json", "xml"] = "html"
    """Which kind of source it is; copied text proves no end and no absence."""
    disagreements: int = 0
    """How often nesting and reply link disagreed on the parent; the link was kept."""
    fetched_at: str | None = None
    """When the page was fetched, ISO 8601 UTC; NULL where nobody knows."""
    is_unaddressed: bool = False
    """Whether nobody knows from which host it came."""
    is_foreign: bool = False
    """Whether it came from a host that is none of those that its site names as its own."""
    is_part: bool = False
    """Whether the page does not name its thread, as an answer about one comment: it joins the thread being read."""
    charset_label: str | None = None
    """What the page or its server calls its character set, where the bytes refute that or no such set exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One fetch or one file taken in: where its bytes are, and when and whence they came."""

    url: str
    """Address the bytes came from; a file: address for what was ingested without one."""
    fetched_at: str | None
    """When, ISO 8601 UTC."""
    fetched_at_source: Literal["response", "warc", "option", "file"] | None
    """How the time is known: the response, WARC-Date, --fetched-at, or the file's own time, which is a guess."""
    address_source: Literal["served", "warc", "page", "option"] | None = None
    """How the address is known: served (its server answered), warc (a WARC file claims it), page (a saved page claims
    it) or option (--url); NULL where none is known, or an older btl kept a file."""
    method: str = "GET"
    """HTTP method."""
    status: int | None = None
    """HTTP status; NULL for what was ingested."""
    content_type: str | None = None
    """Content-Type as sent."""
    sha256: str
    """SHA-256 of the payload as it stands in the WARC record."""
    warc_file: str
    """Name of the WARC file beside the database."""
    warc_offset: int
    """Byte at which the record's gzip member starts."""
    warc_length: int | None = None
    """Bytes of the record's gzip member; NULL where an older btl wrote it."""
    warc_sha256: str | None = None
    """SHA-256 of those bytes as they lie in the file; NULL where an older btl wrote it."""


@cache
def described(cls: type) -> Mapping[str, str]:
    """Return the docstring of each field of a schema class, in its order."""
    body = ast.parse(inspect.getsource(cls)).body[0]
    assert isinstance(body, ast.ClassDef)
    texts: dict[str, str] = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(following, ast.Expr):
            assert isinstance(statement.target, ast.Name)
            texts[statement.target.id] = ast.literal_eval(following.value)
    return texts
