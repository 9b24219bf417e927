"""What an author is: an account, a guest, nobody in particular, or NULL where no page has shown it."""

import csv
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from belowtheline.archive.record.people import author_key
from belowtheline.archive.store.migrations import migrations
from belowtheline.cli import main
from belowtheline.pipelines import normalise
from belowtheline.reading.items import Author, shown
from belowtheline.reading.page import Page
from belowtheline.sites.registry import site_named
from tests.made_up import HEADLINE, TEASER, Post, as_html, as_text, taken

T1, T2, T3 = "2025-03-15T10:00:00Z", "2025-03-16T10:00:00Z", "2025-03-17T10:00:00Z"
POSTS = [
    Post(id="101", author="Dave", user="7", title="Spouts", body="Mine pours sideways.\n\nInto the sugar."),
    Post(id="102", title="+1", body="Same here, every morning."),
    Post(id="103", author="Ann Other", user="9", title="Lids", body="A feature, surely, and a patented one."),
    Post(id="104", title="+2", body="Not here, not ever."),
    Post(id="105", author="Dave", user="7", title="Re: Lids", body="It is a nuisance, and nothing else."),
]
KINDS = (
    "SELECT c.author_name, a.kind, a.native_id FROM comments c JOIN authors a ON a.id = c.author_id ORDER BY position"
)
ROWS = "SELECT name, kind, count(*) FROM authors GROUP BY 1, 2 ORDER BY 1, 2"


def unlinked(posts: Sequence[Post]) -> str:
    """Return the page of a time that links no author."""
    return as_html([Post(id=post.id, author=post.author, title=post.title, body=post.body) for post in posts])


def test_a_name_in_copied_text_is_of_no_known_kind_and_one_person_a_thread(tmp_path: Path) -> None:
    held = taken(tmp_path, [(as_text(POSTS), T1)])
    assert held.rows(ROWS) == [("Ann Other", None, 1), ("Anonymous Coward", "anonymous", 2), ("Dave", None, 1)]
    assert held.flat("author_kind", "is_anonymous") == [
        (None, 0),
        ("anonymous", 1),
        (None, 0),
        ("anonymous", 1),
        (None, 0),
    ]


@pytest.mark.parametrize("times", [(T1, T2), (T2, T1), (None, T1), (T1, None), (None, None)], ids=str)
@pytest.mark.parametrize("write", [as_text, unlinked])
def test_an_account_once_shown_stays_in_every_order(
    tmp_path: Path, write: object, times: tuple[str | None, str | None]
) -> None:
    assert callable(write)
    pages = [(write(POSTS), times[0]), (as_html(POSTS), times[1])]
    for number, order in enumerate(permutations(pages)):
        held = taken(tmp_path / str(number), order)
        assert [row[1] for row in held.rows(KINDS)] == ["account", "anonymous", "account", "anonymous", "account"]
        assert [row[2] for row in held.rows(KINDS)] == ["7", None, "9", None, "7"]
        assert held.rows("SELECT count(*) FROM authors WHERE kind IS NULL OR kind = 'guest'") == [(0,)]


def test_an_unlinked_name_beside_linked_ones_is_a_guest_and_alone_of_no_known_kind(tmp_path: Path) -> None:
    typed = Post(id="106", author="Typed Name", title="No account", body="And none wanted.")
    assert taken(tmp_path / "a", [(as_html([*POSTS, typed]), T1)]).rows(KINDS)[-1] == ("Typed Name", "guest", None)
    assert taken(tmp_path / "b", [(unlinked([*POSTS, typed]), T1)]).rows(KINDS)[-1] == ("Typed Name", None, None)


def test_a_badge_proves_an_account_whenever_it_is_shown(tmp_path: Path) -> None:
    badged = [
        Post(id=post.id, author=post.author, badge="Gold badge", title=post.title, body=post.body) for post in POSTS
    ]
    for number, order in enumerate(permutations([(as_text(POSTS), T1), (as_text(badged), T2), (as_text(POSTS), T3)])):
        held = taken(tmp_path / str(number), order)
        assert {row[1] for row in held.rows(KINDS)} == {"account"}
        assert held.rows("SELECT count(*) FROM authors") == [(3,)]


