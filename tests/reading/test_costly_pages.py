"""Pages that name huge numbers, or have one thing many times over: reading them is bounded and linear."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from belowtheline.cli import main
from belowtheline.reading.article_text import any_article
from belowtheline.reading.elsewhere import embeds_of
from belowtheline.reading.errors import ParseError
from belowtheline.reading.page import Page
from belowtheline.reading.page_ranges import MOST, other_pages
from belowtheline.sites.registry import all_sites, read, site_named
from bench.bombs import numbers
from tests.growth import assert_grows
from tests.loopback import post, rows, topic

FORUM = "https://forums.theregister.com/forum/1/2025/03/14/kettle/"


@pytest.mark.parametrize("name", all_sites())
def test_no_number_on_a_page_makes_it_name_more_pages_than_around_it(name: str) -> None:
    site, read_ones = site_named(name), 0
    for page in numbers(name):
        try:
            found = read(site, page)
        except ParseError:
            continue
        read_ones += 1
        for one in found:
            assert len(one.links) <= 2 * MOST + len(page.body) // 10
            assert len(one.stubs) <= len(page.body) // 10
    assert read_ones


def test_pages_around_a_page_lead_on_to_all_others() -> None:
    seen, waiting = {1}, [1]
    while waiting:
        for other in other_pages(waiting.pop(), 2 * MOST + 7):
            if other not in seen and (other % MOST < 2 or other > 2 * MOST):
                seen.add(other)
                waiting.append(other)
    assert 2 * MOST + 7 in seen
    assert other_pages(10**12, 3) == [1, 2, 3]
    assert len(other_pages(10**11, 10**12)) == 2 * MOST


def test_a_page_that_names_a_thousand_millions_of_pages_is_incomplete_and_short_to_tell(tmp_path: Path) -> None:
    html = topic([post(1, "Mine never updated.")], nav=(1, 2)).decode()
    file = tmp_path / "kettle.html"
    file.write_text(html.replace(">2</a>", ">999999999</a>"))
    archive = tmp_path / "a.db"
    result = CliRunner().invoke(main, ["ingest", str(archive), str(file), "--url", FORUM])
    assert result.exit_code == 3, result.output
    ((verdict, reason),) = rows(archive, "SELECT verdict, reason FROM readings")
    assert verdict == "incomplete"
    assert reason.endswith("and 999,999,978 more of 999999999 were not read")


HEAD = "<!DOCTYPE html><html><head><title>Kettles</title></head><body>"
POST = topic([post(1, "Mine never updated.")]).decode()


def of_theregister(unit: str) -> Callable[[int], object]:
    def work(count: int) -> object:
        body = POST.replace("<body>", "<body>" + unit * count, 1)
        return read(site_named("theregister"), Page(FORUM, body.encode()))

    return work


@pytest.mark.parametrize("unit", ['<a href="/2025/03/14/pot/">x</a> ', "<p>x", "<h1>x</h1>", "<div>x</div>"])
def test_what_stands_before_the_posts_costs_no_more_than_it_is_long(unit: str) -> None:
    assert_grows(of_theregister(unit), 12_000)


@pytest.mark.parametrize("what", ["itemprop=articleBody", "itemprop=articleBody itemscope"])
def test_articles_in_parts_cost_no_more_than_they_are_long(what: str) -> None:
    assert_grows(lambda count: any_article(Page(FORUM, (HEAD + f"<p {what}>x</p>" * count).encode())), 12_000)


def test_the_systems_of_a_page_cost_no_more_than_its_attributes() -> None:
    pages = {}
    for count in (2_000, 8_000):
        named = " ".join(f"data-a{number}=x" for number in range(count))
        pages[count] = Page(FORUM, f"{HEAD}<p {named}>".encode())
        assert pages[count].root is not None  # libxml2 itself costs their square, which is why such pages are heavy
    assert_grows(lambda count: embeds_of(pages[count]), 8_000)


def test_links_back_are_looked_for_before_the_posts_of_lwn() -> None:
    text = HEAD + "{}<a name=Comments></a><p>x</p>"
    site = site_named("lwn")

    def work(count: int) -> object:
        page = Page("https://lwn.net/Articles/123456/", text.format("<p>Parent article</p>" * count).encode())
        try:
            return read(site, page)
        except ParseError as error:
            return error

    assert_grows(work, 8_000)


@pytest.mark.parametrize("unit", ["<a href=/x>x</a>" * 60_000, "<b>" * 5_000, "<p " + "a " * 5000])
def test_a_site_is_not_begun_with_a_page_that_is_costly(unit: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(HEAD + unit)
    arguments = ["new-site", "gazette", str(file), "--url", "https://gazette.example/1", "--dir", str(tmp_path / "new")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 3
    assert "is too large or too deep to begin a site with" in result.stderr
