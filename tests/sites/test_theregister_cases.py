"""Texts copied from The Register by several browsers, handed out beside the project, against their right values."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.reading.page import Page
from belowtheline.sites.theregister.copied import parse_copied
from tests.places import REALDATA
from tests.sites.test_gold import SAMPLE

CASES = REALDATA.parent / "cases" / "register-copied"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason=f"the copied texts are not there: {CASES}")

SQL = """
    SELECT c.author_name, a.kind, c.is_staff, c.badge, i.name, c.published_at, c.title, c.body_text, c.deletion,
        p.position FROM comments c LEFT JOIN authors a ON a.id = c.author_id LEFT JOIN icons i ON i.id = c.icon_id
    LEFT JOIN comments p ON p.id = c.parent_id ORDER BY c.position"""
Row = tuple[object, ...]


def row(author: str | None, title: str | None = None, body: str | None = None, **others: object) -> Row:
    """Return a row of SQL; what is not given is NULL, and an author without a badge of an unknown kind."""
    kind = None if author is None else "anonymous" if author == "Anonymous Coward" else others.get("kind")
    kind = "account" if others.get("badge") else kind
    names = ("icon", "at", "deletion", "parent")
    icon, at, deletion, parent = (others.get(name) for name in names)
    is_staff = None if author is None else int(bool(others.get("is_staff")))
    return (author, kind, is_staff, others.get("badge"), icon, at, title, body, deletion, parent)


STEAM = row("Ann Other", "Steam", "I like steam. I really do.", badge="Silver badge")
LIST = "Do this:\n\n1. Fill it\n\nWith water.\n\n2. Switch it on\n\nThen wait."
RIGHT: dict[str, list[Row]] = {
    "reply-without-text": [
        STEAM,
        row("Bob Bobson", parent=1),
        row("Cal Culus", "Re: Steam", "I detest steam.", badge="Silver badge", parent=1),
        row("Dee Light", "Re: Steam", "I am neutral on steam.", parent=1),
        row("Eve Ning", "Last", "I am the last one."),
    ],
    "not-indented": [
        row("Ann Other", "Steam", "I like steam.", icon="Thumb Up"),
        row("Bob Bobson", "Lids", "I prefer lids.", badge="Silver badge"),
    ],
    "dates-before-names": [
        row("Ann Other", "Steam", "I like steam.", at="2012-11-07T15:26:00Z"),
        row("Bob Bobson", "Re: Steam", "I do not.", at="2012-11-07T15:49:00Z"),
    ],
    "from-chromium-2013": [
        row("Spooner", "Prior art", "Mine is older.\n\nFirst\nSecond", at="2013-06-03T09:30:00Z"),
        row("Reg Hack", "Re: Prior art", "Show us.", at="2013-06-03T10:30:00Z", is_staff=True),
        row(None, deletion="moderator"),
        row("Anonymous Coward", "@AC", "That was rude.", at="2013-06-03T11:30:00Z"),
        row("Anonymous Coward", None, "No title here.", at="2013-06-03T12:30:00Z"),
    ],
    "from-chromium-2025": [
        row("Handle", "Full", "It was full.", at="2025-09-02T08:00:00Z", badge="Silver badge"),
        row("Ed Itor", None, "Fixed, thanks.", at="2025-09-02T09:00:00Z", badge="Gold badge", is_staff=True),
        row(None, deletion="author"),
        row("Anonymous Coward", "Re: Full", "Half.\n\n1\n\n2", at="2025-09-02T10:00:00Z"),
        row(None, deletion="moderator"),
        row("0laf", at="2025-09-02T11:00:00Z"),
    ],
    "deleted-by-moderator": [
        STEAM,
        row(None, deletion="moderator", parent=1),
        row("Cal Culus", "Re: Steam", "Why was it deleted?", parent=2),
        row("Dee Light", "Re: Steam", "House rules.", badge="Gold badge", is_staff=True, parent=1),
    ],
    "removed-icons-and-lists": [
        STEAM,
        row(None, deletion="moderator", parent=1),
        row(None, deletion="author", parent=1),
        row("Cal Culus", "Re: Steam", "Why was it deleted?", icon="Meh", parent=3),
        row(
            "Dee Light",
            "Not on my watch",
            "Think of the children.",
            badge="Gold badge",
            is_staff=True,
            icon="Childcatcher",
            parent=1,
        ),
        row("Eve Ning", "How to boil a kettle", LIST),
        row("Fay Lure", "Last", "I am the last one."),
    ],
}


def ingest(folder: Path, name: str) -> tuple[Result, list[Row]]:
    path = folder / "cases.db"
    result = CliRunner().invoke(main, ["ingest", str(path), str(CASES / f"{name}.txt")])
    with Archive.open_to_read(path) as archive:
        return result, archive.query(SQL).fetchall()


@needs_cases
@pytest.mark.parametrize("name", RIGHT)
def test_a_copied_text_gives_its_comments(tmp_path: Path, name: str) -> None:
    result, found = ingest(tmp_path, name)
    assert found == RIGHT[name]
    assert result.exit_code == (3 if name == "from-chromium-2013" else 0), result.output


@needs_cases
def test_a_list_of_pages_proves_that_there_are_more(tmp_path: Path) -> None:
    result, _ = ingest(tmp_path, "from-chromium-2013")
    assert "incomplete" in result.output
    assert "names 2 pages" in result.output


@needs_cases
def test_posts_without_names_or_numbers_are_refused_by_the_exit_code(tmp_path: Path) -> None:
    result, found = ingest(tmp_path, "not-numbered")
    assert (result.exit_code, found) == (4, [])
    assert "posts without names or numbers" in result.output
    assert "save the page" in result.output


@pytest.mark.skipif(not SAMPLE.is_file(), reason=f"the real sample is not there: {SAMPLE}")
def test_the_sample_without_its_indents_gives_the_same_comments() -> None:
    text = SAMPLE.read_text(encoding="utf-8-sig")
    bare = "\n".join(line.strip() for line in text.splitlines())
    whole, stripped = (parse_copied(Page(url="file:sample.txt", body=one.encode())) for one in (text, bare))
    assert len(stripped.comments) == 37
    assert stripped == whole


@needs_cases
@pytest.mark.parametrize("name", ["reply-without-text", "deleted-by-moderator", "removed-icons-and-lists"])
def test_a_copied_text_without_its_indents_gives_its_comments_without_parents(tmp_path: Path, name: str) -> None:
    bare = "\n".join(line.strip() for line in (CASES / f"{name}.txt").read_text(encoding="utf-8").splitlines())
    (tmp_path / "bare.txt").write_text(bare, encoding="utf-8")
    result = CliRunner().invoke(main, ["ingest", str(tmp_path / "a.db"), str(tmp_path / "bare.txt")])
    assert result.exit_code == 0, result.output
    with Archive.open_to_read(tmp_path / "a.db") as archive:
        assert archive.query(SQL).fetchall() == [(*values[:-1], None) for values in RIGHT[name]]
