"""Lines and spaces that readers see are kept in the text form: of <pre> and its kin, and of what styles say."""

import json
from pathlib import Path

import pytest

from belowtheline.pipelines.bodies import sanitise, text_form
from belowtheline.reading.markup import inner_html, parse_html
from tests.growth import assert_grows
from tests.made_up import Held
from tests.places import REALDATA

CASE = REALDATA.parent / "cases" / "html" / "br-in-pre-and-pre-wrap.html"


def read(html: str) -> str:
    clean = sanitise(html)
    assert sanitise(clean) == clean
    return text_form(clean)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<pre>one<br>two</pre>", "one\ntwo"),
        ("<pre>one<br/>  two<BR>\nthree</pre>", "one\n  two\n\nthree"),
        ("<pre><code>one<br>two</code><br>three</pre>", "one\ntwo\nthree"),
        ("<blockquote><pre>one<br>two</pre></blockquote>", "> one\n> two"),
        ("<p>a<pre>\none\n two</pre>b", "a\n\none\n two\n\nb"),
        ("<listing>one\n  two</listing>", "one\n  two"),
        ("<LISTING class=x>one\ntwo</LISTING>", "one\ntwo"),
        ("<xmp>one\n  <b>two</b></xmp>", "one\n  <b>two</b>"),
        ("<textarea rows=2>one\n\n  two</textarea>", "one\n\n  two"),
        ("<plaintext>one\n</p>two", "one\n</p>two"),
    ],
)
def test_lines_of_pre_and_its_kin(html: str, text: str) -> None:
    assert read(html) == text


@pytest.mark.parametrize(
    "style",
    [
        "white-space: pre-wrap",
        "white-space:pre-wrap;",
        "WHITE-SPACE : PRE",
        "color: red; white-space:\n break-spaces",
        "white-space: pre-wrap !important; white-space: normal",
        "white-space: normal; white-space: pre-wrap",
        "white-space: pre-wrap; white-space: wibble",
        "white-space: -moz-pre-wrap",
        "/* a */ white-space: /* b */ pre-wrap",
        "white-space-collapse: preserve",
        "white-space: preserve nowrap",
    ],
)
@pytest.mark.parametrize("tag", ["div", "p", "span", "font", "td-text", "section", "label"])
def test_style_keeps_lines_and_spaces(style: str, tag: str) -> None:
    assert read(f'<{tag} style="{style}">one  two\n\n   three\n&nbsp;four\n</{tag}>') == "one  two\n\n   three\n four"


@pytest.mark.parametrize("style", ["white-space: pre-line", "white-space:preserve-breaks"])
def test_style_keeps_lines_alone(style: str) -> None:
    assert read(f'<div style="{style}">one   two\n   three\n\n\nfour</div>') == "one two\nthree\n\nfour"


@pytest.mark.parametrize(
    "style",
    [
        "white-space: normal",
        "white-space: nowrap",
        "color: red",
        "x-white-space: pre",
        "white-space: pre; white-space: nowrap",
    ],
)
def test_other_styles_keep_neither(style: str) -> None:
    assert read(f'<div style="{style}">one  two\n\n three</div>') == "one two three"


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("a\nb<p>c\nd</p>e", "a\nb\n\nc\nd\n\ne"),
        ('<div style="white-space: normal">a\nb</div>c\nd', "a b\n\nc\nd"),
        ('<div style="white-space:normal">a\nb <span style="white-space:pre">c\nd</span> e\nf</div>', "a b c\nd e f"),
        ('<span style="white-space:inherit">a\nb</span>', "a\nb"),
        ('<div style="white-space:normal"><pre>a\n b</pre>c\nd</div>', "a\n b\n\nc d"),
        ("<ul><li>a\nb</li><li>c</li></ul>", "- a\n  b\n- c"),
        ("<ol start='4'><li>a\n b</li></ol>", "4. a\n   b"),
        ("<blockquote>a\nb</blockquote>", "> a\n> b"),
        ("a<br>b\nc", "a\nb\nc"),
        ("a\r\nb", "a\nb"),
        ("\n<p>a</p>\n\n<p>b</p>\n", "a\n\nb"),
        ("a &amp;lt; &amp;amp;\n&lt;b&gt;", "a &lt; &amp;\n<b>"),
        ("<table><tr><td>a\nb</td><td>c</td></tr></table>", "a b\tc"),
        ("a\tb", "a\tb"),
    ],
)
def test_style_holds_for_all_inside_that_says_nothing_else(inside: str, text: str) -> None:
    assert read(f'<div style="white-space: pre-wrap">{inside}</div>') == text
    assert read(f'<div>x</div><div style="white-space: pre-wrap">{inside}</div>y\nz') == f"x\n\n{text}\n\ny z"


