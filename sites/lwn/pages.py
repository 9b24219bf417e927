"""LWN's pages around the comments: the article, and whether the page is the article's or one comment's."""

import re
from typing import cast

from lxml import etree

from belowtheline.reading.emptiness import post_like
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Article, Completeness, Conventions, Link, Thread, ThreadPage
from belowtheline.reading.markup import visible
from belowtheline.reading.page import Page
from belowtheline.sites.lwn import addresses
from belowtheline.sites.lwn.boxes import read_boxes

NAME = "lwn"
CONVENTIONS = Conventions(timezone="UTC", date_formats=("%b %d, %Y %H:%M %Z (%a)", "%B %d, %Y"), date_order="MDY")

_COMMENTS = etree.XPath("boolean(//a[@name='Comments'])")
# Of the first ones only: what follows each of many costs their number squared.
_BELOW = etree.XPath(
    "(//a[@name='Comments'])[1]/following-sibling::* | (//p[a[@name='Comments']])[1]/following-sibling::*"
)
_LOOSE = etree.XPath("//a[starts-with(@name, 'CommAnchor')] | //*[contains(@class, 'CommentPoster')]")
_HEADLINE = etree.XPath("(//*[@class='PageHeadline']//h1)[1]")
_BYLINE = etree.XPath("//*[contains(@class, 'Byline')]//text()")
_TEASER = etree.XPath(
    "//meta[@name='twitter:description' or @property='og:description' or @name='description']/@content"
)
_ABOVE = etree.XPath("(//text()[contains(., 'Parent article')])[1]/following::a[1]")
_SELF = etree.XPath(
    "//link[@rel='canonical']/@href | //link[@rel='alternate' and contains(@title, 'to this article')]/@href"
    " | //input[@name='target']/@value | //a[contains(@href, 'target=') or contains(@href, 'format=printable')]/@href"
)
_DAY = re.compile(r"\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}\b")
_FOR_SUBSCRIBERS = "available to LWN subscribers only"


def parse_page(page: Page) -> ThreadPage:
    """Return the comments of one page; raise ParseError where it has no place for any."""
    above = cast(list[etree._Element], _ABOVE(page.root)) if "Parent article" in page.text else []
    comments = read_boxes(page.root, is_part=bool(above))
    if not comments:
        _check_place(page)
    elif not any(comment.native_id for comment in comments) or not any(comment.body_html for comment in comments):
        raise ParseError(
            f"{page.name} has a layout this reader does not know: found {len(comments)} .CommentBox without id or "
            "text; the capture is kept, update the site's reader."
        )
    native_id = addresses.named_in(above[0].get("href") or "") if above else _own_id(page)
    is_cut = page.is_cut
    return ThreadPage(
        thread=_thread(page, native_id, above[0] if above else None),
        comments=comments,
        links=(Link(url=addresses.article_url(native_id, page.url)),) if above and native_id else (),
        conventions=CONVENTIONS,
        completeness=Completeness(
            is_whole=not is_cut and not above, is_cut=is_cut, empty_proof=None if comments else "container"
        ),
    )


def _check_place(page: Page) -> None:
    if _FOR_SUBSCRIBERS in page.text:
        raise ParseError(f"{page.name} is for subscribers of LWN only as yet: fetch it again in a week or two.")
    if not _COMMENTS(page.root):
        raise ParseError(
            f"{page.name} does not read as an article of LWN: looked for .CommentBox or a[name=Comments]; "
            "open it in a browser: if it shows comments, the layout has changed and the site's reader needs an update."
        )
    loose = len(cast(list[etree._Element], _LOOSE(page.root)))
    below = cast(list[etree._Element], _BELOW(page.root))
    if loose or any(post_like(element) for element in below):
        raise ParseError(
            f"{page.name} has a layout this reader does not know: found {loose or 'what looks like'} anchors or "
            "headings of comments but no .CommentBox; the capture is kept, update the site's reader."
        )


def _own_id(page: Page) -> str | None:
    if page.url and (found := addresses.article_id(page.url)):
        return found
    return next((found for href in cast(list[str], _SELF(page.root)) if (found := addresses.named_in(href))), None)


def _thread(page: Page, native_id: str | None, above: etree._Element | None) -> Thread:
    headlines = cast(list[etree._Element], _HEADLINE(page.root)) if above is None else [above]
    title = visible(headlines[0]) if headlines else visible(page.root.find(".//title")).removesuffix(" [LWN.net]")
    url = addresses.article_url(native_id) if native_id else NOT_SHOWN
    teasers = cast(list[str], _TEASER(page.root)) if above is None else []
    bylines = cast(list[str], _BYLINE(page.root)) if above is None else []
    day = next((match for text in bylines if (match := _DAY.search(text))), None)
    article = Article(
        url=url,
        headline=title or NOT_SHOWN,
        teaser=next((text for teaser in teasers if (text := " ".join(teaser.split()))), NOT_SHOWN),
        published_raw=day[0] if day else NOT_SHOWN,
    )
    return Thread(site=NAME, native_id=native_id, url=url, title=article.headline, article=article)
