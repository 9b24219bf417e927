"""Pages of The Register's forums to read, made of parts; all words are invented."""

from dataclasses import replace

from belowtheline.pipelines import normalise
from belowtheline.reading.items import Author, Comment, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.theregister import TheRegister

AT = "2018-05-03T12:00:00Z"


def read(html: str, url: str | None = None, at: str | None = AT) -> ThreadPage:
    (page,) = TheRegister().parse(Page(url, html.encode(), "text/html; charset=utf-8", at))
    return normalise(replace(page, fetched_at=at))


def topic(*posts: str, head: str = "", title: str = "Ladder leans • The Register Forums") -> str:
    items = "".join(f"<li>{post}</li>" for post in posts)
    return (
        f"<html><head><title>{title}</title></head><body>{head}"
        f'<div id="forum_posts"><ol>{items}</ol></div></body></html>'
    )


def post(inside: str = "", native_id: int = 3_480_001, states: str = "", body: str = "<p>Words.</p>") -> str:
    return (
        f'<div class="post {states}"><a class="permalink" id="c_{native_id}" href="#c_{native_id}">'
        f'<span data-epoch="1525000000">x</span></a><a class="author" href="/user/7/">Rung</a>'
        f'<div class="body">{body}</div>{inside}</div>'
    )


def only(html: str, at: str | None = AT) -> Comment:
    (comment,) = read(html, at=at).comments
    return comment


def author_of(comment: Comment) -> Author:
    assert isinstance(comment.author, Author)
    return comment.author


def old(heading: str, byline: str, body: str = "<p>Words.</p>", native_id: int = 301_001) -> str:
    """A comment of the www pages to 2009."""
    return (
        f'<div class="post"><h3>{heading}<a class="permalink" id="c_{native_id}" href="#c_{native_id}">#</a></h3>'
        f'<p class="byline">{byline}</p><div class="body">{body}</div></div>'
    )


def old_page(*posts: str) -> str:
    return (
        "<html><head><title>Comments on: Ladder leans | The Register</title></head><body><div id='main-col'>"
        "<p><a href='http://www.theregister.co.uk/2008/05/01/ladder/'>back to article</a></p><h2>Ladder leans</h2>"
        f"<p>A ladder was seen to lean …</p>{''.join(posts)}</div></body></html>"
    )


POSTED = "Posted Friday 2nd May 2008 09:35 GMT"
