"""Invented answers of the platforms that hand out JSON, with the fields that theirs have."""

import json
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from bench.made import Remark, tops

Answer = dict[str, Any]


def coral(thread: Sequence[Remark]) -> bytes:
    """Return a whole story."""
    story = {
        "id": "kettles",
        "url": "https://www.gazette.example/2024/05/kettles",
        "isClosed": False,
        "closedAt": None,
        "settings": {"mode": "COMMENTS"},
        "metadata": {
            "title": "Do kettles need updates?",
            "author": "Jo Penn",
            "publishedAt": "2024-05-01T08:00:00.000Z",
        },
        "commentCounts": {"totalPublished": len(thread)},
        "comments": _connection(tops(thread)),
    }
    return encoded({"data": {"story": story}})


def _connection(found: Sequence[Remark]) -> Answer:
    edges = [{"cursor": remark.iso, "node": _coral_comment(remark)} for remark in found]
    return {"edges": edges, "pageInfo": {"endCursor": found[-1].iso if found else None, "hasNextPage": False}}


def _coral_comment(remark: Remark) -> Answer:
    above = remark.above
    return {
        "__typename": "Comment",
        "id": f"c{remark.number}",
        "createdAt": remark.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "body": remark.html,
        "status": "NONE",
        "deleted": False,
        "depth": remark.depth,
        "replyCount": len(remark.replies),
        "tags": [],
        "editing": {"edited": False, "editableUntil": remark.iso},
        "actionCounts": {"reaction": {"total": remark.number % 9}},
        "author": {"id": f"u-{remark.name}", "username": remark.name, "badges": None, "avatar": None},
        "parent": {"id": f"c{above.number}"} if above is not None else None,
        "replies": _connection(remark.replies),
    }


def discourse(thread: Sequence[Remark]) -> bytes:
    """Return a topic with all its posts; the first is what the others are on."""
    opener = Remark(100_000, "Ada", thread[0].html, None)
    posts = [_post(opener, 1, None), *(_post(remark, *_post_numbers(remark)) for remark in thread)]
    stream = {"posts": posts, "stream": [post["id"] for post in posts]}
    topic = {"id": 77, "title": "Kettle care", "slug": "kettle-care", "posts_count": len(posts), "closed": False}
    return encoded({**topic, "post_stream": stream, "created_at": opener.iso})


def topic_of_posts(native_id: int, posts: list[Answer], stream: list[int]) -> Answer:
    """Return a topic with some of its posts and the ids of all."""
    topic = {"id": native_id, "title": "Kettle care", "slug": "kettle-care", "posts_count": len(stream)}
    return {**topic, "closed": False, "post_stream": {"posts": posts, "stream": stream}}


def topic_post(remark: Remark) -> Answer:
    """Return a post of a topic whose first post is its first remark."""
    number, above = _post_numbers(remark)
    return _post(remark, number - 1, above - 1 if above is not None else None)


def _post_numbers(remark: Remark) -> tuple[int, int | None]:
    return remark.number - 99_999, remark.above.number - 99_999 if remark.above is not None else None


def _post(remark: Remark, number: int, above: int | None) -> Answer:
    user = remark.name.replace(" ", "_").lower()
    created = remark.at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    nothing = dict.fromkeys(
        (
            "primary_group_name",
            "flair_name",
            "flair_url",
            "flair_bg_color",
            "flair_group_id",
            "user_title",
            "deleted_at",
        )
    )
    refused = dict.fromkeys(
        ("yours", "can_edit", "can_delete", "can_recover", "can_wiki", "moderator", "admin", "staff"),
        False,
    )
    return {
        "id": remark.number, "name": remark.name, "username": user, "created_at": created, "cooked": remark.html,
        "avatar_template": f"/user_avatar/forum.example.org/{user}/{{size}}/7_2.png", "post_number": number,
        "post_type": 1, "updated_at": created, "reply_count": len(remark.replies), "reply_to_post_number": above,
        "quote_count": 0, "incoming_link_count": 0, "reads": 5, "score": 1.2, "topic_id": 77,
        "topic_slug": "kettle-care", "display_username": remark.name, "version": 1, "actions_summary": [],
        "badges_granted": [],
        "user_id": crc32(user.encode()), "hidden": False, "trust_level": 1, "user_deleted": False, "wiki": False,
        "post_url": f"/t/kettle-care/77/{number}", **nothing, **refused,
    }  # fmt: skip


def disqus(thread: Sequence[Remark]) -> bytes:
    """Return the one page of a thread's posts."""
    cursor = {"prev": None, "hasNext": False, "next": "1:0:0", "hasPrev": False, "total": None, "id": "0:0:0"}
    return encoded({"cursor": cursor, "code": 0, "response": [_disqus_post(remark) for remark in thread]})


