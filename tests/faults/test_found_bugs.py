"""What the attacks have found, each as small as it can be."""

import json
import sqlite3
from pathlib import Path

import pytest

from belowtheline.archive.store.schema import pieces, sha256_of
from belowtheline.pipelines import normalise
from belowtheline.reading.items import Comment, Mark
from belowtheline.reading.markup import parse_html, visible
from belowtheline.reading.page import Page
from belowtheline.reading.urls import urljoin, urlsplit
from belowtheline.sites.registry import read, site_named
from tests.loopback import post, topic
from tests.recorded import Recorded, shown_page

DEEP = "<div>" * 3000


@pytest.mark.parametrize("markup", ["<p>a&#8;b", "<div<div>a\x08b", '<p s="x"y"">ab', "<p>a\ud800b"])
def test_deep_markup_with_odd_names_and_characters_is_read(markup: str) -> None:
    assert visible(parse_html(f"<html><body>{DEEP}{markup}", "the page"))


def test_half_a_pair_in_html_is_no_crash() -> None:
    assert visible(parse_html("<p>a\ud800b", "the page")) == "a\ufffdb"


def test_an_address_that_is_none_does_not_cost_the_page() -> None:
    assert urlsplit("http://[").netloc == urljoin("http://kettles.example/", "//[") == ""


@pytest.mark.parametrize("cut", range(5, 22))
def test_half_a_text_at_the_end_of_a_cut_page_is_no_text(cut: int) -> None:
    whole = topic([post(1, "It is whole."), post(2, "Some words are gone.")])
    page = Page("http://127.0.0.1/forum/all/2025/03/14/kettle/", whole[: whole.index(b"Some words") + cut])
    (found,) = read(site_named("theregister"), page)
    bodies = [comment.body_text for comment in normalise(found).comments if isinstance(comment.body_text, str)]
    assert bodies == ["It is whole."]
    assert not found.completeness.is_whole


def test_marks_and_bodies_that_no_sink_can_hold_are_cleaned_and_marked(tmp_path: Path) -> None:
    dirty = Comment(native_id="1", position=1, body_text="a\ud800", marks=(Mark(kind="award", value="b\udfff"),))
    recorded = Recorded(tmp_path)
    recorded.take_page(shown_page(dirty))
    ((body, marks),) = recorded.rows("SELECT body_text, marks FROM comments")
    assert (body, json.loads(marks)[0]) == ("a\ufffd", {"kind": "award", "value": "b\ufffd"})
    assert {mark["value"] for mark in json.loads(marks) if mark["kind"] == "cleaned"} == {"body_text", "marks"}


def test_a_schema_that_holds_bytes_is_another_one() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE kettles (id INTEGER)")
    before = sha256_of(pieces(connection))
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET name = CAST(name AS BLOB)")
    assert sha256_of(pieces(connection)) != before
    connection.close()
