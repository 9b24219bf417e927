"""Bodies: what is kept of the HTML, the text form, and the promise that no visible character is lost."""

import re
from collections import Counter
from dataclasses import replace
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from belowtheline.pipelines.bodies import _HTML, _UNRENDERED, _VOID, normalise_bodies, sanitise, text_form
from belowtheline.reading.items import NOT_SHOWN, Comment, Thread, ThreadPage
from tests.growth import assert_linear
from tests.places import REALDATA


def read(html: str) -> str:
    return text_form(sanitise(html))


KEPT_AS_IT_IS = {
    "formatting": "<p>One <b>two</b> <i>three</i> <sup>4</sup></p>",
    "a list with its first number": '<ol start="4"><li>four</li></ol>',
    "a table": "<table><tbody><tr><td>a</td></tr></tbody></table>",
    "an http link": '<a href="http://example.org/?a=1&amp;b=2">x</a>',
    "an https link": '<a href="https://example.org/">x</a>',
    "a mail link": '<a href="mailto:someone@example.org">x</a>',
    "a relative link": '<a href="/forum/1">x</a>',
    "an image": '<img src="https://example.org/a.png" alt="a cat">',
    "bidirectional controls": "<p>\u202eabc\u202c \u2067def\u2069 \u200f</p>",
    "a joined emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "escaped markup": "&lt;script&gt;",
}


@pytest.mark.parametrize("html", KEPT_AS_IT_IS.values(), ids=KEPT_AS_IT_IS)
def test_is_kept_as_it_is(html: str) -> None:
    assert sanitise(html) == html


CLEANED = {
    "a script goes with its content": ("a<script>alert(1)</script>b", "ab"),
    "a style sheet goes with its content": ("a<style>p{color:red}</style>b", "ab"),
    "an iframe goes with its content": ('a<iframe src="//x.example"><p>no</p></iframe>b', "ab"),
    "noscript goes, since a browser hides it": ("a<noscript><img src=x></noscript>b", "ab"),
    "a template goes, since a browser hides it": ("a<template><p>no</p></template>b", "ab"),
    "a comment goes": ("a<!-- <b>no</b> -->b", "ab"),
    "an unclosed comment goes": ("a<!-- no", "a"),
    "an event handler goes": ('<p onclick="x()">a</p>', "<p>a</p>"),
    "an unquoted event handler goes": ("<img/src=x/onerror=alert(1)>", '<img src="x/onerror=alert(1)">'),
    "style, class, id and title go": ('<p style="x" class="y" id="z" title="t" lang="en">a</p>', "<p>a</p>"),
    "a script link loses its address": ('<a href="javascript:x()">a</a>', "<a>a</a>"),
    "a disguised script link loses its address": ('<a href=" jAvA&#10;script&colon;x()">a</a>', "<a>a</a>"),
    "a data image loses its address": ('<img src="data:image/png;base64,AA==" alt="a">', '<img alt="a">'),
    "an unknown tag is unwrapped": ("<blink>a</blink><foo:bar>b</foo:bar>", "ab"),
    "a form is unwrapped": ('<form action="/x"><input name="y">a<button>b</button></form>', "ab"),
    "text in SVG is kept without SVG": ("<svg onload=x()><g><text>a</text></g><style>no</style></svg>b", "ab"),
    "text in MathML is kept without MathML": ("<math><mi>a</mi><mo>+</mo><mn>1</mn></math>", "a+1"),
    "a tag named as in SVG keeps its text": ("<text>a</text><SET>b</SET>", "ab"),
    "unclosed tags are closed": ("<p><b>a", "<p><b>a</b></p>"),
    "a bare angle bracket is text": ("1 < 2 > 0 & so on", "1 &lt; 2 &gt; 0 &amp; so on"),
    "markup in a textarea is text": ("<textarea><b>a</b></textarea>", "<pre>&lt;b&gt;a&lt;/b&gt;</pre>"),
    "angle brackets in an attribute are escaped": ('<img alt="<b>">', '<img alt="&lt;b&gt;">'),
    "a mutation through MathML leaves no markup": (
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<table></table>",
    ),
    "blank lines before code go": ("<pre>\n\n\n\n\n\n\n\n\n\n\n  a\n</pre>", "<pre>  a\n</pre>"),
    "NUL is U+FFFD": ("a\0b", "a\ufffdb"),
    "half a surrogate pair is U+FFFD": ("a\ud83db", "a\ufffdb"),
    "two halves of a surrogate pair are a character": ("\ud83d\ude00", "\U0001f600"),
    "surrounding white space goes": ("\n <p>a</p>\n ", "<p>a</p>"),
}


