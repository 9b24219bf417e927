"""WordPress in other languages: dates, buttons and words around names, as its translations and themes write them."""

import pytest

from belowtheline.reading.items import shown
from belowtheline.sites.wordpress.bylines import date_in, has_day, name_in
from tests.sites.test_wordpress_themes import TEXTS, TIMES, comments_in, names_of
from tests.wordpress_themes import page_in

WRITTEN = ("May 6, 2024 at 9:30 am", "May 6, 2024 at 10:05 pm", "May 7, 2024 at 8:00 am")
LOCALES = {
    "fr": ("6 mai 2024 à 9 h 30 min", "6 mai 2024 à 22 h 05 min", "7 mai 2024 à 8 h 00 min"),
    "fr, with weekdays": ("lundi 6 mai 2024 à 09h30", "lundi 6 mai 2024 à 22h05", "mardi 7 mai 2024 à 08h00"),
    "es": ("6 mayo, 2024 a las 9:30 a. m.", "6 mayo, 2024 a las 10:05 p. m.", "7 mayo, 2024 a las 8:00 a. m."),
    "hu": ("2024.05.06. - 09:30", "2024.05.06. - 22:05", "2024.05.07. - 08:00"),
    "ko": ("2024년 5월 6일 9:30 오전", "2024년 5월 6일 10:05 오후", "2024년 5월 7일 8:00 오전"),
    "zh": ("2024年5月6日 上午9:30", "2024年5月6日 下午10:05", "2024年5月7日 上午8:00"),
    "vi": ("6 Tháng Năm, 2024 lúc 9:30 sáng", "6 Tháng Năm, 2024 lúc 10:05 chiều", "7 Tháng Năm, 2024 lúc 8:00 sáng"),
    "ar": ("6 مايو، 2024 عند 9:30 ص", "6 مايو، 2024 عند 10:05 م", "7 مايو، 2024 عند 8:00 ص"),
    "it": ("lunedì, 6 maggio 2024 alle 09:30", "lunedì, 6 maggio 2024 alle 22:05", "martedì, 7 maggio 2024 alle 8:00"),
    "de": ("Mo., 06.05.2024 - 09:30 Uhr", "Mo., 06.05.2024 - 22:05 Uhr", "Di., 07.05.2024 - 08:00 Uhr"),
    "en": ("May 6th, 2024 9:30 am", "May 6th, 2024 10:05 pm", "May 7th, 2024 8:00 am"),
}
IN_WORDS = {
    "a heading and a time": (
        '<li id="comment-{n}" class="{cls}"><h4 class="media-heading">{linked}</h4><p class="small">{date}</p>'
        '<div class="comment-content">{body}</div>{kids}</li>'
    ),
    "side by side": (
        '<li id="comment-{n}" class="{cls}"><div class="comment-info"><strong>{linked}</strong><em>{date}</em></div>'
        "{body}{kids}</li>"
    ),
    "in a table": (
        '<table id="comment-{n}" class="{cls}"><tr><td class="who">{linked}<br><span class="when">{date}</span></td>'
        '<td class="what">{body}</td></tr></table>{kids}'
    ),
    "paragraphs of a utility framework": (
        '<li id="comment-{n}" class="{cls}"><div class="flex items-center"><p class="text-sm bold">{name}</p>'
        '<p class="text-xs">{date}</p></div><div class="prose">{body}</div>{kids}</li>'
    ),
    "by in another language": (
        '<li id="comment-{n}" class="{cls}">{body}<p><cite>di {linked} — {date}</cite></p>{kids}</li>'
    ),
    "by, with a capital": (
        '<li id="comment-{n}" class="{cls}">{body}<p><cite>Door {linked}, {date}</cite></p>{kids}</li>'
    ),
    "buttons of no known name": (
        '<li id="comment-{n}" class="{cls}"><span class="fn">{linked}</span><span class="date">{date}</span>'
        '<div class="comment-content">{body}<a href="#" class="cq">Quote</a> <a href="#" class="cr">Flag it</a></div>'
        "{kids}</li>"
    ),
    "a question below": (
        '<li id="comment-{n}" class="{cls}"><div class="top"><b>{linked}</b><span>{date}</span></div><div>{body}</div>'
        '<div class="flex"><span>Was this helpful?</span> <a href="#">Yes</a> <a href="#">No</a></div>{kids}</li>'
    ),
}


@pytest.mark.parametrize("theme", IN_WORDS, ids=str)
@pytest.mark.parametrize("locale", LOCALES, ids=str)
def test_a_thread_reads_alike_in_every_language(theme: str, locale: str) -> None:
    page = page_in(IN_WORDS[theme]).decode()
    for english, said in zip(WRITTEN, LOCALES[locale], strict=True):
        page = page.replace(english, said)
    comments = comments_in(page.encode())
    assert names_of(comments) == ["Ada Crumb", "Bert Spout", "Cleo Lid"]
    assert [shown(comment.published_at) for comment in comments] == TIMES
    assert [" ".join((shown(comment.body_text) or "").split()) for comment in comments] == TEXTS


@pytest.mark.parametrize("said", [said[0] for said in LOCALES.values()])
def test_a_date_is_known_whole_beside_a_name(said: str) -> None:
    assert has_day(said)
    assert name_in(f"Ada Crumb, {said}") == "Ada Crumb"
    assert date_in(f"Ada Crumb, {said}", "Ada Crumb").strip("()") in f"{said})"


def test_what_all_commenters_wrote_alike_stays_their_text() -> None:
    theme = (
        '<li id="comment-{n}" class="{cls}"><span class="fn">{linked}</span> <time datetime="{iso}">{date}</time>'
        '<div class="comment-content"><span class="said">First!</span></div>{kids}</li>'
    )
    assert [comment.body_text for comment in comments_in(page_in(theme))] == ["First!"] * 3


def test_a_name_that_begins_like_by_is_whole_where_others_do_not() -> None:
    theme = '<li id="comment-{n}" class="{cls}"><div class="comment-author">{name}</div>{body}<i>{date}</i>{kids}</li>'
    page = page_in(theme).replace(b"Bert Spout", b"di Spout")
    assert names_of(comments_in(page)) == ["Ada Crumb", "di Spout", "Cleo Lid"]
