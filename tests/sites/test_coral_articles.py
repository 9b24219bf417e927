"""Coral on the pages of articles: which of them embed a stream, and of which story."""

import json
from typing import Any

import pytest

from belowtheline.reading.items import Link
from belowtheline.reading.page import Page
from belowtheline.sites.coral import Coral, embeds
from tests.growth import assert_linear

SITE = Coral()
Answer = dict[str, Any]
CALL = "<script>var s; s.onload = function () {{ Coral.createStreamEmbed({{ {} }}); }};</script>"


def asked(link: Link) -> Answer:
    return json.loads(link.body)  # type: ignore[no-any-return]


def article(markup: str, head: str = "", url: str | None = "https://www.gazette.example/kettles?ref=1#top") -> Page:
    text = f"<!DOCTYPE html><html><head>{head}</head><body><p>News.</p>{markup}</body></html>"
    return Page(url, text.encode())


@pytest.mark.parametrize(
    ("markup", "url", "variables"),
    [
        (
            CALL.format("id: 'x', rootURL: 'https://c.example', storyID: '17'"),
            "https://c.example/api/graphql",
            {"id": "17"},
        ),
        (
            CALL.format('"rootURL":"https:\\/\\/c.example\\/","storyURL":"https:\\/\\/a.example\\/b?x=1&amp;y=2"'),
            "https://c.example/api/graphql",
            {"url": "https://a.example/b?x=1&y=2"},
        ),
        (
            CALL.format("rootURL: '//c.example',\n // storyID: '17',\n storyURL: `${url}`"),
            "https://c.example/api/graphql",
            {"url": "https://www.gazette.example/kettles?ref=1"},
        ),
        (
            '<div id="coral_thread"></div><script src="https://c.example/assets/js/embed.js" async></script>',
            "https://c.example/api/graphql",
            {"url": "https://www.gazette.example/kettles?ref=1"},
        ),
        (
            """<script src="https://t.example/static/embed.js" onload="Coral.Talk.render(e, {talk: 'https://t.example/',
            asset_id: 'a1'})"></script>""",
            "https://t.example/api/v1/graph/ql",
            {"id": "a1"},
        ),
        (
            '<iframe src="https://c.example/embed/stream?storyID=17&amp;storyURL=https%3A%2F%2Fa.example"></iframe>',
            "https://c.example/api/graphql",
            {"id": "17", "url": "https://a.example"},
        ),
    ],
)
def test_an_article_leads_to_the_story_it_embeds(markup: str, url: str, variables: Answer) -> None:
    link = SITE.find_thread(article(markup))
    assert link is not None
    assert (link.url, link.method, asked(link)["variables"]) == (url, "POST", variables)


def test_the_canonical_address_names_the_story() -> None:
    head = '<link rel="stylesheet" href="/x.css"><link href="/kettles" rel="canonical">'
    link = SITE.find_thread(article(CALL.format("rootURL: 'https://c.example'"), head))
    assert link is not None
    assert asked(link)["variables"] == {"url": "https://www.gazette.example/kettles"}


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<p>Coral.createStreamEmbed is how Coral is embedded.</p>",
        "<div id=coral_thread></div>",
        '<script src="https://c.example/assets/js/embed.js"></script>',
        CALL.format("rootURL: root, storyID: id"),
        CALL.format("rootURL: 'javascript:x', storyID: '1'"),
        CALL.format("rootURL: 'https://[bad', storyID: '1'"),
        '<iframe src="https://[bad/embed/stream?storyID=1"></iframe>',
        "<script>Coral.Talk.render(e, {talk: T})</script>",
    ],
)
def test_an_article_that_embeds_none_leads_nowhere(markup: str) -> None:
    assert SITE.find_thread(article(markup)) is None
    assert (
        SITE.find_thread(Page(None, b"Coral.createStreamEmbed({rootURL: 'https://c.example', storyID: '1'})")) is None
    )


@pytest.mark.parametrize(
    "piece",
    [
        "Coral.createStreamEmbed(",
        "Coral . ",
        '"a/',
        "storyID: '",
        "<link ",
        "rel=canonical ",
        "// \n",
        " src='https://a/",
        "id=",
    ],
)
def test_odd_pages_are_searched_in_linear_time(piece: str) -> None:
    text = "<p>coral embed " + piece * (200_000 // len(piece))
    assert_linear(lambda part: embeds.find_story(Page("https://www.gazette.example/", part.encode())), text)
