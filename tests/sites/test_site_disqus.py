"""Disqus: recorded pages of 2010, 2013 and 2017, against an independent reading of them."""

import json
import re
from collections import Counter
from html import unescape
from typing import Any

import pytest
from lxml import etree

from belowtheline.pipelines import normalise
from belowtheline.reading.documents import as_document
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Author, Comment, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.disqus import Disqus, addresses
from belowtheline.sites.registry import read, site_of_page
from tests.places import REALDATA

SITE = Disqus()


def recorded(name: str) -> Page:
    path = REALDATA / name
    if not path.exists():
        pytest.skip(f"the recorded pages are not here: {path} (set BTL_REALDATA)")
    return Page(None, path.read_bytes(), None, "2026-03-01T08:00:00Z")


def read_of(page: Page) -> list[ThreadPage]:
    assert site_of_page(page).name == "disqus"
    return [normalise(found) for found in read(SITE, page)]


def letters(text: object) -> str:
    return re.sub(r"\s+", "", text if isinstance(text, str) else "")


def without_tags(html: str) -> str:
    return letters(unescape(re.sub("<[^<>]*>", " ", html)))


def test_a_recorded_answer_of_2017_is_read_whole() -> None:
    page = recorded("disqus/sdknet_threads_listPosts.json")
    (found,) = read_of(page)
    expected = page.json["response"]
    assert (found.thread.instance, found.thread.native_id, len(found.comments)) == ("disqus", "5589703545", 25)
    # It is the first of several pages, and its one answer stands before what it answers: newest come first.
    assert (found.completeness.is_whole, [stub.shown for stub in found.stubs]) == (False, ["next page"])
    assert [link.url.rpartition("&")[2] for link in found.links] == ["cursor=1488666260387249:0:0"]
    for comment, told in zip(found.comments, expected, strict=True):
        assert comment.native_id == told["id"]
        assert shown(comment.parent_native_id) == (str(told["parent"]) if told["parent"] else None)
        assert (comment.upvotes, comment.downvotes, comment.score) == (told["likes"], told["dislikes"], told["points"])
        assert comment.published_at == told["createdAt"] + "Z"
        assert letters(comment.body_text) == without_tags(told["message"])
        author = shown(comment.author)
        assert isinstance(author, Author)
        assert (author.kind, author.native_id, author.name) == ("account", told["author"]["id"], told["author"]["name"])
    by_eye = {comment.native_id: comment for comment in found.comments}["3194877197"]
    assert (by_eye.upvotes, by_eye.depth, by_eye.is_edited, by_eye.deletion) == (2, 0, False, None)
    assert (by_eye.published_at, by_eye.published_source) == ("2017-03-09T18:27:26Z", "iso")
    assert [comment.depth for comment in found.comments if comment.depth != 0] == [1]


def test_a_recorded_export_is_read_whole() -> None:
    page = recorded("disqus/isso_disqus_export.xml")
    found = read_of(page)
    # Thread 3 has nothing but an id; thread 1337 is named by its post alone.
    threads = [(one.thread.native_id, one.thread.instance, len(one.comments)) for one in found]
    assert threads == [("2", "disqusdev", 4), ("3", "", 0), ("7", "redacted", 1), ("1337", "", 1)]
    assert sum(count for *_, count in threads) == 6
    first = found[0]
    assert [(one.native_id, one.parent_native_id, one.depth, one.deletion) for one in first.comments] == [
        ("4", None, 0, None), ("5", "4", 1, None), ("9", None, 0, "unknown"), ("11", "9", 1, None),
    ]  # fmt: skip
    assert [author.kind for one in first.comments if (author := shown(one.author))] == [
        "guest",
        "account",
        "guest",
        "account",
    ]
    assert [one.completeness.is_whole for one in found] == [True, True, True, False]
    assert first.comments[0].published_at == "2013-10-10T19:20:29Z"
    assert first.thread.published_at == "2012-12-12T12:12:12Z"
    assert "@" not in json.dumps(as_document(tuple(found)))


def test_a_recorded_article_of_2010_is_read_whole_and_leads_to_its_thread() -> None:
    page = recorded("disqus_html/techcrunch_2010_dsq.html")
    (found,) = read_of(page)
    root = etree.HTML(page.text)
    items: Any = root.xpath("//li[starts-with(@id, 'dsq-comment-')]")
    assert len(found.comments) == len(items) == 20
    for comment, item in zip(found.comments, items, strict=True):
        (name,) = item.xpath(".//*[starts-with(@id, 'dsq-author-user-')]")
        (message,) = item.xpath(".//*[@class='dsq-comment-message']")
        author = shown(comment.author)
        assert isinstance(author, Author)
        assert f"dsq-comment-{comment.native_id}" == item.get("id")
        assert author.name == " ".join(name.itertext()).strip()
        assert letters(comment.body_text) == letters("".join(message.itertext()))
        # The list is flat, and shows neither dates nor who answers whom.
        assert (comment.parent_native_id, comment.depth, comment.published_at) == (NOT_SHOWN,) * 3
    sites = Counter(
        mark.kind for one in found.comments if (author := shown(one.author)) for mark in shown(author.marks) or ()
    )
    assert sites == {"website": 10}
    assert (found.thread.instance, found.completeness.is_whole) == ("techcrunch", False)
    link = SITE.find_thread(page)
    assert link is not None
    named = addresses.address_of(link.url)
    assert named is not None
    assert (named.forum, named.ident) == ("techcrunch", "207445 http://techcrunch.com/?p=207445")


def test_recorded_pages_stay_above_the_floors() -> None:
    for name in (
        "disqus/sdknet_threads_listPosts.json",
        "disqus/isso_disqus_export.xml",
        "disqus_html/techcrunch_2010_dsq.html",
    ):
        comments: list[Comment] = [comment for one in read_of(recorded(name)) for comment in one.comments]
        for field, floor in SITE.floors.items():
            assert sum(shown(getattr(comment, field)) is not None for comment in comments) >= floor * len(comments)


def test_pages_of_other_platforms_are_refused() -> None:
    if not REALDATA.exists():
        pytest.skip(f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
    others = [file for file in REALDATA.glob("*/*") if file.is_file() and not file.parent.name.startswith("disqus")]
    assert others
    for file in others:
        page = Page(None, file.read_bytes())
        assert not SITE.recognises(page), file
        with pytest.raises(ParseError):
            SITE.parse(page)
