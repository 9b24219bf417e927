"""Letters that damaged bytes have lost: a whole capture gives them back, and neither is an edit or another name."""

from pathlib import Path

import pytest

from belowtheline.archive.record.torn_texts import is_torn
from tests.blogs import blog
from tests.cli.test_ingest_faults import ingest, rows

GOOD = blog("Der Kessel kocht über, schön und gut.", "Die Tür, das Öl.", author="Jörg Müller").encode()
DAMAGE = {
    "in a body": ("schön".encode(), b"sch\xf6n"),
    "in a name": ("Jörg Müller".encode(), b"J\xffrg M\xc3ller"),
    "in a letter": ("über".encode(), "über".encode()[:1] + b"\xffber"),
}
DAYS = ("2024-06-01T10:00Z", "2024-06-02T10:00Z", "2024-06-03T10:00Z")


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize("order", ["bad, good", "good, bad", "bad, good, bad", "later good, bad"])
def test_a_damaged_capture_makes_no_edit(tmp_path: Path, name: str, order: str) -> None:
    times = DAYS[1::-1] if order.startswith("later") else DAYS
    for place, (which, time) in enumerate(zip(order.removeprefix("later ").split(", "), times, strict=False)):
        file = tmp_path / f"{place}.html"
        file.write_bytes(GOOD if which == "good" else GOOD.replace(*DAMAGE[name], 1))
        assert ingest(tmp_path, file, "--fetched-at", time).exit_code == 0
    sql = "SELECT v.author_name, v.body_text, c.body_text FROM comment_versions v JOIN comments c ON c.id = comment_id"
    assert rows(tmp_path, sql) == [
        ("Jörg Müller", text, text) for text in ("Der Kessel kocht über, schön und gut.", "Die Tür, das Öl.")
    ]
    assert rows(tmp_path, "SELECT name FROM authors") == [("Jörg Müller",)]


def test_an_edit_of_a_damaged_text_is_one(tmp_path: Path) -> None:
    bad, edited = GOOD.replace(*DAMAGE["in a body"]), GOOD.replace(b"und gut", b"und teuer")
    for time, body in zip(DAYS, (bad, edited), strict=False):
        (tmp_path / "page.html").write_bytes(body)
        assert ingest(tmp_path, tmp_path / "page.html", "--fetched-at", time).exit_code == 0
    assert rows(tmp_path, "SELECT count(*) FROM comment_versions WHERE comment_id = 1") == [(2,)]


@pytest.mark.parametrize(
    ("torn", "whole", "found"),
    [
        ("\ufffd", "ü", True),
        ("a\ufffd\ufffdb\ufffd", "aäbc", True),
        ("a\ufffdb", "ab", True),
        ("a\ufffdb", "a long way b", False),
        ("a\ufffdb", "aübc", False),
        ("xa\ufffd", "ya\u00fc", False),
        ("a\ufffd" * 5000, "a" * 20_000, False),
    ],
)
def test_what_a_lost_letter_can_be(torn: str, whole: str, found: bool) -> None:
    assert is_torn(torn, whole) is found
