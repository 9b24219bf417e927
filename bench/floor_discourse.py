"""The floor of reading an answer of Discourse: five fields of each post, and the parent by its number."""

import json

from bench.made import Said


def walk(body: bytes) -> list[Said]:
    """Return the posts of a topic."""
    posts = json.loads(body)["post_stream"]["posts"]
    ids = {post["post_number"]: str(post["id"]) for post in posts}
    return [
        Said(
            str(post["id"]), post["username"], post["created_at"], post["cooked"], ids.get(post["reply_to_post_number"])
        )
        for post in posts
    ]
