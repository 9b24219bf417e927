"""Character sets of pages: what a label says, what the bytes say, and which of them is believed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from belowtheline.reading.charsets import charset_of, read_text
from belowtheline.reading.errors import ParseError
from belowtheline.reading.items import NOT_SHOWN, Author
from belowtheline.reading.page import Page
from belowtheline.sites.registry import read, site_named
from tests.blogs import ADDRESS, blog, case
from tests.made_up import Held

WORDS = "Käse, Öl und Äpfel – „gut“"
CYRILLIC = "Жёлтый чайник кипит"


@pytest.mark.parametrize(
    ("label", "charset"),
    [
        ("utf8", "utf-8"),
        (" UTF_8 ;", "utf-8"),
        ("utf\u20118", "utf-8"),
        ("charset=utf-8", "utf-8"),
        ("latin1", "windows-1252"),
        ("ISO 8859-1", "windows-1252"),
        ("iso-88592", "iso-8859-2"),
        ("windows&#8211;1251", "windows-1251"),
        ("windows&mdash;1250", "windows-1250"),
        ("win-1251", "windows-1251"),
        ("cp-1252", "windows-1252"),
        ('"shift-jis"', "shift_jis"),
        ("ks_c_5601-1987", "euc-kr"),
        *((name, None) for name in ("punycode", "undefined", "unicode_escape", "idna", "rot13", "hex", "", "x" * 500)),
        *((name, None) for name in ("iso-2022-kr", "hz-gb-2312", "replacement", "x-user-defined", "utf-7", "utf-32")),
    ],
)
def test_labels_are_those_of_the_standard_and_repaired(label: str, charset: str | None) -> None:
    assert charset_of(label) == charset


def html(label: str, text: str) -> str:
    return f'<html><head><meta charset="{label}"></head><body><p>{text}</p></body></html>'


@pytest.mark.parametrize(
    ("body", "header", "charset", "refuted"),
    [
        (html("iso-8859-15", WORDS).encode(), None, "utf-8", "iso-8859-15"),
        (html("utf-8", WORDS).encode(), "text/html; charset=ISO-8859-1", "utf-8", "ISO-8859-1"),
        (html("windows-1251", CYRILLIC).encode(), None, "utf-8", "windows-1251"),
        (html("windows-1251", CYRILLIC).encode("cp1251"), "text/html; charset=utf-8", "windows-1251", "utf-8"),
        (html("windows&#8211;1251", CYRILLIC).encode("cp1251"), None, "windows-1251", None),
        (html("koi8-r", CYRILLIC).encode("koi8-r"), None, "koi8-r", None),
        (html("undefined", WORDS).encode(), None, "utf-8", "undefined"),
        (html("unicode_escape", "\\u0041" + WORDS).encode(), None, "utf-8", "unicode_escape"),
        (html("utf-16", WORDS).encode(), None, "utf-8", "utf-16"),
        (html("x", "日本語のやかん").encode("cp932"), "text/html; charset=Shift_JIS", "shift_jis", None),
        (html("shift_jis", "日本語のやかん").encode(), None, "utf-8", "shift_jis"),
        (html("gbk", "中文 " * 4 + "慢吞吞的水壶").encode(), None, "utf-8", "gbk"),
        (html("big5", "茶壶 茶壶 茶壶 慢吞吞的水壶").encode(), None, "utf-8", "big5"),
        (html("euc-kr", "느린 주전자").encode("cp949"), None, "euc-kr", None),
        (html("gb2312", "慢吞吞的水壶").encode("gb18030"), None, "gbk", None),
        (html("big5", "慢吞吞的水壺").encode("big5"), None, "big5", None),
        (html("x", WORDS).encode("utf-16-le"), "text/html; charset=utf-16", "utf-16le", None),
        (html("x", WORDS).encode("utf-16-le"), None, "utf-16le", None),
        (html("utf-8", WORDS).encode("utf-16-be"), "text/html; charset=utf-8", "utf-16be", None),
        (html("koi8-r", WORDS).encode("utf-8-sig"), "text/html; charset=koi8-r", "utf-8", None),
        ('<?xml version="1.0" encoding="ISO-8859-2"?><p>ą'.encode("iso8859-2"), None, "iso-8859-2", None),
        (b"<!-- <meta charset=koi8-r> -->" + html("utf-8", WORDS).encode(), None, "utf-8", None),
        (html("x", WORDS).replace('charset="x"', 'name="x"').encode("cp1252"), None, "windows-1252", None),
        (b'{"body": "' + WORDS[:4].encode() + WORDS.encode() + b'"}', "text/json;charset=latin1", "utf-8", "latin1"),
        (b'{"html": "<meta charset=koi8-r>' + WORDS.encode() + b'"}', "application/json", "utf-8", None),
    ],
)
def test_the_bytes_decide_between_labels(body: bytes, header: str | None, charset: str, refuted: str | None) -> None:
    found = read_text(body, header)
    assert found[1:] == (charset, refuted)
    assert "\ufffd" not in found.text
    assert any(word in found.text for word in (WORDS, CYRILLIC, "日本語のやかん", "주전자", "慢吞吞的水", "ą"))


def a_cut_letter(body: bytes) -> bytes:
    return body[: body.rindex("ü".encode()) + 1]


def a_bad_byte(body: bytes) -> bytes:
    return body.replace(b" kocht", b" k\xf6cht", 1)


def a_quarter_of_a_thousandth(body: bytes) -> bytes:
    return body.replace(b"</p>", b"\x92</p>" * 60, 1)


@pytest.mark.parametrize("label", ['<meta charset="utf-8">', "", '<meta charset="iso-8859-1">'])
@pytest.mark.parametrize("damage", [a_cut_letter, a_bad_byte, a_quarter_of_a_thousandth])
def test_a_few_bad_bytes_do_not_change_the_character_set(label: str, damage: Callable[[bytes], bytes]) -> None:
    page = f"<html>{label}<p>" + "Schöner Kessel, der gemächlich kocht, Ümit. " * 3000 + "</p><p>Später: fünf"
    found = read_text(damage(page.encode()), None)
    assert (found.charset, "Schöner Kessel, der gemächlich" in found.text) == ("utf-8", True)
    assert found.text.count("\ufffd") in range(1, 3001)


def test_many_bad_bytes_do_and_then_none_is_lost() -> None:
    body = b"<html><p>" + "naïve café £5 ".encode("cp1252") * 500
    assert read_text(body, "text/html; charset=utf-8") == (body.decode("cp1252"), "windows-1252", "utf-8")
    every = bytes(range(128, 256)) * 3
    assert len(set(read_text(every, None).text)) == 128


def test_a_letter_or_two_do_not_refute_a_label() -> None:
    assert read_text("<p>Ã© Ã©".encode("cp1252"), "text/html; charset=iso-8859-1").text == "<p>Ã© Ã©"


def test_a_cut_page_keeps_its_authors_and_loses_only_the_torn_text(tmp_path: Path) -> None:
    page = blog("Naïve, 90 °C? 🫖", "Ja, schön", "„Ja“ – für", author="Ümit").encode()
    held = Held(tmp_path)
    assert held.take(page[: page.rindex("ü".encode()) + 1]) == 3
    assert held.flat("author", "body_text") == [
        ("Ümit", "Naïve, 90 °C? 🫖"), ("Ümit", "Ja, schön"), ("Ümit", None),
    ]  # fmt: skip
    assert held.rows("SELECT charset, charset_label, is_cut FROM pages") == [("utf-8", None, 1)]


def test_the_refuted_label_is_kept_with_the_page(tmp_path: Path) -> None:
    held = Held(tmp_path)
    assert held.take(blog("Schöne Grüße", "Für mich", head='<meta charset="iso-8859-15">')) == 0
    assert held.rows("SELECT charset, charset_label FROM pages") == [("utf-8", "iso-8859-15")]
    assert held.flat("body_text") == [("Schöne Grüße",), ("Für mich",)]


def test_a_byte_that_went_bad_makes_no_false_edits(tmp_path: Path) -> None:
    held = Held(tmp_path)
    page = blog("Schön", "Eine Tasse für Zoë", author="Jürgen").encode()
    held.take(page.replace(b"Eine", b"E\xe9ne"), "2024-05-07T09:00:00Z")
    held.take(page, "2024-05-08T09:00:00Z")
    assert held.rows("SELECT count(*) FROM comment_versions") == [(2,)]  # a letter that was lost is no edit
    assert held.rows("SELECT name FROM authors") == [("Jürgen",)] * held.rows("SELECT count(*) FROM authors")[0][0]


@pytest.mark.parametrize(
    ("text", "encoding", "charset"),
    [
        (blog("Žluťoučký kůň 🫖", "„ča“ – Ünë", author="Žofie"), "utf-8", "utf-8"),
        (blog("日本語のやかん", "お茶", author="日本太郎", head='<meta charset="shift_jis">'), "cp932", "shift_jis"),
        (blog("慢吞吞的水壶", "茶", author="王小明", head='<meta charset="gb2312">'), "gb18030", "gbk"),
    ],
)
def test_a_cut_anywhere_changes_no_character_set_and_tears_no_text(text: str, encoding: str, charset: str) -> None:
    body = text.encode(encoding)
    (whole,) = read(site_named("wordpress"), Page(ADDRESS, body))
    known = {one.native_id: (getattr(one.author, "name", None), one.body_html) for one in whole.comments}
    for end in range(body.index(b"comment-1"), len(body), 3):
        page = Page(ADDRESS, body[:end])
        assert page.charset == charset
        try:
            (found,) = read(site_named("wordpress"), page)
        except ParseError:
            continue
        for one in found.comments:
            name, html = known[one.native_id]
            assert not isinstance(one.author, Author) or one.author.name in (None, NOT_SHOWN, name)
            assert one.body_html in (NOT_SHOWN, None, "", html)


@pytest.mark.parametrize(
    ("name", "author", "words", "count"),
    [
        ("cut-inside-a-letter.html", "Ümit", None, 3),
        ("damaged-label.html", "Ольга", "А у меня сломался.", 2),
        ("latin-9-label-over-utf-8.html", "Zoë", "Für mich auch.", 2),
    ],
)
def test_the_small_inputs(name: str, author: str, words: str | None, count: int) -> None:
    (found,) = read(site_named("wordpress"), Page(ADDRESS, case(f"encodings/{name}").read_bytes(), "text/html"))
    last = found.comments[-1]
    assert len(found.comments) == count
    assert getattr(last.author, "name", None) == author
    assert (words is None) is (type(last.body_html) is not str)
    assert words is None or words in str(last.body_html)
    assert found.completeness.is_cut is (name == "cut-inside-a-letter.html")