def _disqus_post(remark: Remark) -> Answer:
    picture = {"permalink": "https://disqus.com/api/users/avatars/11.jpg", "cache": "//a.disquscdn.example/92.png"}
    user = remark.name.replace(" ", "_").lower()
    author = {
        "id": f"{remark.number % 97}", "username": user, "name": remark.name, "about": "", "isAnonymous": False,
        "isPowerContributor": False, "isPrivate": False, "isPrimary": True, "joinedAt": "2019-01-01T00:00:00",
        "profileUrl": f"https://disqus.com/by/{user}/", "url": "", "location": "", "rep": 1.2, "reputation": 1.2,
        "avatar": {**picture, "small": picture, "large": picture, "isCustom": False},
    }  # fmt: skip
    return {
        "id": str(remark.number), "parent": remark.above.number if remark.above is not None else None,
        "thread": "700", "forum": "kettles", "author": author, "message": remark.html, "raw_message": remark.html,
        "createdAt": remark.iso.removesuffix("Z"), "likes": 3, "dislikes": 1, "points": 2, "numReports": 0,
        "isEdited": False, "isDeleted": False, "isDeletedByAuthor": False, "isSpam": False, "isFlagged": False,
        "isApproved": True, "isHighlighted": False, "canVote": True, "media": [], "moderationLabels": [],
        "depth": remark.depth, "hasMore": False,
    }  # fmt: skip


def guardian(thread: Sequence[Remark]) -> bytes:
    """Return a whole discussion, which nests one level and names what each response answers."""
    web = "https://www.theguardian.com/food/2024/may/06/kettles"
    discussion = {
        "key": "/p/4k7x2", "webUrl": web, "commentCount": len(thread), "topLevelCommentCount": len(tops(thread)),
        "isClosedForComments": False, "isClosedForRecommendation": False, "isThreaded": True, "title": "Kettles",
        "comments": [
            {**_guardian_comment(top), "responses": [_guardian_comment(each) for each in _below(top)]}
            for top in tops(thread)
        ],
    }  # fmt: skip
    head = {"status": "ok", "page": 1, "pages": 1, "pageSize": len(thread), "orderBy": "oldest"}
    return encoded({**head, "discussion": discussion})


def _below(remark: Remark) -> list[Remark]:
    return [each for reply in remark.replies for each in (reply, *_below(reply))]


def _guardian_comment(remark: Remark) -> Answer:
    api, user = "https://discussion.theguardian.com/discussion-api", str(remark.number % 97)
    said: Answer = {
        "id": remark.number, "body": remark.html, "date": remark.at.strftime("%d %B %Y %I:%M%p"),
        "isoDateTime": remark.iso, "status": "visible", "numRecommends": 3, "isHighlighted": False,
        "webUrl": f"https://discussion.theguardian.com/comment-permalink/{remark.number}",
        "apiUrl": f"{api}/comment/{remark.number}",
        "userProfile": {
            "userId": user, "displayName": remark.name, "webUrl": f"https://profile.theguardian.com/user/id/{user}",
            "apiUrl": f"{api}/profile/{user}", "avatar": f"https://avatar.guim.co.uk/user/{user}",
            "secureAvatarUrl": f"https://avatar.guim.co.uk/user/{user}", "badge": [],
        },
    }  # fmt: skip
    if remark.above is not None:
        above = remark.above
        said["responseTo"] = {
            "displayName": above.name, "commentApiUrl": f"{api}/comment/{above.number}", "isoDateTime": above.iso,
            "date": above.iso, "commentId": str(above.number), "commentWebUrl": "",
        }  # fmt: skip
    return said


def algolia(thread: Sequence[Remark]) -> bytes:
    """Return a story of Hacker News as its search hands it out."""
    story = {
        "id": 101, "created_at": "2024-05-06T07:00:00Z", "created_at_i": 1714978800, "type": "story", "author": "ada",
        "title": "Kettles", "url": "https://kettles.example/", "text": None, "points": 7, "parent_id": None,
        "story_id": None, "options": [],
    }  # fmt: skip
    return encoded({**story, "children": [_algolia_comment(top) for top in tops(thread)]})


def _algolia_comment(remark: Remark) -> Answer:
    return {
        "id": remark.number, "created_at": remark.iso, "created_at_i": int(remark.at.timestamp()), "type": "comment",
        "author": remark.name.replace(" ", "_"), "title": None, "url": None, "text": remark.html, "points": None,
        "parent_id": remark.above.number if remark.above is not None else 101, "story_id": 101, "options": [],
        "children": [_algolia_comment(reply) for reply in remark.replies],
    }  # fmt: skip


