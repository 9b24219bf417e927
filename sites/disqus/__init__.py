"""Disqus: what the platform is; its addresses, answers, exports, embeds and lists are modules of their own."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from lxml import etree

from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Link, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.disqus import addresses, answers, embeds, exports, lists, pieces, wording
from belowtheline.sites.site import Part, Signed, Site

_CARRIES = re.compile(r"""<script\b[^<>]{0,200}\bid=["']disqus-threadData["']""")
_CARRIED = etree.XPath("string(//script[@id='disqus-threadData'])")


class Disqus(Site):
    """Threads of Disqus, which stand below articles of any site: from its API, its embedded page and its exports.

    Relies in answers on `response` with posts that have `id`, `thread`, `author` and `message`, and on `cursor` (API
    3.0, since 2011, recorded in 2017); in the embedded page on `#disqus-threadData`, which carries the same posts
    (described by others since 2014); in exports on `dsq:id` of `thread` and `post`. In an article's own page it relies
    on `#dsq-comments` with `dsq-comment-N`, which Disqus wrote until 2012 and its WordPress plugin since 2010 for
    readers without scripts: recorded in 2010, later forms from the plugin's source.
    """

    name = wording.NAME
    title = wording.TITLE
    hosts = addresses.HOSTS
    shared_hosts = addresses.HOSTS  # forums of all publishers; an article's page does not speak for a forum
    example_url = "https://disqus.com/embed/comments/?base=default&f=kettles&t_i=1148"
    reads = (
        "articles that embed Disqus: by their address, from Disqus's own page (the first fifty comments without a key)",
        f"answers of its API (threads/details, listPosts, listPostsThreaded, posts/list), with a key in {wording.KEY}",
        "discussions by their address on disqus.com, by the API",
        "exports of a forum (.xml): all its threads, deleted posts and spam marked as such",
        "comments that the WordPress plugin, or Disqus until 2012, wrote into an article's page; saved answers (.json)",
    )
    cannot = (
        f"more than the first page of a thread without {wording.KEY}",
        "deleted posts from listPosts, which leaves them out: what answers them names them",
        "Disqus's ids from what the WordPress plugin writes, whose ids are WordPress's: it is a thread of its own",
        "short links (disq.us), feeds, exports of before 2010; what accounts say of themselves, reactions to articles",
    )
    counts = "the comments that stand: deleted ones and those that wait for approval are not counted"
    end = (
        "the last page (hasNext is false), where all from the first on were read; an export to its end; in an "
        "article's page only a count that agrees"
    )
    delay = 4.0  # a key is good for 1,000 requests an hour
    floors = {"author": 0.7, "body_text": 0.7}  # lists in articles show no dates, deleted posts neither name nor text
    conventions = wording.CONVENTIONS
    is_embedded = True
    keys = (wording.KEY,)

    def claims(self, url: str) -> bool:
        """Return whether the host is Disqus's, or one of its forums'."""
        return addresses.is_ours(url)

    def recognises(self, page: Page) -> bool:
        """Return whether a page is an answer, an export, Disqus's own page, or holds a list of its comments."""
        if page.looks_like_html:
            return exports.is_export(page) or bool(_CARRIES.search(page.text)) or lists.is_list(page)
        if '"response"' not in page.text:
            return False
        try:
            return answers.is_answer(page.json)
        except ParseError:
            return False

    def thread_id(self, url: str) -> str | None:
        """Return the thread's number; most addresses name it by what its publisher calls it."""
        address = addresses.address_of(url)
        return address.native_id if address else None

    def start(self, url: str) -> Link:
        """Return the page that needs no key where forum and article are known, else the API's answer on the thread."""
        address = addresses.address_of(url)
        if address is None:
            raise UnknownSite(
                f"{url} is no thread of Disqus: give the article's address, or one like {self.example_url}; a short "
                "link (disq.us) has to be opened first."
            )
        base = addresses.base_of(url)
        if address.forum and (address.ident or address.link):
            return Link(url=addresses.embed_url(base, address.forum, address.ident, address.link))
        if address.slug and addresses.is_ours(url) and not os.environ.get(wording.KEY):
            raise UnknownSite(
                f"{url} can be found by the API alone, which wants a key: set {wording.KEY} to the public key of an "
                "application of yours, or give the article's address."
            )
        return Link(url=addresses.details_url(base, address))

    def otherwise(self, url: str) -> Link | None:
        """Return the API's answer on a thread whose embedded page is missing or refused."""
        address = addresses.address_of(url)
        if address is None or not address.is_embed:
            return None
        return Link(url=addresses.details_url(addresses.base_of(url), address), kind="fallback")

    def find_thread(self, page: Page) -> Link | None:
        """Return the page of the thread that an article embeds by script, plugin or frame."""
        if not page.looks_like_html or "disqus" not in page.text:
            return None
        if frame := embeds.find_frame(page):
            return self.start(frame)
        found = embeds.find_embed(page)
        if found is None:
            return None
        return Link(url=addresses.embed_url(addresses.base_of(None), found.forum, found.ident, found.link))

    def signed(self, link: Link, keys: Mapping[str, str]) -> Signed:
        """Return the request with the key, which goes to Disqus's API alone and over https alone."""
        key = keys.get(wording.KEY)
        return Signed((addresses.signed_url(link.url, key) if key else None) or link.url, {})

    def parts(self, file: BinaryIO) -> Iterator[Part] | None:
        """Return an export as one for each of its threads."""
        return pieces.parts_of(file)

    def parse(self, page: Page) -> tuple[ThreadPage, ...]:
        """Return the threads of an answer or an export, or the one of a page."""
        if not page.looks_like_html:
            return answers.parse_answer(page, page.json)
        if exports.is_export(page):
            return exports.parse_export(page)
        if "disqus-threadData" in page.text and (carried := str(_CARRIED(page.root)).strip()):
            return answers.parse_answer(page, _carried(page, carried), "html")
        return (lists.parse_list(page),)


def _carried(page: Page, text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{page.name} carries posts that are not valid JSON ({error}): fetch it again.") from error
