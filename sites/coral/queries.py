"""What is asked of Coral: a story with its first comments, further ones, and replies that were left out.

Comments are asked for oldest first, so that what is written during a crawl comes at the end. A cursor is a time, so
that what is deleted meanwhile shifts nothing. An answer does not say how far in its thread it stands: a further
request therefore asks for an id once more under the name `page_2`, which the answer repeats.
"""

import json
import re
from typing import NamedTuple

from belowtheline.reading.items import Link
from belowtheline.sites.coral.addresses import GRAPH, TALK_GRAPH

_PAGE = re.compile(r"page_(\d{1,6})$")
_LEVELS = 3
"""How many levels of replies come with a comment; what is below is asked for by itself."""
_TOP, _REPLIES = 50, 20


class Queries(NamedTuple):
    """The three requests in the words of one generation; `PAGE` stands for the name that carries the page's number."""

    path: str
    story: str
    more: str
    replies: str


def _nested(fields: str, replies: str, connection: str) -> str:
    """Return the selection of a comment with its levels of replies."""
    selected = fields
    for _ in range(_LEVELS):
        selected = f"{fields} {replies}{{{connection % selected}}}"
    return connection % selected


_FIELDS = (
    "fragment said on Comment{id createdAt body status deleted depth parent{id} replyCount rating tags{code}"
    " editing{edited} actionCounts{reaction{total}} author{id username avatar badges bio}"
    " revision{createdAt media{__typename ... on GiphyMedia{url} ... on TwitterMedia{url} ... on YouTubeMedia{url}"
    " ... on ExternalMedia{url}}}}"
)
_TREE = _nested(
    "...said",
    f"replies(first:{_REPLIES},orderBy:CREATED_AT_ASC)",
    "edges{node{%s}}pageInfo{hasNextPage endCursor}",
)
_CORAL = Queries(
    path=GRAPH,
    story="query Story($id:ID,$url:String){story(id:$id,url:$url){id url isClosed closedAt settings{mode}"
    " metadata{title author description publishedAt section} commentCounts{totalPublished tags{FEATURED}}"
    f" comments(first:{_TOP},orderBy:CREATED_AT_ASC){{{_TREE}}}}}}}{_FIELDS}",
    more="query More($id:ID,$after:Cursor){story(id:$id){id PAGE:id url"
    f" comments(first:{_TOP},after:$after,orderBy:CREATED_AT_ASC){{{_TREE}}}}}}}{_FIELDS}",
    replies="query Replies($id:ID!,$after:Cursor){comment(id:$id){id PAGE:id depth replyCount story{id url}"
    f" replies(first:{_TOP},after:$after,orderBy:CREATED_AT_ASC){{{_TREE}}}}}}}{_FIELDS}",
)

_TALK_FIELDS = (
    "fragment said on Comment{id created_at body status parent{id} replyCount tags{tag{name}} editing{edited}"
    " action_summaries{__typename count} user{id username created_at}}"
)
_TALK_TREE = _nested(
    "...said",
    f"replies(query:{{limit:{_REPLIES},sortOrder:ASC}})",
    "nodes{%s}hasNextPage endCursor",
)
_TALK = Queries(
    path=TALK_GRAPH,
    story="query Story($id:ID,$url:String){asset(id:$id,url:$url){id url title isClosed closedAt created_at author"
    f" totalCommentCount comments(query:{{limit:{_TOP},sortOrder:ASC}}){{{_TALK_TREE}}}}}}}{_TALK_FIELDS}",
    more="query More($id:ID,$after:Cursor){asset(id:$id){id PAGE:id url"
    f" comments(query:{{limit:{_TOP},cursor:$after,sortOrder:ASC}}){{{_TALK_TREE}}}}}}}{_TALK_FIELDS}",
    replies="query Replies($id:ID!,$after:Cursor){comment(id:$id){id PAGE:id asset{id url}}"
    f" comments(query:{{parent_id:$id,limit:{_TOP},cursor:$after,sortOrder:ASC}}){{{_TALK_TREE}}}}}{_TALK_FIELDS}",
)


def queries_of(is_talk: bool) -> Queries:
    """Return the requests in the words of Talk, or of Coral."""
    return _TALK if is_talk else _CORAL


def story_link(base: str, native_id: str | None, url: str | None, is_talk: bool = False) -> Link:
    """Return the request for a story, by its id, its address, or both."""
    queries = queries_of(is_talk)
    return _link(base + queries.path, queries.story, {"id": native_id, "url": url})


def more_link(base: str, native_id: str, cursor: str, page: int, is_talk: bool) -> Link:
    """Return the request for comments on the story itself that come after a cursor."""
    queries = queries_of(is_talk)
    return _link(base + queries.path, _numbered(queries.more, page), {"id": native_id, "after": cursor})


def replies_link(base: str, comment: str, cursor: str | None, page: int, is_talk: bool) -> Link:
    """Return the request for a comment's replies, all of them or those after a cursor."""
    queries = queries_of(is_talk)
    return _link(base + queries.path, _numbered(queries.replies, page), {"id": comment, "after": cursor})


def page_number(asked: dict[str, object]) -> int | None:
    """Return the number of the page that the object asked for carries, None for one of others' requests.

    >>> page_number({"id": "kettle-1", "page_2": "kettle-1"})
    2
    """
    return next((int(found[1]) for name in asked if (found := _PAGE.match(name))), None)


def _numbered(query: str, page: int) -> str:
    return query.replace("PAGE", f"page_{page}")


def _link(url: str, query: str, variables: dict[str, str | None]) -> Link:
    given = {name: value for name, value in variables.items() if value is not None}
    return Link(url=url, method="POST", body=json.dumps({"query": query, "variables": given}, ensure_ascii=False))
