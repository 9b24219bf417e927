"""A made-up post of a WordPress blog with its comments, for tests of what its bytes go through."""

from pathlib import Path

import pytest

from tests.places import REALDATA

ADDRESS = "https://kettleblog.example/2024/05/the-slow-kettle/"
CASES = REALDATA.parent / "cases"


def case(name: str) -> Path:
    """Return a small input that stands for a kind; skip where it is not here."""
    path = CASES / name
    if not path.is_file():
        pytest.skip(f"the small inputs are not here: {path} (set BTL_REALDATA)")
    return path


def blog(*texts: str, head: str = '<meta charset="utf-8">', author: str = "Ada Fenn", number: int = 12) -> str:
    """Return the page of a post with a comment for each text."""
    address = ADDRESS if number == 12 else f"{ADDRESS[:-1]}-{number}/"
    comments = "".join(_comment(place, text, author, address) for place, text in enumerate(texts, 1))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}<title>The slow kettle | Kettle Blog</title>\n'
        '<link rel="stylesheet" href="/wp-content/themes/plain/style.css">\n'
        f'<link rel="canonical" href="{address}">\n</head><body class="single single-post postid-{number}">'
        f'<article id="post-{number}"><h1 class="entry-title">The slow kettle</h1></article>\n'
        f'<div id="comments" class="comments-area"><h2 class="comments-title">{len(texts)} thoughts on &ldquo;The slow'
        f' kettle&rdquo;</h2><ol class="comment-list">\n{comments}</ol><div id="respond"><form id="commentform">'
        f'<input type="hidden" name="comment_post_ID" value="{number}"></form></div></div></body></html>'
    )


def _comment(place: int, text: str, author: str, address: str) -> str:
    return (
        f'<li id="comment-{place}" class="comment even thread-even depth-1"><article id="div-comment-{place}"'
        f' class="comment-body"><footer class="comment-meta"><div class="comment-author vcard"><b class="fn">{author}'
        f'</b> <span class="says">says:</span></div><div class="comment-metadata"><a href="{address}#comment-{place}">'
        f'<time datetime="2024-05-06T09:{place:02}:00+00:00">6 May</time></a></div></footer>'
        f'<div class="comment-content"><p>{text}</p></div></article></li>\n'
    )
