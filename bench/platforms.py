"""Reading large pages: 1,000 comments in the form of each platform, beside a hand-written walk of the same page."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from belowtheline.reading.items import Comment, ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import site_named
from bench import (
    floor_coral,
    floor_derstandard,
    floor_discourse,
    floor_disqus,
    floor_guardian,
    floor_hackernews,
    floor_lobsters,
    floor_lwn,
    floor_reddit,
    floor_slashdot,
    floor_structured,
    floor_theregister,
    floor_wordpress,
    made_answers,
    made_pages,
)
from bench.made import LEVELS, Remark, Said, remarks
from bench.measuring import ROOT, Row, compare, cpu

_COMMENTS = 1_000
_LIMIT = 2.5
_REALDATA = Path(os.environ.get("BTL_REALDATA", ROOT / "../shared/realdata"))
Walk = Callable[[bytes], list[Said]]


@dataclass(frozen=True, slots=True)
class Form:
    """One form in which a platform hands out comments."""

    name: str
    site: str
    url: str
    made: Callable[[Sequence[Remark]], bytes]
    walk: Walk
    recorded: str | None = None
    """The largest recorded page of this form, where the recorded pages are."""
    has_parents: bool = True


_ARTICLE = "https://kettles.example/2024/limescale/"
FORMS = (
    Form(
        "The Register", "theregister", "https://forums.theregister.com/forum/all/2024/05/06/kettles/",
        made_pages.theregister, floor_theregister.walk,
    ),
    Form(
        "WordPress", "wordpress", "https://kettleblog.example/2024/05/the-slow-kettle/",
        made_pages.wordpress, floor_wordpress.walk, "wordpress_html/netzpolitik.org.abmahnungen.html",
    ),
    Form(
        "WordPress, REST", "wordpress", "https://kettleblog.example/wp-json/wp/v2/comments?post=12",
        made_answers.wordpress_rest, floor_wordpress.walk_answer, "wordpress_rest/newsmast_wp_v2_comments.json",
    ),
    Form(
        "microdata", "structured", _ARTICLE,
        made_pages.microdata, floor_structured.walk_microdata, "schema_org/bigbrandsystem_business-focus.html",
    ),
    Form(
        "microformats", "structured", _ARTICLE,
        made_pages.microformats, floor_structured.walk_microformats, "microformats/php-mf2_notizblog_org_2014.html",
    ),
    Form("JSON-LD", "structured", _ARTICLE, made_pages.jsonld, floor_structured.walk_jsonld),
    Form(
        "Coral", "coral", "https://coral.gazette.example/api/graphql",
        made_answers.coral, floor_coral.walk, "coral/globeandmail_coral_2022.json",
    ),
    Form(
        "derStandard", "derstandard", "http://derstandard.at/1300000000001/Teekessel",
        made_pages.derstandard, floor_derstandard.walk, "derstandard/test_first_page.html",
    ),
    Form(
        "Discourse", "discourse", "https://forum.example.org/t/77.json",
        made_answers.discourse, floor_discourse.walk, "discourse/xertrov_t_2108_posts_pn_41.json",
    ),
    Form(
        "Disqus", "disqus", "https://disqus.com/api/3.0/threads/listPostsThreaded.json?forum=kettles&thread=700",
        made_answers.disqus, floor_disqus.walk_answer, "disqus/sdknet_threads_listPosts.json",
    ),
    Form(
        "Disqus, list of 2010", "disqus", "https://kettle.example/care",
        made_pages.disqus, floor_disqus.walk, "disqus_html/techcrunch_2010_dsq.html", has_parents=False,
    ),
    Form(
        "The Guardian", "guardian", "https://discussion.theguardian.com/discussion-api/discussion//p/4k7x2?pageSize=100",
        made_answers.guardian, floor_guardian.walk_answer, "guardian/discussion.json",
    ),
    Form(
        "The Guardian, HTML", "guardian", "https://www.theguardian.com/discussion/p/4k7x2",
        made_pages.guardian, floor_guardian.walk,
    ),
    Form(
        "Hacker News", "hackernews", "https://news.ycombinator.com/item?id=101",
        made_pages.hackernews, floor_hackernews.walk, "hackernews/easyhn_item.html",
    ),
    Form(
        "Hacker News, Algolia", "hackernews", "https://hn.algolia.com/api/v1/items/101",
        made_answers.algolia, floor_hackernews.walk_answer, "hackernews/algolia_item.json",
    ),
    Form(
        "Lobsters", "lobsters", "https://lobste.rs/s/kettl3/kettles",
        made_pages.lobsters, floor_lobsters.walk, "lobsters/post_details_ktew3s.html",
    ),
    Form(
        "Lobsters, JSON", "lobsters", "https://lobste.rs/s/askt3a.json",
        made_answers.lobsters, floor_lobsters.walk_answer,
    ),
    Form("LWN", "lwn", "https://lwn.net/Articles/500/", made_pages.lwn, floor_lwn.walk, "lwn/lwn_250967.html"),
    Form(
        "Reddit", "reddit", "https://www.reddit.com/r/kettles/comments/1abcde/.json?limit=500&raw_json=1",
        made_answers.reddit, floor_reddit.walk, "reddit/praw_listing.json",
    ),
    Form(
        "Slashdot", "slashdot", "https://news.slashdot.org/story/24/05/06/1234567/kettles",
        made_pages.slashdot, floor_slashdot.walk,
        "slashdot/2018_18_09_06_205221_ive-seen-the-future-of-consumer-ai-and-i.html",
    ),
)  # fmt: skip


def bench(quick: bool) -> Iterator[Row]:
    """Measure reading in each form, of an invented page and of the largest recorded one, and check that all is read."""
    thread, rounds = remarks(_COMMENTS), 5 if quick else 11
    torn: list[str] = []
    levelled: list[str] = []
    for form in FORMS:
        body = form.made(thread)
        found = said_by(form, body)
        assert_same(form, form.walk(body), found)
        if not are_whole(form, found, thread):
            torn.append(form.name)
        if form.has_parents and levels_of(found) != LEVELS:
            levelled.append(form.name)
        yield _beside_a_walk(form, body, f"read 1,000 comments, {form.name} / walk by hand", rounds)
    yield _check("1,000 comments read whole: forms that are not", torn)
    yield _check(f"{LEVELS} levels read whole: forms that are not", levelled)
    for form, body in _recorded():
        count = len(said_by(form, body))
        assert len(form.walk(body)) >= count > 0, form.name
        name = f"read {count:,} recorded comments, {form.name} / walk by hand"
        yield _beside_a_walk(form, body, name, 2 * rounds)


def _recorded() -> Iterator[tuple[Form, bytes]]:
    paths = ((form, _REALDATA / form.recorded) for form in FORMS if form.recorded)
    return ((form, path.read_bytes()) for form, path in paths if path.is_file())


def _beside_a_walk(form: Form, body: bytes, name: str, rounds: int) -> Row:
    count = max(1, 200_000 // len(body))  # small pages are read several times

    def ours() -> None:
        for _ in range(count):
            _parse(form, body)

    def floor() -> None:
        for _ in range(count):
            form.walk(body)

    return compare(cpu(ours), cpu(floor), rounds).row(name, "ms", 1000 / count, _LIMIT)


def _check(name: str, wrong: list[str]) -> Row:
    return Row(f"{name} ({', '.join(wrong)})" if wrong else name, "", len(wrong), None, len(wrong), 0)


def _parse(form: Form, body: bytes) -> tuple[ThreadPage, ...]:
    # A page keeps its tree: each round reads another one of the same bytes.
    return site_named(form.site).parse(Page(form.url, body, None, "2024-06-01T10:00:00Z"))


def said_by(form: Form, body: bytes) -> list[Said]:
    """Return what the site reads on a page of this form."""
    return [_of(comment) for page in _parse(form, body) for comment in page.comments]


def _of(comment: Comment) -> Said:
    author = shown(comment.author)
    return Said(
        comment.native_id or "",
        author.name if author is not None else None,
        shown(comment.published_raw),
        shown(comment.body_html) or shown(comment.body_text),
        shown(comment.parent_native_id),
    )


def assert_same(form: Form, walked: Sequence[Said], found: Sequence[Said]) -> None:
    """Assert that the walk found what the site found, so that neither side does less work than it says."""
    for floor, ours in zip_longest(walked, found):
        assert floor is not None, (form.name, ours)
        assert ours is not None, (form.name, floor)
        assert _spaced(floor) == _spaced(ours), (form.name, floor, ours)


def _spaced(said: Said) -> Said:
    return said._replace(body=" ".join((said.body or "").split()))


def are_whole(form: Form, found: Sequence[Said], thread: Sequence[Remark]) -> bool:
    """Return whether each remark is there, in its place, with its text, and below what it answers."""
    numbers = {said.native_id: said.native_id[-6:] for said in found}
    read = [(numbers[said.native_id], numbers.get(said.parent or ""), _words(said.body)) for said in found]
    return read[-len(thread) :] == [
        (
            str(remark.number),
            str(remark.above.number) if remark.above is not None and form.has_parents else None,
            _words(remark.html),
        )
        for remark in thread
    ]


def _words(html: str | None) -> list[str]:
    return (html or "").split()


def levels_of(found: Sequence[Said]) -> int:
    """Return how many levels deep the comments stand below each other."""
    levels: dict[str | None, int] = {None: 0}
    for said in found:
        levels[said.native_id] = levels.get(said.parent, 0) + 1
    return max(levels.values())
