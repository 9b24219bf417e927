"""Links in an archive: made when a thread has changed, once, in one transaction; shown, explained and exported."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from belowtheline.archive.links import keeping
from belowtheline.archive.store.database import Archive
from belowtheline.cli import main
from belowtheline.pipelines.linking import waiting
from belowtheline.pipelines.linking.rules import METHOD_VERSION
from tests.loopback import Loopback, crawl, post, response, rows, topic
from tests.made_up import Held, Post, as_html, as_text

BOILS = "The kettle boils over at noon, whatever the manual says, and nobody minds."
POSTS = (
    Post(id="101", author="Fern Quill", user="7", title="Noon", body=BOILS),
    Post(id="102", author="Basil Rye", user="8", title="@ Fern Quill", body="Mine does so at eleven."),
    Post(id="103", author="Cy Spoon", user="9", title=None, body=f'"{BOILS}"\n\nI mind.'),
)
EDGES = """
    SELECT a.native_id, b.native_id, e.rule, e.combined FROM reply_edges e
    JOIN comments a ON a.id = e.comment_id JOIN comments b ON b.id = e.target_comment_id ORDER BY 1, 2"""
EXPECTED = [("102", "101", "address", 0.95), ("103", "101", "quote_long", 0.95)]


def btl(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def held(tmp_path: Path) -> Held:
    held = Held(tmp_path)
    assert held.take(as_html(POSTS), "2025-03-20T10:00:00Z") == 0
    return held


def test_ingest_links_what_it_takes_in(held: Held) -> None:
    assert held.rows(EDGES) == EXPECTED
    assert held.rows("SELECT DISTINCT linked_version FROM threads") == [(METHOD_VERSION,)]
    assert held.rows("SELECT kind, source_type, source_field, method_version FROM quotes") == [
        ("verbatim", "comment", "body", METHOD_VERSION)
    ]


def test_the_view_says_whom_a_comment_answers_and_how_that_is_known(held: Held) -> None:
    columns = ("native_id", "replies_to", "replies_to_family", "replies_to_confidence")
    assert held.flat(*columns) == [
        ("101", None, None, None),
        ("102", "101", "inferred", 0.95),
        ("103", "101", "inferred", 0.95),
    ]
    (quotes,) = held.flat("quotes")[2]
    assert json.loads(quotes)[0]["source_native_id"] == "101"


def test_the_sites_own_link_goes_before_an_inferred_one(tmp_path: Path) -> None:
    held = Held(tmp_path)
    nested = (*POSTS[:2], Post(id="103", author="Cy Spoon", user="9", body=POSTS[2].body, under="102"))
    held.take(as_html(nested), "2025-03-20T10:00:00Z")
    assert held.flat("native_id", "replies_to", "replies_to_family", "replies_to_confidence")[2] == (
        "103",
        "102",
        "structural",
        1.0,
    )
    assert {("103", "102", "structural", 1.0), ("103", "101", "inferred", 0.95)} <= set(
        held.rows(
            "SELECT a.native_id, b.native_id, g.family, g.combined FROM reply_graph g"
            " JOIN comments a ON a.id = g.comment_id JOIN comments b ON b.id = g.target_comment_id"
        )
    )


def _links(held: Held) -> list[Any]:
    return [held.rows(f"SELECT * FROM {table} ORDER BY id") for table in ("quotes", "reply_edges", "reply_candidates")]


def test_linking_again_changes_no_row(held: Held) -> None:
    before = _links(held)
    result = btl("link", held.path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "linked: 1 threads, 1 of 1 quotations with a source, 2 replies inferred" in result.stderr
    assert _links(held) == before
    assert held.rows("SELECT command, verdict, exit_code FROM runs ORDER BY id DESC LIMIT 1") == [
        ("link", "complete", 0)
    ]


def test_linking_puts_right_what_was_changed_and_leaves_reviews_alone(held: Held) -> None:
    before = [[row[1:] for row in rows] for rows in _links(held)]
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("UPDATE reply_edges SET confidence = 0.1 WHERE rule = 'address'")
        connection.execute("DELETE FROM quotes")
        connection.execute(
            "INSERT INTO edge_reviews (comment_id, target_comment_id, verdict, reviewer, reviewed_at)"
            " SELECT comment_id, target_comment_id, 'right', 'Ann', '2025-01-01T00:00:00Z' FROM reply_edges"
        )
    assert btl("link", held.path, "--thread", "teapot").exit_code == 0
    assert [sorted(row[1:] for row in rows) for rows in _links(held)] == [sorted(rows) for rows in before]
    assert held.rows("SELECT count(*) FROM edge_reviews") == [(2,)]


def test_a_method_of_another_version_is_noted_in_every_row(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "METHOD_VERSION", "another")
    assert btl("link", held.path).exit_code == 0
    for table in ("quotes", "reply_edges"):
        assert held.rows(f"SELECT DISTINCT method_version FROM {table}") == [("another",)]
    assert held.rows("SELECT linked_version FROM threads") == [("another",)]


def test_only_a_thread_that_has_changed_waits(held: Held) -> None:
    held.take(as_html(POSTS), "2025-03-21T10:00:00Z")
    with Archive.open_to_read(held.path) as archive:
        assert keeping.waiting(archive) == []
    more = Post(id="104", author="Di Ladle", user="10", title="@Cy Spoon", body="I do not.")
    held.take(as_html((*POSTS, more)), "2025-03-22T10:00:00Z")
    assert ("104", "103", "address", 0.95) in held.rows(EDGES)


def test_what_a_killed_run_left_waiting_is_linked_by_the_next(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("DELETE FROM reply_edges")
        connection.execute("UPDATE threads SET linked_version = NULL")
    held.take(as_html(POSTS), "2025-03-20T10:00:00Z")
    assert held.rows(EDGES) == EXPECTED


def test_nothing_is_kept_of_a_linking_that_fails(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _links(held)
    monkeypatch.setattr(waiting, "METHOD_VERSION", None)  # no row may be without it
    with Archive.create_or_open(held.path) as archive, pytest.raises(Exception, match="NOT NULL"):
        waiting.link_thread(archive, 1)
    assert _links(held) == before


def test_words_that_were_edited_away_are_quoted_from_the_version_that_had_them(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html(POSTS[:1]), "2025-03-20T10:00:00Z")
    edited = Post(id="101", author="Fern Quill", user="7", title="Noon", body="I take it back.")
    held.take(as_html((edited, *POSTS[1:])), "2025-03-21T10:00:00Z")
    source = "SELECT v.body_text FROM quotes q JOIN comment_versions v ON v.id = q.source_version_id"
    assert held.rows(source) == [(BOILS,)]
    explained = btl("explain", held.path, "103").stdout
    assert "from 101 as it was before an edit, code points 0-73 of its body (100 of 100 alike)" in explained


ALL, ONE, TWO = (f"/forum/{page}/2025/03/14/kettle/" for page in ("all", 1, 2))
FIRST = topic([post(1, BOILS, author="Fern Quill")], nav=(1, 2))
SECOND = topic(
    [post(2, f"{BOILS}</p></blockquote><p>No.", author="Cy").replace("<p>", "<blockquote><p>", 1)], nav=(2, 2)
)


def test_a_crawl_links_a_thread_over_its_pages_when_the_reading_closes(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Loopback({ONE: response(FIRST), TWO: response(SECOND), ALL: response(status=404)}) as server:
        ended = crawl(path, server.url(ALL))
        assert ended.code == 0, ended.err
    assert rows(path, EDGES) == [("2", "1", "quote_long", 0.95)]


def test_a_crawl_leaves_linking_to_the_next_run_where_it_is_told_to(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    path = "/forum/all/2025/03/14/kettle/"
    with Loopback() as server:
        server.answers = {
            path: response(topic([post(5000001, "It boils."), post(5000002, "@Ada Fenn: no.", author="Bo")]))
        }
        assert crawl(archive, server.url(path), "--no-link").code == 0
        assert rows(archive, "SELECT rule FROM reply_edges") == []
        assert crawl(archive).code == 0
    assert rows(archive, "SELECT rule FROM reply_edges") == [("address",)]


def test_a_thread_that_is_still_being_read_waits(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    later = response(status=503, headers={"Retry-After": "3600"})
    with Loopback({ONE: response(FIRST), TWO: later, ALL: response(status=404)}) as server:
        assert crawl(path, server.url(ALL)).code == 3
    assert rows(path, "SELECT linked_version FROM threads") == [(None,)]
    assert btl("link", path).exit_code == 0
    assert rows(path, "SELECT linked_version FROM threads") == [(METHOD_VERSION,)]


def test_copied_text_is_linked_by_its_labels(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_text(POSTS))
    assert [row[:2] for row in held.rows(EDGES)] == [("~2", "~1"), ("~3", "~1")]
    assert "2 answers 1 (0.95): its title `@ Fern Quill`" in btl("explain", held.path, "2").stdout


EXPLAINED = {
    "102": "102 answers 101 (0.95): its title `@ Fern Quill` names the author of 101, the only earlier Fern Quill.",
    "103": "103 answers 101 (0.95): its body, code points 1-75, quotes 101, code points 0-73 of its body.",
    "101": "101 quotes nothing, and no rule says whom it answers.",
}


@pytest.mark.parametrize(("comment", "sentence"), EXPLAINED.items())
def test_explain_says_it_in_a_sentence(held: Held, comment: str, sentence: str) -> None:
    result = btl("explain", held.path, comment)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0] == sentence


def test_explain_takes_an_address_and_an_id_in_its_thread(held: Held) -> None:
    (thread,), (url,) = held.rows("SELECT native_id FROM threads")[0], held.rows("SELECT url FROM threads")[0]
    of_id = btl("explain", held.path, "102").stdout
    for name in (f"{thread}#102", f"{url}#c_102", "https://forums.theregister.com/forum/containing/102"):
        assert btl("explain", held.path, name).stdout == of_id, name


def test_explain_shows_candidates_only_when_asked(held: Held) -> None:
    last = Post(id="104", author="Di Ladle", user="10", body="As Cy Spoon said so well.")
    held.take(as_html((*POSTS, last)), "2025-03-21T10:00:00Z")
    assert "104 quotes nothing" in btl("explain", held.path, "104").stdout
    asked = btl("explain", held.path, "104", "--candidates").stdout
    assert "104 may answer 103 (0.50): its body reports what Cy Spoon, the author of 103, said." in asked


@pytest.mark.parametrize(
    "name", ["999", "nowhere#102", "https://forums.theregister.com/forum/containing/999", "\udcff"]
)
def test_explain_names_a_comment_that_is_not_held(held: Held, name: str) -> None:
    result = btl("explain", held.path, name)
    assert result.exit_code == 2
    assert "holds no" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_explain_asks_which_comment_is_meant_where_several_threads_have_the_id(held: Held) -> None:
    held.take(as_text(POSTS, "Ladles of the world"))
    held.take(as_text(POSTS, "Spoons of the world"))
    result = btl("explain", held.path, "2")
    assert result.exit_code == 2
    assert "could be 2 comments" in result.stderr


def test_explain_says_that_a_thread_waits_to_be_linked(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("UPDATE threads SET linked_version = NULL")
    assert f"run `btl link {held.path}`" in btl("explain", held.path, "102").stderr


def test_what_a_page_says_is_safe_to_print_in_an_explanation(tmp_path: Path) -> None:
    held = Held(tmp_path)
    held.take(as_html((Post(id="1", author="Fe\x1b[31mrn\u202e", user="7", body="Tea."), *POSTS[1:])))
    assert "\x1b" not in btl("explain", held.path, "103").stdout


def test_link_makes_no_archive_and_names_a_thread_that_is_not_held(held: Held, tmp_path: Path) -> None:
    missing = btl("link", tmp_path / "none.db")
    assert missing.exit_code == 6
    assert "does not exist" in missing.stderr
    assert not (tmp_path / "none.db").exists()
    unknown = btl("link", held.path, "--thread", "nowhere")
    assert unknown.exit_code == 2
    assert "holds no thread 'nowhere'" in unknown.stderr


def test_link_prints_its_method_without_an_archive() -> None:
    result = btl("link", "--method-version")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == f"method version {METHOD_VERSION}"
    assert "re_title_again    0.85  off" in result.stdout


def test_a_changed_quotation_says_so_wherever_it_is_shown(held: Held) -> None:
    changed = f'"{BOILS.replace("manual", "manuals")}"\n\nNo.'
    held.take(as_html((*POSTS, Post(id="104", author="Di Ladle", user="10", body=changed))), "2025-03-21T10:00:00Z")
    explained = btl("explain", held.path, "104").stdout
    assert "`: with small changes, from 101, code points 0-73 of its body (" in explained
    assert "quotes 1 with small changes: " in btl("show", held.path, "teapot").stdout
    (quotes,) = held.flat("quotes")[3]
    assert (json.loads(quotes)[0]["kind"], json.loads(quotes)[0]["score"] < 100) == ("changed", True)


def test_a_changed_quotation_that_an_earlier_version_called_verbatim_is_explained_as_changed(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("UPDATE quotes SET score = 96")
    assert "with small changes, from 101" in btl("explain", held.path, "103").stdout


def test_a_few_words_of_the_answered_comment_are_explained(tmp_path: Path) -> None:
    held = Held(tmp_path)
    nested = (POSTS[0], Post(id="102", author="Basil", user="8", body='Which "manual"?', under="101"))
    held.take(as_html(nested), "2025-03-20T10:00:00Z")
    explained = btl("explain", held.path, "102").stdout
    assert "quotes `manual`: verbatim, from 101, code points 44-50 of its body (100 of 100 alike)." in explained


def test_explain_says_that_a_thread_was_linked_with_another_version(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("UPDATE threads SET linked_version = '0'")
    said = btl("explain", held.path, "102").stderr
    assert f"linked with method version 0, and this btl has {METHOD_VERSION}: run `btl link {held.path}`" in said


def test_explain_takes_an_id_in_any_normal_form(held: Held) -> None:
    with Archive.create_or_open(held.path) as archive, archive.transaction() as connection:
        connection.execute("UPDATE comments SET native_id = 'thé' WHERE native_id = '102'")
    for name in ("th\u00e9", "the\u0301"):
        assert btl("explain", held.path, name).stdout.startswith("thé answers 101")


def test_a_quotation_inside_of_a_quotation_is_explained_as_a_guess(held: Held) -> None:
    nested = Post(id="104", author="Di Ladle", user="10", body=f">> {BOILS}\n\n> I mind.\n\nWhy?")
    held.take(as_html((*POSTS, nested)), "2025-03-21T10:00:00Z")
    asked = btl("explain", held.path, "104", "--candidates").stdout
    assert "104 may answer 101 (0.30)" in asked
    assert "quotes inside of another quotation 101" in asked


@pytest.mark.parametrize(
    ("quoted", "said"),
    [
        ("at noon", "scare, too few words that tell to be looked for in other comments"),
        ("only when it is off", "external, too few words that tell to be looked for in other comments"),
        ("the copper spout leaks tea", "external, from nothing that is held"),
    ],
)
def test_words_that_were_not_looked_for_are_not_said_to_be_held_nowhere(tmp_path: Path, quoted: str, said: str) -> None:
    held = Held(tmp_path)
    other = Post(id="102", author="Basil", user="8", body="Only when it is off.")
    held.take(
        as_html((POSTS[0], other, Post(id="103", author="Cy", user="9", body=f'Who says "{quoted}" here?'))),
        "2025-03-20T10:00:00Z",
    )
    assert said in btl("explain", held.path, "103").stdout