def test_badges_without_names_are_not_one_person(tmp_path: Path) -> None:
    posts = "  1. Silver badge\n\n    Lids\n\n    Shut.\n\n  2. Silver badge\n\n    Spouts\n\n    Open.\n\n"
    held = taken(tmp_path, [(f"back to article {HEADLINE}\n\n{TEASER}\n\n\n{posts}", T1)])
    assert held.rows(ROWS) == [(None, "account", 2)]
    assert held.flat("author", "badge") == [(None, "Silver badge")] * 2


def test_the_nameless_and_openers_of_one_name_stay_apart() -> None:
    keys = [
        author_key(Author(name=name, kind=kind), "kettle", "", thread, comment)
        for name, kind in (("Ann", None), ("Ann", "guest"), ("Ann", "anonymous"), (None, "account"))
        for thread, comment in ((1, "c1"), (2, "c1"), (0, "opener of a"), (0, "opener of b"))
    ]
    assert len(set(keys)) == len(keys)
    assert author_key(Author(name="Ann"), "kettle", "", 1, "c1") == author_key(
        Author(name="Ann"), "kettle", "", 1, "c2"
    )


def test_an_author_of_no_known_kind_is_shown_exported_and_verified(tmp_path: Path) -> None:
    held = taken(tmp_path, [(as_text(POSTS), T1)])
    for command in (["show", str(held.path), "1"], ["export", "json", str(held.path)], ["verify", str(held.path)]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
    exported = CliRunner().invoke(main, ["export", "csv", str(held.path), "--author", "Dave"])
    assert len(list(csv.reader(exported.output.splitlines(keepends=True)))) == 1 + 2
    assert CliRunner().invoke(main, ["reparse", str(held.path), "--diff"]).output.count("authors") == 0


def test_an_archive_of_before_keeps_its_authors_and_takes_new_ones(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        database = Database(connection)
        migrations.apply(database, stop_before="m006_author_kinds")
        connection.execute("INSERT INTO sites (name) VALUES ('kettle')")
        insert = "INSERT INTO authors (key, site_id, instance, name, kind) VALUES (?, 1, '', 'Ann', ?)"
        connection.execute(insert, ("guest 1 Ann", "guest"))
        connection.commit()
        migrations.apply(database)
        connection.execute(insert, ("named 1 Ann", None))
        assert connection.execute("SELECT key, kind FROM authors").fetchall() == [
            ("guest 1 Ann", "guest"),
            ("named 1 Ann", None),
        ]
        views = "SELECT count(*) FROM sqlite_master WHERE type = 'view'"
        assert connection.execute(views).fetchone()[0] >= 4
        assert connection.execute("SELECT count(*) FROM comments_flat WHERE is_anonymous").fetchone() == (0,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


BLOG = Path(__file__).parents[1] / "sites" / "wordpress" / "walker-xhtml"


@pytest.mark.parametrize(
    ("classes", "kinds"),
    [("\\1", ["guest", "account"]), ("comment", [None, None]), ("reply", [None, None])],
    ids=["WordPress's own", "a theme's", "a theme's other"],
)
def test_a_blog_shows_guests_where_its_classes_are_those_of_wordpress(classes: str, kinds: list[str | None]) -> None:
    html = re.sub('(?<=<li class=")(comment [^"]*)', classes, (BLOG / "page.html").read_text(encoding="utf-8"))
    page = Page("https://kettleblog.example/2024/05/the-slow-kettle/", html.encode(), "text/html; charset=utf-8")
    (found,) = site_named("wordpress").parse(page)
    authors = [shown(comment.author) for comment in normalise(found).comments]
    assert [author.kind for author in authors if author and author.name in ("Ada Crumb", "Bert Spout")] == kinds
