"""Pages for tests of new sites: what is guessed on a page, and that nobody's name and words are left on it."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from belowtheline.authoring.guessing import Guess, guess
from belowtheline.authoring.invention import Inventor
from belowtheline.authoring.trimming import LARGEST, trimmed
from belowtheline.pipelines import normalise
from belowtheline.reading.errors import BelowTheLineError
from belowtheline.reading.items import ThreadPage, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_of_page
from tests.growth import assert_grows
from tests.places import REALDATA

RECORDED = sorted(REALDATA.glob("*/*.html"))
OF_EACH = [min(folder.glob("*.html"), key=lambda file: file.stat().st_size) for folder in {f.parent for f in RECORDED}]
"""The smallest recorded page of each folder."""
CASES = sorted((Path(__file__).parents[1] / "sites").glob("*/*/page.html"))


def found_on(html: str) -> Guess:
    return guess(Page(None, html.encode(), "text/html; charset=utf-8").root)


def small(html: str, host: str = "kettles.example") -> str:
    root = Page(None, html.encode(), "text/html; charset=utf-8").root
    return trimmed(root, guess(root), host).decode()


def a_comment(number: int, inner: str = "", name: str = "Otto Brandt", words: str = "The lid rattles at night.") -> str:
    return (
        f'<li class="comment depth-1" id="comment-{number}"><img class="face" src="/otto.png" alt="Otto Brandt">'
        f'<cite class="fn"><a href="https://otto.example/me">{name}</a></cite> <span class="says">writes:</span>'
        f'<a class="when" href="#comment-{number}" title="4. Mai 2026, 10:0{number % 10}">'
        f"vor 3 Tagen, 10:0{number % 10}</a>"
        f'<div class="text"><p>{words}</p></div><a class="answer" href="?to={number}">Antworten</a>{inner}</li>'
    )


def a_page(comments: str, around: str = "") -> str:
    head = "<!DOCTYPE html><html><head><title>Kettles</title></head>"
    return f'{head}<body>{around}<ol class="list">{comments}</ol></body></html>'


PAGE = a_page("".join(a_comment(number, name=f"Otto Brandt{number}") for number in range(1, 9)))


def test_the_repeated_element_and_its_parts_are_found() -> None:
    found = found_on(PAGE)
    assert (found.comment, found.author, found.date, found.body) == ("comment", "fn", "when", "text")
    assert (found.count, found.is_nested, found.missing) == (8, False, [])
    assert (found.id_attribute, found.id_prefix) == ("id", "comment-")
    assert found.list_shown == "ol.list"


def test_comments_in_comments_are_seen() -> None:
    found = found_on(a_page(a_comment(1, f"<ol>{a_comment(2)}</ol>") + a_comment(3)))
    assert (found.comment, found.count, found.is_nested) == ("comment", 3, True)


def test_a_menu_and_a_list_of_articles_are_no_comments() -> None:
    menu = "".join(f'<li class="item"><a href="/{word}">{word}</a></li>' for word in ("news", "tests", "kettles"))
    teasers = "".join(
        f'<div class="teaser"><h3>{n} kettles tested</h3><p>Which is the loudest?</p></div>' for n in range(5)
    )
    assert found_on(f"<html><ul>{menu}</ul>{teasers}</html>") == Guess()
    assert found_on(a_page(a_comment(1) + a_comment(2), f"<ul>{menu}</ul>{teasers}")).comment == "comment"


def test_a_class_that_bears_a_name_names_no_part() -> None:
    page = PAGE.replace('class="comment depth-1"', 'class="comment-author-otto depth-1 comment"')
    assert found_on(page).comment == "comment"
    assert "otto" not in small(page).lower()


def test_what_is_not_there_is_not_guessed() -> None:
    found = found_on(PAGE.replace('<div class="text">', "<div>"))
    assert found.comment == "comment"
    assert "body" in found.missing


def test_a_small_page_keeps_markup_dates_and_labels() -> None:
    page = small(PAGE)
    assert found_on(page).comment == "comment"
    assert page.count("<li") == 5
    assert page.count(">Antworten<") == 5
    assert page.count('<span class="says">writes:</span>') == 5
    assert 'title="4. Mai 2026, 10:01"' in page
    assert "vor 3 Tagen, 10:01" in page


def test_names_and_words_are_replaced_wherever_they_stand() -> None:
    extra = (
        '<p>Otto Brandt1 says hello</p><a href="/u/otto-brandt" data-username="ottob" title="Brandt">x</a>'
        '<script type="application/ld+json">{"@type": "Comment", "author": {"name": "Otto Brandt1", "url": '
        '"https://otto.example/"}, "text": "The lid rattles at night.", "dateCreated": "2026-05-04"}</script>'
        '<script>var author = "Otto Brandt1"</script><!-- Otto Brandt1 -->'
    )
    page = small(PAGE.replace("<ol", extra + "<ol", 1))
    left = unescape(page).lower()
    assert [word for word in ("otto", "brandt", "rattles", "night", "the lid") if word in left] == []
    (data,) = re.findall(r"<script[^>]*>(.*?)</script>", page)
    assert json.loads(data)["dateCreated"] == "2026-05-04"


def test_the_same_word_is_the_same_invented_word() -> None:
    page = small(a_page(a_comment(1) + a_comment(2, words="&gt; The lid rattles at night. Does it, Otto Brandt?")))
    first, second = re.findall(r'<div class="text"><p>(.*?)</p>', page)
    assert first in unescape(second)
    names = set(re.findall(r'<a href="https://example.org/">(.*?)</a></cite>', page))
    assert len(names) == 1
    assert names.pop() in second


def test_nested_comments_stay_with_those_around_them() -> None:
    nested = a_comment(20, f"<ol>{a_comment(21, f'<ol>{a_comment(22)}</ol>')}</ol>")
    page = small(a_page("".join(a_comment(number) for number in range(9)) + nested))
    assert re.findall(r'id="comment-(\d+)"', page) == ["0", "1", "2", "3", "4", "20", "21"]


def test_a_page_on_which_nothing_is_found_has_no_words_left_either() -> None:
    page = small("<html><h1>Otto Brandt</h1><p>The lid rattles at night, 3 May 2026.</p></html>")
    assert [word for word in ("Otto", "Brandt", "rattles") if word in page] == []
    assert "3 May 2026" in page


@pytest.mark.parametrize("words", [300, 3_000])
def test_a_long_page_becomes_one_that_a_person_can_read(words: int) -> None:
    around = "".join(f'<nav class="menu"><a href="/{n}">Kettle {n}</a></nav><p>{"word " * 60}</p>' for n in range(100))
    page = small(a_page("".join(a_comment(n, words="kettle " * words) for n in range(40)), around))
    assert len(page.encode()) <= LARGEST
    assert found_on(page).comment == "comment"


def test_no_two_words_become_one() -> None:
    inventor = Inventor((), ())
    words = [a + b + c for a in "abcdefghij" for b in "abcdefghij" for c in "abcdefghij"][:900]
    made = inventor.private(" ".join(words)).split()
    assert len(set(made)) == len(words)
    assert [len(word) for word in made] == [3] * len(words)


def test_names_in_addresses_are_replaced_and_the_pages_own_host_stays() -> None:
    inventor = Inventor(["Jürgen Otto"], (), "otto.example")
    assert inventor.address("https://otto.example/kettles/7?page=2#comment-9") == (
        "https://otto.example/kettles/7?page=2#comment-9"
    )
    assert "otto" not in inventor.address("https://cdn.otto.example/otto.png")
    assert "rgen" not in inventor.address("/people/J%C3%BCrgen")
    assert inventor.profile("https://elsewhere.example/~jo") == "https://example.org/"
    assert inventor.profile("/user/4711/") == "/user/0001/"
    assert inventor.profile("javascript:alert(1)") == inventor.profile("https://[otto/") == "#"


def test_many_comments_are_guessed_and_cut_in_linear_time() -> None:
    comments = [a_comment(number, name=f"Otto{number}") for number in range(2_000)]
    assert len(small(a_page("".join(comments))).encode()) <= LARGEST
    assert_grows(lambda size: small(a_page("".join(comments[:size]))), len(comments))


def read_by_its_site(file: Path) -> tuple[ThreadPage, ...]:
    page = Page(None, file.read_bytes(), "text/html")
    try:
        return tuple(map(normalise, read(site_of_page(page), page)))
    except BelowTheLineError:
        return ()


def left_over(file: Path) -> tuple[list[str], set[tuple[str, ...]]]:
    """Return the names on a page that are left on the small one, and four words in a row of somebody's that are."""
    root = Page(None, file.read_bytes(), "text/html").root
    text = unescape(trimmed(root, guess(root)).decode()).lower()
    words = re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^<>]{0,2000}>", " ", text))
    there = set(zip(words, words[1:], words[2:], words[3:], strict=False))
    names, said = set(), set()
    for comment in (comment for part in read_by_its_site(file) for comment in part.comments):
        author, body = shown(comment.author), re.findall(r"[^\W\d_]{2,}", (shown(comment.body_text) or "").lower())
        names.add((author.name or "").lower() if author else "")
        said |= set(zip(body, body[1:], body[2:], body[3:], strict=False))
    left = [name for name in names if len(name) > 3 and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    return left, there & said


@pytest.mark.skipif(not RECORDED, reason=f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
@pytest.mark.parametrize("files", [OF_EACH, pytest.param(RECORDED, marks=pytest.mark.long)], ids=["one each", "all"])
def test_of_recorded_pages_nobodys_name_and_nobodys_words_are_left(files: list[Path]) -> None:
    # Counted and not printed: they belong to the people who wrote them.
    counts = {file.name: tuple(map(len, left_over(file))) for file in files}
    assert {name: count for name, count in counts.items() if count != (0, 0)} == {}


@pytest.mark.skipif(not RECORDED, reason=f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
def test_on_most_recorded_pages_the_comments_are_found() -> None:
    found = [guess(Page(None, file.read_bytes(), "text/html").root) for file in RECORDED]
    assert sum(bool(each.comment) for each in found) >= 0.85 * len(RECORDED)
    assert sum(not each.missing for each in found) >= 0.5 * len(RECORDED)
