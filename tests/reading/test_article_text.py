"""The text of an article on its own page, on invented pages of the forms that are known; none where it is not plain."""

import json
from typing import Any

import pytest
from lxml import etree

from belowtheline.pipelines import normalise_article
from belowtheline.reading.article_text import any_article, text_of
from belowtheline.reading.items import NOT_SHOWN, Article
from belowtheline.reading.page import Page
from belowtheline.sites.articles import article_on
from tests.growth import assert_grows

URL = "https://news.kettles.example/2025/03/kettle"
FIRST = "The kettle now needs a reboot before every single cup of tea, its maker said on Friday. " * 2
SECOND = "Owners of toasters are said to be unmoved, although one of them did look up from her toast. " * 2
PARAGRAPHS = f"<p>{FIRST}</p><p>{SECOND}</p>"
BOTH = f"{FIRST.strip()}\n\n{SECOND.strip()}"


def page(body: str, head: str = "", url: str | None = URL) -> Page:
    html = f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return Page(url, html.encode())


def script(*values: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(value)}</script>' for value in values)


def news(**said: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", **said}


def text(found: Article | None) -> Any:
    return found and found.body_text


def test_the_registers_article_has_headline_standfirst_and_text() -> None:
    found = article_on(
        page(
            '<div id="main-col"><div id="article"><h1>Kettle asks for update</h1><h2>Nobody asked the kettle</h2>'
            f'<p class="byline">By Ada Fenn</p><div id="body"><p>{FIRST}</p><div class="promo_article">READ MORE</div>'
            f'<p>{SECOND}</p><p class="wptl btm">Bootnote links</p></div></div></div>',
            url="https://www.theregister.com/2025/03/14/kettle/",
        ),
        "theregister",
    )
    assert found is not None
    assert (found.headline, found.teaser) == ("Kettle asks for update", "Nobody asked the kettle")
    assert found.body_text == BOTH
    assert found.url is NOT_SHOWN


def test_the_registers_article_of_2008_has_its_headline_as_h2() -> None:
    found = article_on(
        page(
            '<div id="article"><h2>Kettle asks for update</h2><p class="standfirst">Nobody asked it</p>'
            f'<div id="body"><p>Short, and all there is.</p></div></div><div id="comments"><p>{FIRST}</p></div>'
        ),
        "theregister",
    )
    assert found is not None
    assert (found.headline, found.teaser) == ("Kettle asks for update", "Nobody asked it")
    assert found.body_text == "Short, and all there is."


def test_json_ld_with_the_body_goes_before_the_markup() -> None:
    said = news(headline="Kettle &amp; toast", description="In short", articleBody=f"{FIRST}\n{SECOND}")
    found = any_article(page(f"<article><p>Something else, {FIRST}</p>{PARAGRAPHS}</article>", script(said)))
    assert found is not None
    assert (found.headline, found.teaser, found.body_text) == ("Kettle & toast", "In short", BOTH)


def test_json_ld_may_hold_its_body_as_markup_and_stand_in_a_graph() -> None:
    said = {"@graph": [{"@type": "WebPage"}, news(articleBody=PARAGRAPHS, datePublished="2025-03-14T10:00:00+01:00")]}
    found = any_article(page("", script(said)))
    assert found is not None
    assert found.body_text == BOTH
    assert normalise_article(found, None).published_at == "2025-03-14T09:00:00Z"


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("30. August 2011, 9:14 Uhr", "2011-08-30T09:14:00Z"),
        ("4 ao\u00fbt 2021 \u00e0 9h05", "2021-08-04T09:05:00Z"),
        ("04/08/2021", None),
        ("-0001-11-30T00:00:00Z", None),
        ("By Ann, 4 August 2021", None),
    ],
)
def test_the_date_of_an_article_is_read_in_any_language_and_never_guessed(raw: str, at: str | None) -> None:
    found = normalise_article(Article(published_raw=raw), "2026-01-01T00:00:00Z")
    assert (found.published_at, found.published_raw) == (at, raw)


def test_of_several_articles_in_json_ld_the_one_of_the_page_is_taken() -> None:
    other = news(url="https://news.kettles.example/other", articleBody="Another story. " * 40)
    own = news(mainEntityOfPage={"@id": f"{URL}#main"}, articleBody=FIRST)
    assert text(any_article(page("", script(other, own)))) == FIRST.strip()
    assert any_article(page("", script(other, news(articleBody=FIRST)))) is None


