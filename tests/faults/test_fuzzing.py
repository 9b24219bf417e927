"""The readers on pages gone wrong: read, or refused with a reason; never a crash, never more than two seconds."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from belowtheline.reading.errors import ParseError, ReaderError, UnknownSite
from belowtheline.reading.items import ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.registry import all_sites, site_of_page, site_of_url
from tests.faults.conftest import Figure
from tests.faults.mutation import ODD, assert_read_or_refused, cases, mutated

SEEDS = st.integers(0, 2**40)
BOTH = [1, pytest.param(100, marks=pytest.mark.long)]
"""A short form for every run of the tests, and one a hundred times as long."""


def settled(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("times", BOTH)
def test_a_page_gone_wrong_is_read_or_refused(times: int, figure: Figure) -> None:
    outcomes: list[bool] = []

    @settled(900 * times)
    @given(st.sampled_from(sorted(cases())), SEEDS)
    def is_read(site: str, seed: int) -> None:
        page = mutated(random.Random(seed), cases()[site])
        outcomes.append(isinstance(assert_read_or_refused(site, page), ParseError))

    is_read()
    figure(f"fuzzed pages: {len(outcomes)} over {len(cases())} sites, {sum(outcomes)} refused with a reason, 0 crashes")


@pytest.mark.parametrize("times", BOTH)
def test_a_page_gone_wrong_is_known_or_not(times: int) -> None:
    @settled(100 * times)
    @given(st.sampled_from(sorted(cases())), SEEDS)
    def is_known(site: str, seed: int) -> None:
        page = mutated(random.Random(seed), cases()[site])
        refusal: UnknownSite | ParseError | None = None
        try:
            site_of_page(Page(None, page.body, page.content_type))
        except (UnknownSite, ParseError) as error:
            refusal = error
        assert not isinstance(refusal, ReaderError)
        assert refusal is None or str(refusal).strip()

    is_known()


ADDRESSES = [
    "http://[",
    "http://[::1",
    "//[",
    "http://a]b/",
    "http://\u2100/",
    "http://a:b/",
    "http://:0/",
    "?",
    "#",
    "",
    "file:",
    "data:,x",
]


@pytest.mark.parametrize("name", all_sites())
def test_no_address_harms_a_site(name: str) -> None:
    site = all_sites()[name]
    rng = random.Random(name)
    urls = [*ADDRESSES, *(str(value) for value in ODD)]
    for own in [page.url for page in cases()[name] if page.url] + [site.example_url]:
        place = rng.randrange(len(own))
        urls += [
            own[:place],
            own[:place] + rng.choice(urls) + own[place:],
            own + "9" * 400,
            own + "?page=²&p=-1#" + own,
        ]
    for url in urls:
        site.claims(url)
        site.thread_id(url)
        for ask in (site.start, site.otherwise, site_of_url):
            try:
                ask(url)
            except UnknownSite as error:
                said = str(error)
                assert said.strip()


def shown(thread: ThreadPage) -> dict[str, Any]:
    return {comment.native_id: comment.body_text for comment in thread.comments if comment.native_id is not None}


@pytest.mark.parametrize("times", BOTH)
@pytest.mark.parametrize("site", sorted(cases()))
def test_a_page_cut_anywhere_is_never_whole_and_shows_nothing_false(site: str, times: int, figure: Figure) -> None:
    rng = random.Random(site)
    made = wrong = 0
    for page in cases()[site]:
        whole = assert_read_or_refused(site, page)
        end = page.body.lower().rfind(b"</html")
        if isinstance(whole, ParseError) or end < 0:
            continue
        known = {key: body for thread in whole for key, body in shown(thread).items()}
        for _ in range(4 * times):
            cut = Page(page.url, page.body[: rng.randrange(end)], page.content_type, page.fetched_at)
            made += 1
            wrong += says_more_than(assert_read_or_refused(site, cut), known)
    assert wrong <= made * FALSE_AT_MOST
    figure(f"cut pages of {site}: {made}, none said to be whole; in {wrong} half a text was not known for one")


FALSE_AT_MOST = 0.005
"""Share of cut pages that may show half a text: where the cut goes through a reference or between two paragraphs."""


def says_more_than(found: tuple[ThreadPage, ...] | ParseError, known: dict[str, Any]) -> bool:
    """Return whether a cut page shows a text that the whole page does not; it never is said to be whole itself."""
    for thread in found if isinstance(found, tuple) else ():
        assert not thread.completeness.is_whole or shown(thread) == known
        for key, body in shown(thread).items():
            # Of a comment whose id or abridgement is told only by what follows, the cut page can show another.
            if isinstance(body, str) and isinstance(known.get(key, ""), str) and body != known.get(key):
                return True
    return False
