"""The Register's article pages: headline, standfirst and text.

A reconstruction, as no whole page could be had: `div#body` inside `div#article`, the standfirst as `.standfirst` or as
the heading after the headline. What is unlike it is read as any site's article.
"""

from dataclasses import replace
from typing import cast

from lxml import etree

from belowtheline.reading.article_text import described, text_of
from belowtheline.reading.instants import first_usable
from belowtheline.reading.items import Article, shown
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page

_TEXT = etree.XPath("(//div[@id='body'] | //div[@id='article'][not(.//div[@id='body'])])[1]")
_HEADLINES = etree.XPath("//div[@id='article' or @id='main-col' or contains(@class, 'header')]//h1 | //h1")
_OLD_HEADLINES = etree.XPath("//div[@id='article']/h2")  # to about 2010
_STANDFIRSTS = etree.XPath(
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' standfirst ')] | //h1/following-sibling::*[1][self::h2]"
)
_EPOCH = etree.XPath("string((//*[contains(@class, 'time_stamp') or contains(@class, 'dateline')]/@data-epoch)[1])")


def read_article(page: Page) -> Article | None:
    """Return the article of a page; None where its text is not where The Register has it."""
    found = cast(list[etree._Element], _TEXT(page.root))
    text = text_of(found[0]) if found else None
    if text is None:
        return None
    said = described(page)
    return replace(
        said,
        body_text=text,
        headline=_first(_HEADLINES(page.root)) or _first(_OLD_HEADLINES(page.root)) or said.headline,
        teaser=_first(_STANDFIRSTS(page.root)) or said.teaser,
        published_raw=first_usable(str(_EPOCH(page.root)), shown(said.published_raw)),
    )


def _first(elements: object) -> str | None:
    return next((text for element in cast(list[etree._Element], elements) if (text := visible(element))), None)