@pytest.mark.parametrize(("html", "clean"), CLEANED.values(), ids=CLEANED)
def test_cleaned(html: str, clean: str) -> None:
    assert sanitise(html) == clean


@pytest.mark.parametrize("name", sorted(_HTML - _UNRENDERED - _VOID))
def test_every_tag_of_html_keeps_its_text(name: str) -> None:
    assert "inside" in sanitise(f"<{name}>inside</{name}>")


FORMS = {
    "blocks are separated by one blank line": ("<p>a</p><p>b</p>\n\n\n<div>c</div>d", "a\n\nb\n\nc\n\nd"),
    "nested blocks leave one blank line": ("<div><div><p>a</p></div></div><div><p>b</p></div>", "a\n\nb"),
    "an empty block leaves no trace": ("<p>a</p><p> &nbsp;</p><p><br></p><p>b</p>", "a\n\nb"),
    "headings and rules are blocks": ("<h2>a</h2>b<hr>c", "a\n\nb\n\nc"),
    "a tag for a section is a block": ("<section>a</section><section>b</section>", "a\n\nb"),
    "a line break is a new line": ("a<br>b<br />\nc", "a\nb\nc"),
    "two line breaks end the block": ("a<br><br>b", "a\n\nb"),
    "three line breaks end the block once": ("a<br> <br>\n&nbsp;<br>b", "a\n\nb"),
    "line breaks around a block count for nothing": ("<br><p><br>a<br></p><br>b<br>", "a\n\nb"),
    "a line break at the very end counts for nothing": ("<p>a<br></p>", "a"),
    "a list has its items on consecutive lines": ("a<ul><li>b</li>\n<li>c</li></ul>d", "a\n\n- b\n- c\n\nd"),
    "items with paragraphs stay consecutive": ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "- a\n- b"),
    "a second paragraph of an item is indented": (
        "<ul><li><p>a</p><p>b</p></li><li>c</li></ul>",
        "- a\n\n  b\n- c",
    ),
    "a line break in an item is indented": ("<ul><li>a<br>b</li></ul>", "- a\n  b"),
    "an ordered list is numbered": ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
    "numbers begin at start": ('<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b"),
    "a nested list is indented by two spaces": (
        "<ul><li>a<ol><li>b<ul><li>c</li></ul></li></ol></li><li>d</li></ul>",
        "- a\n  1. b\n    - c\n- d",
    ),
    "a list that is an item's first content stands beside its mark": ("<ul><li><ul><li>a</ul></ul>", "- - a"),
    "an empty item is left out": ("<ul><li></li><li>a</li></ul>", "- a"),
    "an empty item keeps its number": ("<ol><li></li><li>a</li></ol>", "2. a"),
    "two lists are two blocks": ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n- b"),
    "each quoted line is marked": ("<blockquote><p>a<br>b</p><p>c</p></blockquote>d", "> a\n> b\n\n> c\n\nd"),
    "a quote in a quote is marked twice": (
        "<blockquote>a<blockquote>b</blockquote>c</blockquote>",
        "> a\n\n> > b\n\n> c",
    ),
    "a list in a quote": ("<blockquote><ul><li>a</li><li>b</li></ul></blockquote>", "> - a\n> - b"),
    "a quote in a list": ("<ul><li><blockquote>a<br>b</blockquote></li></ul>", "- > a\n  > b"),
    "code keeps its lines and spaces": (
        "a<pre><code>if x:\n    y\n\n\n\n  z\n</code></pre>b",
        "a\n\nif x:\n    y\n\n\n\n  z\n\nb",
    ),
    "code keeps the spaces of its first line": ("<pre>\n  a\nb</pre>", "  a\nb"),
    "code in a list is a block of its own": ("<ul><li>a<pre>b\n c</pre></li><li>d</ul>", "- a\n\nb\n c\n\n- d"),
    "code in a quote is quoted": ("<blockquote><pre>a\n\nb</pre></blockquote>", "> a\n>\n> b"),
    "blocks in code are lines": ("<pre><div>a</div><div>b</div>c<br>d</pre>", "a\nb\nc\nd"),
    "inline code and links are their text": ('<code>a  b</code> <a href="https://example.org">c</a>', "a b c"),
    "an image is its description": ('a <img src="x" alt="&lt;b&gt; &quot;c&quot;"> d', 'a <b> "c" d'),
    "a table has a row a line and a tab between cells": (
        "<table><caption>t</caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
        "t\na\tb\n1\t2",
    ),
    "a cell is one line": ("<table><tr><td><p>a</p><p>b<br>c</p></td><td>d</td></tr></table>", "a b c\td"),
    "a table in an item is a block of its own": ("<ul><li>a<table><tr><td>b</table></ul>", "- a\n\n  b"),
    "an empty cell keeps its place": ("<table><tr><td>a</td><td></td><td>c</td></tr></table>", "a\t\tc"),
    "a table in a cell is on its line": ("<table><tr><td>a<table><tr><td>b</table><td>c</table>", "a b\tc"),
    "terms and descriptions are lines": ("<dl><dt>a</dt><dd><p>b</p></dd><dt>c</dt></dl>", "a\nb\nc"),
    "white space is collapsed": (" a \n\t b&nbsp;&nbsp;c\u3000d ", "a b c d"),
    "white space between tags is collapsed": ("a <b> b</b>  <i>c </i>", "a b c"),
    "character references are decoded once": ("&amp;lt; &lt; &eacute; &#8217; &amp;", "&lt; < é ’ &"),
    "text without markup": ("just text", "just text"),
    "nothing": ("", ""),
    "only white space": (" <p>\n&nbsp;</p> <br>", ""),
}


