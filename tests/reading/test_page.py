"""A page's bytes as text and tree: charsets, NUL, depth, and what a saved page says of its address."""

import pytest

from belowtheline.reading import sources
from belowtheline.reading.errors import ParseError
from belowtheline.reading.markup import inner_html, visible
from belowtheline.reading.page import Page, decode
from tests.growth import assert_linear

UNDECLARED = "A “smart” teapot – £20, naïve".encode("cp1252")


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("é".encode(), None, ("é", "utf-8")),
        ("é".encode(), "text/html; charset=utf-8", ("é", "utf-8")),
        ("é".encode("latin-1"), "text/html; charset=utf-8", ("é", "windows-1252")),
        (b"\xef\xbb\xbf\xc3\xa9", "text/html; charset=latin-1", ("é", "utf-8")),
        ("é".encode("utf-16"), None, ("é", "utf-16-le")),
        (UNDECLARED, None, ("A “smart” teapot – £20, naïve", "windows-1252")),
        (b'<meta charset="koi8-r">' + "да".encode("koi8-r"), None, ('<meta charset="koi8-r">да', "koi8-r")),
        (b'<meta charset="no-such-charset">' + "é".encode(), None, ('<meta charset="no-such-charset">é', "utf-8")),
        (b"\x81\x8d\x8f\x90\x9d\xff", None, ("\x81\x8d\x8f\x90\x9dÿ", "windows-1252")),
        (b"", None, ("", "utf-8")),
    ],
)
def test_charsets(body: bytes, content_type: str | None, expected: tuple[str, str]) -> None:
    assert decode(body, content_type) == expected


def test_nul_is_a_replacement_character_and_ends_nothing() -> None:
    page = Page(None, b"<html><body><p>a\0b</p><p>after</p></body></html>")
    assert visible(page.root) == "a\ufffdbafter"


def test_entities_for_what_text_may_not_hold() -> None:
    page = Page(None, b"<html><body><p>a&#0;b&#xD800;c&#x110000;d&#27;e</p></body></html>")
    text = visible(page.root)
    text.encode()
    assert "\0" not in text
    assert [letter for letter in text if letter.isalpha()] == list("abcde")


@pytest.mark.parametrize("body", [b"", b"  \n ", b"<!-- -->"])
def test_no_page_is_an_error_that_names_it(body: bytes) -> None:
    with pytest.raises(ParseError, match=r"https://example\.com/x"):
        Page("https://example.com/x", body).root  # noqa: B018


def test_no_json_is_an_error_that_names_it() -> None:
    with pytest.raises(ParseError, match="the page is not valid JSON"):
        Page(None, b"{").json  # noqa: B018


def test_a_page_without_bottom_is_refused() -> None:
    with pytest.raises(ParseError, match="nests deeper than"):
        _ = Page(None, b"<html><body>" + b"<div>" * 1_000_000 + b"x", "text/html", None).root
    assert visible(Page(None, b"<html><body>" + b"<p>x" * 30_000 + b"<b>" * 3000, "text/html", None).root)[:2] == "xx"


@pytest.mark.parametrize("depth", [200, 300, 3_000, 10_000])
def test_deep_pages_are_read_whole(depth: int) -> None:
    body = b"<html><body>" + b"<div>" * depth + b"<p id=x>deep</p>" + b"</div>" * depth + b"<p>after</p></body></html>"
    page = Page(None, body)
    assert visible(page.root) == "deepafter"
    assert page.root.find(".//p[@id='x']") is not None


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>t</title></head><body><p>a</html> b <p id=x>c</p><div>d</div>",
        "<html><body><p>a</body></html><html><body>b<p id=x>c</p></body></html><p>d",
        "<p>a</html>b<p id=x>c</html>d",
    ],
)
def test_what_stands_behind_an_early_end_of_the_page_is_read(page: str) -> None:
    root = Page(None, page.encode()).root
    assert "".join(visible(root[-1]).split()) == "abcd"
    assert [element.get("id") for element in root.iter("p")].count("x") == 1
    assert root.getnext() is None


def test_a_part_is_left_out_however_deep_it_stands() -> None:
    root = Page(None, b"<html><body><div><b>t</b>tail <i>x &amp; y</i></div></body></html>").root
    body = root[0]
    heading = body[0][0]
    assert inner_html(body) == "<div><b>t</b>tail <i>x &amp; y</i></div>"
    assert inner_html(body, without=heading) == "<div>tail <i>x &amp; y</i></div>"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="https://a.example/1">', "https://a.example/1"),
        ("<link href='https://a.example/1?a=1&amp;b=2' rel='canonical'/>", "https://a.example/1?a=1&b=2"),
        ("<LINK REL=canonical HREF=https://a.example/1>", "https://a.example/1"),
        ('<meta property="og:url" content="https://a.example/2">', "https://a.example/2"),
        (
            '<meta property="og:url" content="https://a.example/2"><link rel=canonical href=https://a.example/1>',
            "https://a.example/1",
        ),
        ("<!-- saved from url=(0019)https://a.example/3 -->", "https://a.example/3"),
        ("<!--\n Page saved with SingleFile \n url: https://a.example/4 \n saved date: Thu -->", "https://a.example/4"),
        ('<link rel="canonical" href="/relative">', None),
        ('<link rel="canonical" href="javascript:alert(1)">', None),
        ('<link rel="alternate" href="https://a.example/5">', None),
        ("<!-- saved from url=(0014)about:internet -->", None),
        ("", None),
    ],
)
def test_saved_pages_say_their_address(head: str, expected: str | None) -> None:
    assert sources.saved_address(Page(None, f"<html><head>{head}</head><body></body></html>".encode())) == expected


def test_a_browsers_comment_may_stand_before_everything() -> None:
    for before in ("<!DOCTYPE html>\n", "\ufeff", "\n"):
        text = f"{before}<!-- saved from url=(0047)https://a.example/3 -->\n<html></html>"
        assert sources.saved_address(Page(None, text.encode())) == "https://a.example/3"


def test_text_says_no_address() -> None:
    assert sources.saved_address(Page(None, b'I wrote <link rel="canonical" href="https://a.example/1">')) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", True),
        (b"PK\x03\x04rest", True),
        (b"%PDF-1.7", True),
        (bytes(range(256)), True),
        (b"text with one NUL \0 in it, and an escape \x1b[0m, is text all the same", False),
        ("text".encode("utf-16"), False),
        (UNDECLARED, False),
    ],
)
def test_binary_files_are_told_from_text(body: bytes, expected: bool) -> None:
    assert sources.is_binary(body) is expected


@pytest.mark.parametrize(
    "unit", ["<link ", "<meta a=", "<!-- saved from url=(", "<!-- Page saved with SingleFile ", " ", "<"]
)
def test_hostile_heads_cost_little(unit: str) -> None:
    assert_linear(
        lambda body: sources.saved_address(Page(None, body)), b"<html>" + unit.encode() * (100_000 // len(unit))
    )
