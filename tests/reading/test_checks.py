"""Values that swallow others: what no page of people's comments shows is drift, and what people may do is not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from belowtheline.archive.readings.drift import drift_of_page
from belowtheline.authoring.cases import page_of
from belowtheline.pipelines import normalise
from belowtheline.reading.checks import odd_values
from belowtheline.reading.errors import ParseError, UnknownSite
from belowtheline.reading.items import Article, Author, Comment, Mark, Thread, ThreadPage
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_named, site_of_page
from belowtheline.sites.site import Site
from tests.loopback import btl, pages, rows
from tests.places import REALDATA

CASES = sorted(file.parent for file in (Path(__file__).parents[1] / "sites").glob("*/*/page.json"))
NAMES = ("Ada Crumb", "Bert Spout", "Cleo Lid", "Dora Hob", "Ed Rim", "Fay Whistle", "Gus Steam", "Hal Handle")
TEXTS = (
    "Mine takes two hours, and it has never been quicker than that.",
    "Is it plugged in? I only ask because mine was not.",
    "Thanks!",
    "I prefer lids.\n\nLids keep the steam where it belongs.",
    "A whistle is all that a kettle needs to be a kettle.",
    "No.",
    "Steam is a gas.\n\nThat is all I know of steam.",
    "Descale it with vinegar, then boil it twice, and it is like new again.",
)


def comments(count: int = 8, **odd: Sequence[Any]) -> ThreadPage:
    """Return a page of comments of invented people, the first with other values in the named fields."""
    made = []
    for number in range(count):
        name, text = NAMES[number % 8], TEXTS[number % 8] if number < 8 else f"{TEXTS[number % 8]} {number}"
        day = f"2024-05-{number % 28 + 1:02}"
        values: dict[str, Any] = {
            "native_id": f"c{number}",
            "author": Author(name=name if number < 8 else f"{name} {number}", kind="guest"),
            "body_text": text,
            "body_html": f"<p>{text}</p>",
            "published_raw": f"{day} 09:30",
            "published_at": f"{day}T09:30:00Z",
        }
        values |= {field: given[number] for field, given in odd.items() if number < len(given)}
        made.append(Comment(position=number + 1, **values))
    return ThreadPage(thread=Thread(site="kettles", native_id="1"), comments=tuple(made))


def author(name: str) -> Author:
    return Author(name=name, kind="guest")


LONG = "commented on the slow kettle that has been in the kitchen since the last war: {}"
ODD: dict[str, tuple[ThreadPage, str]] = {
    "names as texts": (comments(body_text=NAMES[:3]), "3 of 8 comments have their author's name as text"),
    "sentences as names": (
        comments(author=[author(LONG.format(name)) for name in NAMES[:3]]),
        "3 of 8 authors have names of more than 60 characters",
    ),
    "dates in names": (
        comments(author=[author(f"{name} on May {n + 1}, 2024") for n, name in enumerate(NAMES[:4])]),
        "4 of 8 authors have a date in their name",
    ),
    "times in names": (
        comments(author=[author(f"{name} - 1{n}:30 Uhr") for n, name in enumerate(NAMES[:4])]),
        "4 of 8 authors have a date in their name",
    ),
    "mails in dates": (
        comments(published_raw=[f"by kettle{n}@post.example on May {n}, 2024" for n in range(1, 9)]),
        "8 of 8 dates have an e-mail address in them",
    ),
    "names in dates": (
        comments(published_raw=[f"{name} wrote on May 6, 2024" for name in NAMES]),
        "8 of 8 dates have their author's name in them",
    ),
    "nobody says nothing": (
        comments(1, author=[None], body_text=[None], body_html=[None], published_raw=[None], native_id=[None]),
        "1 of 1 comments show nothing at all",
    ),
    "nobody, with ids": (
        comments(author=[None] * 2, body_text=[None] * 2, body_html=[None] * 2, count=6),
        "2 of 6 comments have neither author nor text",
    ),
    "one text": (comments(body_text=[TEXTS[0]] * 8), "8 of 8 comments have the same text"),
    "one id": (
        comments(native_id=["c0", None, None, None], marks=[(), *[(Mark(kind="duplicate id", value="c0"),)] * 3]),
        "3 of 8 comments have the id of another with other words",
    ),
    "one address": (
        comments(url=["https://kettles.example/t/1#comments"] * 5),
        "5 of 5 comments have the address of another with other words",
    ),
    "bylines in texts": (
        comments(body_text=[f"{name}, 6 May 2024 at 9:30\n\n{text}" for name, text in zip(NAMES, TEXTS, strict=True)]),
        "8 of 8 texts begin with their author and a date",
    ),
    "names over texts": (
        comments(body_text=[f"{name}:\n{text}" for name, text in zip(NAMES, TEXTS, strict=True)]),
        "8 of 8 texts begin with their author's name",
    ),
    "a line over all": (
        comments(body_text=[f"Valued customer\n\n{text}" for text in TEXTS]),
        "8 of 8 texts begin with the same line",
    ),
    "a line below all": (
        comments(body_text=[f"{text}\n\nPrijavi komentar" for text in TEXTS]),
        "8 of 8 texts end with the same line",
    ),
    "buttons below": (
        comments(body_text=[f"{text}\n\nReply | Report ({n})" for n, text in enumerate(TEXTS[:5])]),
        "5 of 8 texts end with the words of buttons",
    ),
    "buttons behind": (
        comments(body_text=[f"{text} Report Reply" for text in TEXTS]),
        "8 of 8 texts end with the words of buttons",
    ),
    "buttons glued": (
        comments(body_text=[f"{text}Reply" for text in TEXTS]),
        "8 of 8 texts end with the words of buttons",
    ),
    "answers in what they answer": (
        comments(
            body_text=[f"{TEXTS[0]}\n\n{TEXTS[1]}", TEXTS[1], f"{TEXTS[3]}\n\n{TEXTS[4]}", TEXTS[3]],
            parent_native_id=[None, "c0", None, "c2"],
        ),
        "2 of 2 texts hold the whole text of an answer to them",
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_values_that_swallow_others_are_drift(kind: str) -> None:
    page, sentence = ODD[kind]
    assert (drift_of_page([page]) or "").startswith(f"layout drift: {sentence}")


def test_the_articles_date_on_every_comment_is_drift() -> None:
    when = "2024-05-06T09:30:17Z"
    page = comments(published_at=[when] * 8)
    dated = replace(page, thread=replace(page.thread, article=Article(published_at=when)))
    assert odd_values(dated) == "8 of 8 comments have the article's date"
    assert odd_values(page) is None  # as after an import


PEOPLE: dict[str, ThreadPage] = {
    "ordinary": comments(),
    "one who signs with the name alone": comments(body_text=NAMES[:1]),
    "one with a long name": comments(author=[author(LONG)]),
    "one who writes much under a long name": comments(40, author=[author(LONG)] * 30),
    "one called after a day": comments(author=[author("Born on 06.05.1974")]),
    "May and June": comments(2, author=[author("May"), author("June")], published_raw=["May 6, 2024", "May 7, 2024"]),
    "one text, short": comments(body_text=["+1"] * 8),
    "four alike": comments(4, body_text=[TEXTS[0]] * 4),
    "one id twice": comments(marks=[(Mark(kind="duplicate id", value="c1"),)]),
    "a tombstone": comments(author=[None], body_text=[None], body_html=[None], deletion=["moderator"]),
    "all deleted": comments(author=[None] * 8, body_text=[None] * 8, body_html=[None] * 8, deletion=["unknown"] * 8),
    "a picture alone": comments(body_text=[None] * 8, body_html=["<img src='a.png'>"] * 8),
    "one who quotes an answer": comments(body_text=[f"{TEXTS[1]}\n\nEdit: see below."], parent_native_id=[None, "c0"]),
    "answers that quote": comments(
        body_text=[TEXTS[0], f"> {TEXTS[0]}\n\nSo does mine."], parent_native_id=[None, "c0", "c1"]
    ),
    "some who say reply": comments(body_text=[f"{TEXTS[0]}\n\nPlease reply", f"{TEXTS[1]}\n\nReply"]),
    "one who greets and signs": comments(
        body_text=[f"Hello all\n\n{text}\n\nAda" for text in TEXTS], author=[author("Ada")] * 8
    ),
    "many who quote one": comments(body_text=[TEXTS[0], *(f"Ada Crumb:\n\n> Mine.\n\n{text}" for text in TEXTS[1:])]),
    "letters to an editor": comments(body_text=[f"Sir,\n\n{text}" if n % 2 else text for n, text in enumerate(TEXTS)]),
    "none": comments(0),
}


@pytest.mark.parametrize("kind", PEOPLE)
def test_what_people_may_do_is_no_drift(kind: str) -> None:
    assert odd_values(PEOPLE[kind]) is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_no_case_of_a_site_is_refused(case: Path) -> None:
    assert not list(filter(None, map(odd_values, reading(site_named(case.parent.name), page_of(case)))))


def reading(site: Site, page: Page) -> list[ThreadPage]:
    """Return what a site reads of a page, nothing where it is none of its own."""
    try:
        return [normalise(found) for found in read(site, page)]
    except ParseError:
        return []


def test_no_recorded_page_is_refused() -> None:
    files = sorted(file for file in REALDATA.glob("*/*") if file.suffix in (".html", ".json", ".xml", ".txt"))
    if not files:
        pytest.skip(f"the recorded pages are not here: {REALDATA} (set BTL_REALDATA)")
    seen = 0
    for file in files:
        page = Page(None, file.read_bytes(), None, "2026-01-05T09:00:00Z")
        try:
            found = reading(site_of_page(page), page)
        except UnknownSite:
            continue
        seen += sum(len(thread.comments) for thread in found)
        assert not list(filter(None, map(odd_values, found))), file.name
    assert seen > 2_000


def test_nothing_of_such_a_page_is_stored_and_the_sentence_says_what_was_seen(tmp_path: Path) -> None:
    one = '<div itemprop="comment" itemscope itemtype="https://schema.org/Comment"><b itemprop="author">{0}</b>'
    one += '<time itemprop="dateCreated" datetime="2024-05-06T09:30:00Z"></time><p itemprop="text">{0}</p></div>'
    file = tmp_path / "kettle.html"
    file.write_text("<html><body>" + "".join(one.format(name) for name in NAMES) + "</body></html>", encoding="utf-8")
    archive = tmp_path / "a.db"
    ended = btl("ingest", archive, file, "--url", "https://kettles.example/t/1", "--site", "structured")
    assert ended.code == 4
    assert "layout drift: 8 of 8 comments have their author's name as text" in ended.err
    assert pages(archive) == [("failed", "drift")]
    assert rows(archive, "SELECT count(*) FROM comments") == [(0,)]


@pytest.mark.parametrize("said", ["6th May 2024", "May 6th, 2024", "2024年5月6日", "2024년 5월 6일", "1er juin 2024"])
def test_dates_of_any_language_in_names_are_drift(said: str) -> None:
    written = tuple(
        Comment(native_id=str(n), position=n, author=Author(name=f"{name} — {said}"), body_text="Tea.")
        for n, name in enumerate(("Ada", "Bo", "Cy"), 1)
    )
    found = odd_values(ThreadPage(thread=Thread(site="kettles", native_id="1"), comments=written))
    assert found == "3 of 3 authors have a date in their name"