@pytest.mark.parametrize(("html", "form"), FORMS.values(), ids=FORMS)
def test_text_form(html: str, form: str) -> None:
    assert read(html) == form


COMMENT = Comment(native_id="1", position=1)
THREAD = Thread(site="gazette", native_id="7")


def stored(comment: Comment) -> Comment:
    return normalise_bodies(ThreadPage(thread=THREAD, comments=(comment,))).comments[0]


def test_a_body_is_sanitised_and_gets_its_text() -> None:
    comment = stored(replace(COMMENT, body_html="<p class=x>a</p><p>b"))
    assert (comment.body_html, comment.body_text) == ("<p>a</p><p>b</p>", "a\n\nb")


@pytest.mark.parametrize("html", ["", "<p> </p>", "<script>x()</script>", "<hr>", None])
def test_an_empty_body_is_none_in_both(html: str | None) -> None:
    comment = stored(replace(COMMENT, body_html=html, body_text=None))
    assert (comment.body_html, comment.body_text) == (None, None)


def test_a_body_that_is_one_picture_is_kept_without_text() -> None:
    comment = stored(replace(COMMENT, body_html='<p><img src="/a.png"></p>'))
    assert (comment.body_html, comment.body_text) == ('<p><img src="/a.png"></p>', None)


def test_copied_text_is_tidied_and_its_html_stays_not_shown() -> None:
    comment = stored(replace(COMMENT, body_text="\n a  b \r\n\n \n\nc\0\n\n"))
    assert (comment.body_html, comment.body_text) == (NOT_SHOWN, " a  b\n\nc\ufffd")


def test_blank_copied_text_is_none() -> None:
    assert stored(replace(COMMENT, body_text=" \n ")).body_text is None


def test_a_body_that_is_not_shown_stays_so() -> None:
    assert stored(COMMENT) is COMMENT


def test_the_opener_of_a_thread_is_normalised_too() -> None:
    page = normalise_bodies(ThreadPage(thread=replace(THREAD, body_html="<p onclick=x>a</p>")))
    assert (page.thread.body_html, page.thread.body_text) == ("<p>a</p>", "a")


