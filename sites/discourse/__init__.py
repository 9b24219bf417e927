"""Discourse: what the platform is; its addresses, its JSON, its posts and its HTML pages are modules of their own."""

import re
from typing import cast

from lxml import etree

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin
from belowtheline.sites.discourse import addresses, answers, crawler, wording
from belowtheline.sites.site import Site

_EMBEDS = re.compile(r"discourseUrl[\"']?\s{0,9}[:=]\s{0,9}[\"'](https?://[^\"'\s<>]{1,200})[\"']")
_TOPIC_IDS = re.compile(r"topicId[\"']?\s{0,9}[:=]\s{0,9}[\"']?(\d{1,9})\b")
_WORDPRESS = etree.XPath("//a[contains(@class, 'discourse-topic-link') or contains(@class, 'wpdc')]/@href")


class Discourse(Site):
    """Topics of Discourse forums on any host, from JSON and from what crawlers get; a first post is comment 1.

    Relies in JSON on `post_stream` with `posts` and `stream` (recorded in 2016 and 2025) and on `isMegaTopic` with
    pages; in HTML on the same answer in `#data-preloaded`, else on `.creator` and `div.post[itemprop]` in a
    `.crawler-post`, or in older templates in an item of schema.org: these from the software's source, not from
    recordings. What the forum says itself ("closed this") is a post with an id and a number as well: it is kept as a
    comment with a mark `action`.
    """

    name = wording.NAME
    title = "Discourse"
    example_url = "https://forum.example.org/t/example-slug/1148"
    reads = (
        "topics at /t/ID.json: the first twenty posts and the ids of all",
        "posts at /t/ID/posts.json?post_ids[]=ID, by twenties, and pages of topics of over 10,000 posts",
        "pages at /t/slug/ID, by the answer they carry for browsers or as crawlers see them",
        "articles whose embedded comments name their topic",
    )
    cannot = (
        "ids and whom a post answers from what crawlers see: the pages do not show them, JSON does",
        "the parent of a post that answers one on another page, where the answer was saved without its address",
        "pages saved after their scripts ran, which hold only the posts that were in view: take the JSON",
        "texts of hidden and of deleted posts; topics for members only; chat",
    )
    counts = "the posts that stand, the first and those hidden by flags included; deleted ones are not counted"
    end = "the answer that lists every id, once all of them are held; of pages, the last, which links to no next one"
    delay = 5.0
    # What the forum says itself has no text; hidden posts show none.
    floors = {"author": 0.9, "published_at": 0.95, "body_text": 0.7, "native_id": 0.0}  # pages for crawlers: no ids
    rank = 1

    def claims(self, url: str) -> bool:
        """Return whether an address has the topic path that only Discourse has: /t/slug/ID, or /t/ID.json."""
        topic = addresses.topic_of(url)
        return topic is not None and topic.is_sure

    def recognises(self, page: Page) -> bool:
        """Return whether a page names Discourse as its generator, or is an answer with a post stream."""
        if page.looks_like_html:
            return crawler.is_discourse(page)
        try:
            return '"post_stream"' in page.text and answers.is_answer(page.json)
        except ParseError:
            return False

    def thread_id(self, url: str) -> str | None:
        """Return the topic's id."""
        topic = addresses.topic_of(url)
        return topic.native_id if topic else None

    def start(self, url: str) -> Link:
        """Return the topic's JSON; raise UnknownSite where the address has no topic's id."""
        topic = addresses.topic_of(url)
        if topic is None:
            raise UnknownSite(f"{url} is no topic of a Discourse forum: give an address like {self.example_url}.")
        return Link(url=addresses.answer_url(topic.base, topic.native_id))

    def otherwise(self, url: str) -> Link | None:
        """Return the topic's page where its JSON cannot be had."""
        topic = addresses.topic_of(url)
        if topic is None or not topic.is_json or "/posts.json" in url:
            return None
        return Link(url=addresses.topic_url(topic.base, topic.native_id), kind="fallback")

    def find_thread(self, page: Page) -> Link | None:
        """Return the topic that an article's page embeds or, by the WordPress plugin, links to as its comments."""
        if not page.looks_like_html:
            return None
        forum, topic = _EMBEDS.search(page.text), _TOPIC_IDS.search(page.text)
        if forum and topic:
            return Link(url=addresses.answer_url(forum[1].rstrip("/"), topic[1]))
        hrefs = cast(list[str], _WORDPRESS(page.root)) if "discourse-topic-link" in page.text else []
        found = {urljoin(page.url or "", href) for href in hrefs if addresses.topic_of(urljoin(page.url or "", href))}
        return self.start(found.pop()) if len(found) == 1 else None

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the one thread of an answer or of a page."""
        if not page.looks_like_html:
            return (answers.parse_answer(page, page.json),)
        if not crawler.is_discourse(page):
            raise ParseError(
                f"{page.name} is no page of Discourse: looked for meta[name=generator]; check the address, or take "
                "another site with --site."
            )
        carried = answers.preloaded(page)
        return (crawler.parse_html_page(page) if carried is None else answers.parse_answer(page, carried, "html"),)
