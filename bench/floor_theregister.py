"""The floor of reading a topic of The Register: five fields by a walk of its lists."""

from bench.floor_reading import walk as walk_topic
from bench.made import Said


def walk(body: bytes) -> list[Said]:
    """Return the comments of a page."""
    posts = walk_topic(body, "").posts
    return [Said(post.native_id or "", post.author, post.date, post.body, post.parent) for post in posts]