@pytest.mark.parametrize("broken", ["{", '{"@type": "NewsArticle", "articleBody": ', "[" * 100_000])
def test_json_ld_that_cannot_be_read_leaves_the_rest_of_the_page(broken: str) -> None:
    head = f'<script type="application/ld+json">{broken}</script>'
    assert text(any_article(page(f"<article>{PARAGRAPHS}</article>", head))) == BOTH


def test_microdata_names_the_body_and_the_headline() -> None:
    found = any_article(
        page(
            '<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Kettle</h1>'
            f'<div itemprop="articleBody"><p>{FIRST}</p></div><aside>Read more</aside>'
            f'<div itemprop="articleBody"><p>{SECOND}</p></div></div>'
        )
    )
    assert found is not None
    assert (found.headline, found.body_text) == ("Kettle", BOTH)


def test_bodies_of_two_items_are_no_articles_own() -> None:
    item = '<div itemscope itemtype="https://schema.org/Article"><div itemprop="articleBody">{}</div></div>'
    assert any_article(page(item.format(FIRST) + item.format(SECOND))) is None


@pytest.mark.parametrize("tag", ["article", "main", 'div role="main"'])
def test_the_one_element_that_can_be_an_article_is_it(tag: str) -> None:
    beside = (
        "<header><h1>Kettle</h1></header><figure><p>A kettle.</p></figure><div class='share-buttons'><p>Share</p></div>"
        f"<section id='comments'><p>{FIRST}</p></section><form><p>Subscribe!</p></form><script>var p = 1;</script>"
    )
    found = any_article(page(f"<nav><p>Home</p></nav><{tag}>{beside}{PARAGRAPHS}</{tag.split()[0]}><p>Footer</p>"))
    assert found is not None
    assert (found.headline, found.body_text) == ("Kettle", BOTH)


@pytest.mark.parametrize(
    "body",
    [
        "",
        PARAGRAPHS,  # nothing says that it is an article
        "<article><p>A teaser.</p><p>Another.</p></article>",
        f"<article>{PARAGRAPHS}</article><article>{PARAGRAPHS}</article>",  # a front page
        f'<article class="comment">{PARAGRAPHS}</article>',
        f'<article><p><a href="/1">{FIRST}</a></p><p><a href="/2">{SECOND}</a></p></article>',  # a list of links
    ],
)
def test_what_is_not_plainly_an_article_is_none(body: str) -> None:
    assert any_article(page(body)) is None


def test_what_is_no_page_of_markup_is_no_article() -> None:
    assert article_on(Page(URL, b"%PDF-1.4 " + FIRST.encode()), "unknown") is None
    assert article_on(Page(URL, b'{"articleBody": "words"}', "application/json"), "hackernews") is None


def test_lists_quotes_and_breaks_are_blocks_of_their_own() -> None:
    found = any_article(
        page(
            f"<article><p>{FIRST}</p><ul><li>tea</li><li>more <b>tea</b></li></ul><blockquote><p>It boils.</p>"
            f"</blockquote><p>One<br>line</p>{PARAGRAPHS}</article>"
        )
    )
    assert text(found) == f"{FIRST.strip()}\n\n- tea\n\n- more tea\n\n> It boils.\n\nOne line\n\n{BOTH}"


def test_an_article_of_10_000_levels_is_read_whole() -> None:
    depth = 10_000
    found = any_article(page(f"<article>{'<div>' * depth}{PARAGRAPHS}{'</div>' * depth}</article>"))
    assert text(found) == BOTH


def nested(depth: int) -> etree._Element:
    top = inner = etree.Element("article")
    for _ in range(depth):
        inner = etree.SubElement(inner, "div")
        inner.text = FIRST
    return top


def test_text_on_every_level_costs_as_much_as_it_is_long() -> None:
    trees = {depth: nested(depth) for depth in (2_000, 8_000)}  # making one costs lxml the square of its depth

    def read(depth: int) -> None:
        assert (text_of(trees[depth]) or "").count("\n\n") == depth - 1

    assert_grows(read, 8_000)