def lobsters(thread: Sequence[Remark]) -> bytes:
    """Return a story with all its comments."""
    story = {
        "short_id": "askt3a", "created_at": "2024-05-06T01:00:00.000-06:00", "title": "What do you brew?", "url": "",
        "score": 9, "flags": 0, "comment_count": len(thread), "description": "", "tags": ["ask"],
        "submitter_user": "ann", "comments_url": "https://lobste.rs/s/askt3a/what_do_you_brew",
    }  # fmt: skip
    return encoded({**story, "comments": [_lobsters_comment(remark) for remark in thread]})


def _lobsters_comment(remark: Remark) -> Answer:
    return {
        "short_id": f"c{remark.number}", "created_at": remark.iso, "last_edited_at": remark.iso, "is_deleted": False,
        "is_moderated": False, "score": 3, "flags": 0, "comment": remark.html, "comment_plain": remark.html,
        "parent_comment": f"c{remark.above.number}" if remark.above is not None else None, "depth": remark.depth,
        "commenting_user": remark.name.replace(" ", "_"), "short_id_url": f"https://lobste.rs/c/c{remark.number}",
        "url": f"https://lobste.rs/c/c{remark.number}",
    }  # fmt: skip


def reddit(thread: Sequence[Remark]) -> bytes:
    """Return a post with all its comments."""
    post = {
        "id": "1abcde", "name": "t3_1abcde", "subreddit": "kettles", "title": "Kettles", "author": "ada",
        "is_self": True, "selftext": "", "selftext_html": None, "url": "https://www.reddit.com/r/kettles/comments/1abcde/kettles/",
        "permalink": "/r/kettles/comments/1abcde/kettles/", "score": 12, "num_comments": len(thread),
        "created_utc": 1714978800.0, "edited": False, "locked": False, "archived": False, "upvote_ratio": 0.9,
    }  # fmt: skip
    return encoded([_listing([{"kind": "t3", "data": post}]), _listing([_thing(top) for top in tops(thread)])])


def _listing(children: list[Answer]) -> Answer:
    return {"kind": "Listing", "data": {"modhash": "", "children": children, "after": None, "before": None}}


def _thing(remark: Remark) -> Answer:
    nothing = dict.fromkeys(
        ("banned_by", "removal_reason", "likes", "report_reasons", "approved_by", "author_flair_css_class",
         "num_reports", "author_flair_text", "distinguished")
    )  # fmt: skip
    data: Answer = {
        "id": f"k{remark.number}", "name": f"t1_k{remark.number}", "link_id": "t3_1abcde", "subreddit": "kettles",
        "parent_id": f"t1_k{remark.above.number}" if remark.above is not None else "t3_1abcde", "score": 3, "ups": 3,
        "downs": 0, "author": remark.name.replace(" ", "_"), "body": remark.html, "edited": False, "gilded": 0,
        "body_html": f'<div class="md">{remark.html}\n</div>', "created": remark.at.timestamp(), "archived": False,
        "created_utc": remark.at.timestamp(), "controversiality": 0, "stickied": False, "score_hidden": False,
        "user_reports": [], "mod_reports": [], "saved": False, "subreddit_id": "t5_2abcd", **nothing,
        "replies": _listing([_thing(reply) for reply in remark.replies]) if remark.replies else "",
    }  # fmt: skip
    return {"kind": "t1", "data": data}


def wordpress_rest(thread: Sequence[Remark]) -> bytes:
    """Return the comments of a post by the REST route, with more on a page than it gives out."""
    return encoded([_rest_comment(remark) for remark in thread])


def _rest_comment(remark: Remark) -> Answer:
    base, avatar = "https://kettleblog.example", "https://secure.gravatar.com/avatar"
    return {
        "id": remark.number, "post": 12, "parent": remark.above.number if remark.above is not None else 0, "author": 0,
        "author_name": remark.name, "author_url": "", "date": remark.iso.removesuffix("Z"),
        "date_gmt": remark.iso.removesuffix("Z"), "content": {"rendered": f"{remark.html}\n"},
        "link": f"{base}/2024/05/the-slow-kettle/#comment-{remark.number}", "status": "approved", "type": "comment",
        "author_avatar_urls": {size: f"{avatar}/a{remark.number}?s={size}&d=mm&r=g" for size in ("24", "48", "96")},
        "meta": [], "_links": {"self": [{"href": f"{base}/wp-json/wp/v2/comments/{remark.number}"}]},
    }  # fmt: skip


def encoded(value: object) -> bytes:
    """Return a value as the bytes of an answer."""
    return json.dumps(value).encode()