def test_a_page_that_needs_nothing_is_returned_as_it_is() -> None:
    page = ThreadPage(thread=THREAD, comments=(replace(COMMENT, body_html="<p>a</p>", body_text="a"),))
    assert normalise_bodies(page) is page


def test_normalising_twice_changes_nothing() -> None:
    page = ThreadPage(thread=THREAD, comments=(replace(COMMENT, body_html="<p class=x>a<pre>\n\n b"),))
    once = normalise_bodies(page)
    assert normalise_bodies(once) is once


# The promise: no visible character is lost. Trees are nested as HTML allows, so that two parsers agree on their order.

FLOW_TAGS = [
    "div", "p", "blockquote", "section", "center", "form", "fieldset", "details", "h2", "x-foo", "article",
    "b", "i", "em", "code", "span", "a", "font", "small", "kbd", "button", "label", "object", "svg", "math", "g",
]  # fmt: skip
SPACES = " \n\t\xa0\u3000"
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "N"), exclude_characters="->."), max_size=6)
ANY_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=8)
LEAVES = st.sampled_from(["<br>", "<hr>", '<img src="x">', "<wbr>", "<!-- no -->", "<script>no</script>", " ", "\n"])


def _grown(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(children, max_size=4).map("".join)
    items = st.lists(several.map(lambda inner: f"<li>{inner}</li>"), max_size=3).map("".join)
    cells = st.lists(several.map(lambda inner: f"<td>{inner}</td>"), min_size=1, max_size=3).map("".join)
    rows = st.lists(cells.map(lambda inner: f"<tr>{inner}</tr>"), min_size=1, max_size=3).map("".join)
    terms = st.lists(st.builds("<dt>{}</dt><dd>{}</dd>".format, several, several), max_size=2).map("".join)
    return st.one_of(
        st.builds(lambda tag, inner: f"<{tag}>{inner}</{tag}>", st.sampled_from(FLOW_TAGS), several),
        several.map(lambda inner: f"<pre>{inner}</pre>"),
        items.map(lambda inner: f"<ul>{inner}</ul>"),
        items.map(lambda inner: f"<ol>{inner}</ol>"),
        rows.map(lambda inner: f"<table><tbody>{inner}</tbody></table>"),
        terms.map(lambda inner: f"<dl>{inner}</dl>"),
    )


def trees(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    text = st.one_of(words, words, st.sampled_from(["&", "<", "a & b", "<b>", "&lt;", *SPACES])).map(escape)
    grown = st.recursive(st.one_of(text, text, LEAVES), _grown, max_leaves=25)
    return st.lists(grown, max_size=5).map("".join)


def shown_by(root: Any) -> str:
    for hidden in root.xpath(".//script | .//style | .//noscript | .//template | .//iframe | .//comment()"):
        hidden.drop_tree()
    return "".join(root.text_content().split())


def visible(html: str) -> str:
    return shown_by(lxml_html.fragment_fromstring(html, create_parent="div"))


def is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in part)


# The marks of lists and quotes, of which the generated words hold no character.
MARKS = re.compile(r"^(?:> |>$|- |\d+\. |  )*", re.MULTILINE)


@given(trees(WORDS))
@settings(deadline=None)
def test_without_its_marks_the_text_form_is_the_visible_text(html: str) -> None:
    html = html.replace("&gt;", "")
    assert "".join(MARKS.sub("", read(html)).split()) == visible(html)


@given(trees(ANY_TEXT))
@settings(deadline=None)
def test_every_visible_character_is_in_the_text_form_in_its_order(html: str) -> None:
    form = "".join(read(html).split())
    assert is_subsequence(visible(html), form)
    assert set(Counter(form) - Counter(visible(html))) <= set(">-.0123456789")


TAGS = st.builds("<{}{}>".format, st.sampled_from(["", "/"]), st.sampled_from(sorted(_HTML | {"svg", "math", "mi"})))
CRUMBS = ["<a href=x>", "<p onclick=x>", "<", ">", "&", "&lt", "<!--", "-->", "\r", "&#13;", "\n", "\0", '"', "<b id="]
SOUP = st.lists(st.one_of(ANY_TEXT, TAGS, st.sampled_from(CRUMBS)), max_size=12).map("".join)


@given(st.one_of(SOUP, trees(ANY_TEXT)))
@settings(deadline=None)
def test_sanitising_twice_changes_nothing(html: str) -> None:
    clean = sanitise(html)
    assert sanitise(clean) == clean


@given(SOUP)
@settings(deadline=None)
def test_only_listed_tags_and_attributes_survive(html: str) -> None:
    for tag in re.findall(r"<[^>]*>", sanitise(html)):
        assert re.fullmatch(r'</?[a-z]+[1-6]?(?: (?:href|src|alt|start)="[^"<>]*")*>', tag)
        assert not re.match(r"</?(?:script|style|svg|math|iframe|object|form|input|template)\b", tag)


@given(st.one_of(SOUP, trees(ANY_TEXT)).map(lambda html: re.sub("(?i)</?pre>", "", html)))
@settings(deadline=None)
def test_no_two_blank_lines_and_no_trailing_spaces(html: str) -> None:
    form = read(html)
    assert "\n\n\n" not in form
    assert form.strip("\n") == form
    assert all(line == line.rstrip() for line in form.split("\n"))


@given(trees(ANY_TEXT))
@settings(deadline=None)
def test_no_trailing_spaces_in_code_either(html: str) -> None:
    assert all(line == line.rstrip() for line in read(f"<pre>{html}</pre>").split("\n"))


HOSTILE = [
    "<div>", "<blockquote>", "<blockquote>x", "<blockquote><p>x", "<ul><li>x", "<ol><li><blockquote>x", "<b>x</b>",
    "<table><tr><td>x", "<b>", "<br>", "<br> ", "<p>x", "<pre>x\n", "<font color=1><p>", "<p><b><i>", "<button><p>",
    "<svg><g>x", "</p>", "</x>", "<textarea>", "<", "&", "<!--", '<a href="', '<img alt="', "\xa0", "&nbsp;", "&#13;",
    " ", "\n",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hostile_body_costs_linear_time_and_space(unit: str) -> None:
    html = unit * (100_000 // len(unit))
    assert_linear(lambda part: text_form(sanitise(part)), html)
    clean = sanitise(html)
    form = text_form(clean)
    assert len(clean) < 10 * len(html)
    assert len(form) < 20 * len(html)


@pytest.mark.parametrize("unit", ["<blockquote>x", "<ul><li>x", "<ul><li>", "<ol><li><blockquote>x", "<div>x", "<b"])
def test_the_text_form_alone_is_linear(unit: str) -> None:
    html = unit * (100_000 // len(unit))
    assert_linear(text_form, html)
    assert len(text_form(html)) < 20 * len(html)


@pytest.mark.parametrize("unit", ["<blockquote>x", "<ul><li>x", "<b>x", "<p><b>x", "<table><tr><td>x", "x&", "x\xa0"])
def test_nothing_is_lost_of_a_hostile_body(unit: str) -> None:
    assert read(unit * 20_000).count("x") == 20_000


def test_unclosed_formatting_is_not_multiplied_without_bound() -> None:
    html = "<p>" + "".join(f"<b id={number}>" for number in range(1000)) + "<p>x" * 1000
    assert len(sanitise(html)) < 1_000_000


def test_a_long_body_is_nested_as_a_short_one() -> None:
    part = "<p>a <b>b</b><br>c</p><ul><li>d<li>e</ul><blockquote>f</blockquote>"
    assert read(part * 100) == "\n\n".join([read(part)] * 100)


@pytest.mark.skipif(not REALDATA.is_dir(), reason="the recorded pages are not here (BTL_REALDATA)")
def test_no_visible_character_of_a_recorded_page_is_lost() -> None:
    for path in sorted(REALDATA.rglob("*.html")):
        body: Any = lxml_html.document_fromstring(path.read_bytes()).find("body")
        seen = Counter(shown_by(body))
        html = "".join(lxml_html.tostring(child, encoding="unicode") for child in body)
        assert not seen - Counter(read(html)), path.name