def test_style_takes_the_lines_of_pre_back() -> None:
    assert read('<pre style="white-space: normal">a\n  b</pre>') == "a b"
    assert read('<pre style="white-space: pre-line">a   b\nc</pre>') == "a b\nc"
    assert read('<pre>a\n<span style="white-space:nowrap">b\nc</span>\nd</pre>') == "a\nb c\nd"


def test_no_other_style_is_kept() -> None:
    html = '<p style="position:fixed;white-space:pre;background:url(//x.example/)" onclick="x()">a</p>'
    assert sanitise(html) == '<p style="white-space: pre-wrap">a</p>'
    assert sanitise('<p style="color: red">white-space</p>') == "<p>white-space</p>"


@pytest.mark.parametrize(
    "tag", ["<div style='white-space: pre-wrap'>", "<span style='white-space:pre'>", "<listing>", "<xmp>"]
)
def test_cost_grows_with_the_length(tag: str) -> None:
    assert_grows(lambda count: text_form(sanitise(tag + "a  b\n" * count + f"{tag}c\n" * (count // 10))), 20_000)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p id=x style='white-space: pre-wrap'>a\n b</p>", "a\n b"),
        ("<div style='white-space:pre-line'><p id=x>a\n b</p></div>", "a\nb"),
        ("<div style='white-space:pre'><p id=x style='white-space:normal'>a\n b</p></div>", "a b"),
        ("<pre id=x>a\n b</pre>", "a\n b"),
        ("<listing id=x>a\n b</listing>", "a\n b"),
        ("<textarea id=x>a\n b</textarea>", "a\n b"),
        ("<p id=x style='white-space: pre-wrap'> </p>", ""),
    ],
)
def test_style_of_the_element_that_holds_a_body_counts(page: str, text: str) -> None:
    (element,) = parse_html(f"<html><body>{page}</body></html>", "a page").xpath("//*[@id='x']")  # type: ignore[misc]
    assert read(inner_html(element)) == text  # type: ignore[arg-type]


def test_archive_holds_the_lines(tmp_path: Path) -> None:
    held = Held(tmp_path)
    item = {
        "id": 800,
        "type": "story",
        "author": "ann",
        "title": "Mugs",
        "created_at_i": 1_714_986_000,
        "story_id": 800,
    }
    text = '<div style="white-space:pre-wrap">a\n  b</div>'
    child = {**item, "id": 801, "type": "comment", "parent_id": 800, "text": text}
    held.take(json.dumps({**item, "children": [child]}))
    assert held.rows("SELECT body_text, body_html FROM comments") == [
        ("a\n  b", '<div style="white-space: pre-wrap">a\n  b</div>')
    ]


@pytest.mark.skipif(not CASE.is_file(), reason="the page is not here (BTL_REALDATA)")
def test_page_that_lost_its_lines_keeps_them(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(CASE.read_bytes())
    texts = [text for (text,) in held.rows("SELECT body_text FROM comments ORDER BY position")]
    assert texts == [
        "Code:\n\nfoo\n  bar\n\nbaz\n\nend",
        "line one\nline two\n\n  indented\n\nafter",
    ]


def test_tags_without_an_end_cost_as_much_as_they_are_long() -> None:
    assert_grows(lambda count: sanitise("<b>x</b>" * 300 + "<a" + "a" * count), 100_000)
