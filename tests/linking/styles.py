"""Invented threads as the pages and copied texts of their houses."""

import json
import re
from collections.abc import Callable, Mapping
from html import escape
from zlib import crc32

from tests.linking.annotated import Annotated, Said
from tests.made_up import TOPIC

BLOG = "https://kettleblog.example/2019/05/kettle/"
FORUM = "https://forum.example/threads/kettle.7/"
_ITALIC = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")


def register_text(thread: Annotated) -> str:
    """Return what a browser copied from The Register's page of 2008."""
    head = f"back to article {thread.headline}\n\n{thread.teaser} \n\n\nThis topic is closed for new posts.\n"
    return head + "".join(
        f"  {said.number}. {said.author}\n\n    {said.title}\n\n"
        + "".join(f"    {line}\n" if line else "\n" for line in said.body.split("\n"))
        + "\n"
        for said in thread.comments
    )


def register_page(thread: Annotated) -> str:
    """Return The Register's page, all on one level; its times are those of 14 March 2025."""
    head = f'<link rel="canonical" href="https://forums.theregister.com/forum/all/{TOPIC}/">'
    posts = "".join(f"<li>{_post(said)}</li>\n" for said in thread.comments)
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8">'
        f"<title>{thread.headline} • The Register Forums</title>{head}"
        f'</head>\n<body><h2><a href="https://www.theregister.com/{TOPIC}/"><span>back to article</span>'
        f" {thread.headline}</a></h2>\n<p>{thread.teaser}</p>\n"
        f'<div id="forum_posts"><ol>\n{posts}</ol></div>\n</body></html>\n'
    )


def _post(said: Said) -> str:
    hours, minutes = (said.at or "00:00").split(":")
    epoch = 1741910400 + 3600 * int(hours) + 60 * int(minutes)
    number = 5_000_000 + said.number
    time = f'<span data-epoch="{epoch}">x</span>'
    link = f'<a class="permalink" id="c_{number}" href="/forum/containing/{number}">{time}</a>'
    user = f' href="/user/{crc32(said.author.encode())}/"'
    author = f'<span class="author">{said.author}</span>'
    if not said.is_anonymous:
        author = f'<a class="author"{user}>{escape(said.author)}</a>'
    title = f"<h4>{escape(said.title)}</h4>" if said.title else ""
    return f'<div class="post">{link}{author}<div class="body">{title}{_paragraphs(said.body)}</div></div>'


def blog(thread: Annotated) -> str:
    """Return a page of WordPress whose comments are all on one level."""
    items = "".join(
        f'<li id="comment-{said.number}" class="comment even thread-even depth-1">'
        f'<article id="div-comment-{said.number}" class="comment-body"><footer class="comment-meta">'
        f'<div class="comment-author vcard"><b class="fn">{escape(said.author)}</b> '
        '<span class="says">says:</span></div>'
        f'<div class="comment-metadata"><a href="{BLOG}#comment-{said.number}">'
        f'<time datetime="2019-05-06T{said.at}:00+00:00">6 May 2019 at {said.at}</time></a></div></footer>'
        f'<div class="comment-content">{_paragraphs(said.body)}</div></article></li>\n'
        for said in thread.comments
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{thread.headline} | Kettle Blog</title>'
        '<link rel="stylesheet" href="/wp-content/themes/plain/style.css">'
        f'<link rel="canonical" href="{BLOG}"></head><body class="single single-post postid-12">'
        f'<article id="post-12"><h1 class="entry-title">{thread.headline}</h1></article>'
        f'<div id="comments" class="comments-area"><h2 class="comments-title">{len(thread.comments)} thoughts on'
        f' &ldquo;{thread.headline}&rdquo;</h2><ol class="comment-list">\n{items}</ol>'
        '<div id="respond"><form id="commentform"><input type="hidden" name="comment_post_ID" value="12"></form></div>'
        "</div></body></html>\n"
    )


def forum(thread: Annotated) -> str:
    """Return a page of a flat forum, as it tells search engines of its posts."""
    posts = [
        {
            "@type": "Comment",
            "url": f"{FORUM}#post-{said.number}",
            "text": said.body,
            "datePublished": f"2024-05-02T{said.at}:00+00:00",
            "author": {"@type": "Person", "name": said.author, "url": f"https://forum.example/members/{said.author}"},
        }
        for said in thread.comments
    ]
    topic = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "@id": FORUM,
        "url": FORUM,
        "headline": thread.headline,
        "datePublished": "2024-05-01T08:00:00+00:00",
        "author": {"@type": "Person", "name": "Opener"},
        "articleBody": "I ask because mine is a mess.",
        "comment": posts,
    }
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{thread.headline} | Kettle forum</title>'
        f'<link rel="canonical" href="{FORUM}"><script type="application/ld+json">{json.dumps(topic)}</script>'
        "</head><body></body></html>\n"
    )


def _paragraphs(body: str) -> str:
    """Return a body as HTML: lines that begin with a mark are a block, and what stands between underscores leans."""
    return "".join(_paragraph(part) for part in body.split("\n\n"))


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    if all(line.startswith(">") for line in lines) and not any(line.startswith((">>", "> >")) for line in lines):
        return f"<blockquote><p>{'<br>'.join(escape(line[1:].strip()) for line in lines)}</p></blockquote>"
    words = "<br>".join(escape(line, quote=False) for line in lines)
    return "<p>" + _ITALIC.sub(r"<i>\1</i>", words) + "</p>"


STYLES: Mapping[str, Callable[[Annotated], str]] = {
    "register text": register_text,
    "register page": register_page,
    "blog": blog,
    "forum": forum,
}
