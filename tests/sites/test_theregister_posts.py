"""The Register's posts of every era, in the variations that nobody can rule out; all words are invented."""

from typing import Any

import pytest

from belowtheline.reading.items import NOT_SHOWN, Icon, shown
from tests.topics import AT, POSTED, author_of, old, old_page, only, post, read, topic


@pytest.mark.parametrize(
    ("actions", "votes"),
    [
        ("<span>10</span><span>4</span>", (10, 4)),
        ("<b><i>1</i></b><b><i>2</i></b>", (1, 2)),
        ("<p>10</p>4", (10, 4)),
        ("12<br>3", (12, 3)),
        ("<ul><li>7</li><li>0</li><li><a href='/post/reply/1'>Reply</a></li></ul>", (7, 0)),
        ("<div class='votes'><em>8</em><em>1</em></div><span>3</span> replies", (8, 1)),
        ("<span class='votes'><b>10</b><b>4</b></span><a href='#'>2 replies</a>", (10, 4)),
        ("<span>1,204</span><span>17</span>", (1204, 17)),
        ("<a class='up'>1,000,001</a> <a class='down'>2,000</a>", (1_000_001, 2000)),
        ("<input class='up' type='submit' value='41'><input class='down' type='submit' value='2'>", (41, 2)),
        ("<input class='down' value='2'><input class='up' value='41'>", (41, 2)),
        (
            "<form action='/post/vote/up/3480001'><input type='hidden' name='id' value='3480001'>"
            "<input type='submit' value='5'></form><form action='/post/vote/down/3480001'><button>6</button></form>",
            (5, 6),
        ),
        ("<a href='/post/vote/up/3480001'>25</a><a href='/post/vote/down/3480001'>1</a>", (25, 1)),
        ("<span class='vote-up'>9 thumbs up</span><span class='vote-down'>3 thumbs down</span>", (9, 3)),
        ("<span class='thumb_up'><b>9</b> up</span> <span class='thumb_down'><b>3</b> down</span>", (9, 3)),
        ("7 2 Reply", (7, 2)),
        ("<span class='up'>7</span>", (7, None)),
        ("<span>104</span>", (None, None)),
        ("<span>1</span><span>2</span><span>3</span>", (None, None)),
        ("<span>²</span><span>3</span>", (None, None)),
        ("<span>1.2k</span><span>3</span>", (None, None)),
        ("<span>99999999999</span><span>3</span>", (None, None)),
        ("Reply", (None, None)),
    ],
)
def test_votes_are_two_texts_of_their_own_and_never_joined(actions: str, votes: tuple[int | None, int | None]) -> None:
    comment = only(topic(post(f'<div class="actions">{actions}</div>')))
    assert (shown(comment.upvotes), shown(comment.downvotes)) == votes
    assert comment.body_text == "Words."


def test_votes_outside_of_any_actions_are_read_and_numbers_of_a_body_are_none() -> None:
    forms = '<form class="vote"><input class="up" value="3"></form><form class="vote"><input class="down" value="0">'
    assert (only(topic(post(forms))).upvotes, only(topic(post(forms))).downvotes) == (3, 0)
    said = only(topic(post(body="<p>10</p><p>4</p><span class='up'>9</span>")))
    assert (said.upvotes, said.downvotes) == (NOT_SHOWN, NOT_SHOWN)
    assert said.body_text == "10\n\n4\n\n9"


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("Wobble ", "Wobble"),
        ("@ Rung #3 ", "@ Rung #3"),
        ("C# ", "C#"),
        ("&nbsp;", None),
        ("", None),
        ("Re: <i>Wobble</i> again ", "Re: Wobble again"),
        ("...", "..."),
    ],
)
def test_permalink_in_a_heading_is_no_part_of_the_title(heading: str, title: str | None) -> None:
    assert only(old_page(old(heading, f"By Rung {POSTED}"))).title == title


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ('<h4><a class="permalink" href="#c_9">Wobble</a></h4>', "Wobble"),
        ('<h4>Wobble <a class="permalink" href="#c_9">Link to this post</a></h4>', "Wobble"),
        ('<h4><a class="permalink" href="#c_9">Permalink</a></h4>', None),
        ('<h4>Wobble <a href="#c_9">¶</a></h4>', "Wobble"),
        ('<h4>Wobble <time datetime="2018-05-01T09:00:00Z">1 May</time></h4>', "Wobble"),
        ('<h4>Wobble <span data-epoch="1525000000">2 days</span></h4>', "Wobble"),
        ("<h3>Wobble</h3>", "Wobble"),
        ("<h4>#</h4>", "#"),
    ],
)
def test_title_is_what_a_heading_says_beside_links_and_dates(heading: str, title: str | None) -> None:
    comment = only(topic(post().replace('<div class="body">', f'{heading}<div class="body">')))
    assert (comment.title, comment.body_text) == (title, "Words.")


@pytest.mark.parametrize(
    ("body", "title", "text"),
    [
        ("<h4>Wobble</h4><p>It did.</p>", "Wobble", "It did."),
        ("\n <p></p><div><h4>Wobble</h4></div><p>It did.</p>", "Wobble", "It did."),
        ("<h4></h4><p>It did.</p>", None, "It did."),
        ("<p>It did.</p><h4>Wobble</h4>", None, "It did.\n\nWobble"),
        ("It did.<h4>Wobble</h4>", None, "It did.\n\nWobble"),
        ("<ul><li><h4>Wobble</h4></li></ul>", None, "- Wobble"),
        ("<blockquote><h4>Wobble</h4></blockquote><p>It did.</p>", None, "> Wobble\n\nIt did."),
        ("<p>a</p><div><h4>Wobble</h4></div><h4>Again</h4>", None, "a\n\nWobble\n\nAgain"),
    ],
)
def test_only_a_heading_that_opens_a_body_is_a_title(body: str, title: str | None, text: str) -> None:
    comment = only(topic(post(body=body)))
    assert (comment.title, comment.body_text) == (title, text)


def test_heading_in_a_body_is_text_where_the_titles_of_the_page_stand_before_the_bodies() -> None:
    titled = post().replace('<div class="body">', '<h4>Wobble</h4><div class="body">')
    first, second = read(topic(titled, post(native_id=3_480_002, body="<h4>Loud</h4><p>It did.</p>"))).comments
    assert (first.title, second.title, second.body_text) == ("Wobble", None, "Loud\n\nIt did.")


def test_heading_below_the_body_is_no_title() -> None:
    assert only(topic(post("<h4>Report abuse</h4>"))).title is None


@pytest.mark.parametrize(
    ("byline", "name", "native_id", "is_staff"),
    [
        (f"By Rung {POSTED}", "Rung", None, False),
        (f"By The Posted Notice {POSTED}", "The Posted Notice", None, False),
        (f"By By The By {POSTED}", "By The By", None, False),
        (f"By Posted Posted {POSTED}", "Posted Posted", None, False),
        (f"By Lean Tu (Written by Reg staff) {POSTED}", "Lean Tu", None, True),
        (f'By <a href="/user/0042/">Rung</a> {POSTED}', "Rung", "0042", False),
        (f"By <b>Rung</b><br>{POSTED} | Report abuse", "Rung", None, False),
    ],
)
def test_byline_ends_at_its_date(byline: str, name: str, native_id: str | None, is_staff: bool) -> None:
    comment = only(
        old_page(old("Wobble ", byline, "<p>By the way, it was Posted Monday 1st January 1990 10:00 GMT</p>"))
    )
    author = author_of(comment)
    assert (author.name, shown(author.native_id), author.is_staff) == (name, native_id, is_staff)
    assert comment.published_at == "2008-05-02T09:35:00Z"
    assert comment.body_text == "By the way, it was Posted Monday 1st January 1990 10:00 GMT"


def date_in(markup: str, at: str | None = AT) -> tuple[Any, ...]:
    comment = only(topic(post().replace('<span data-epoch="1525000000">x</span>', markup)), at)
    return shown(comment.published_at), comment.published_precision, shown(comment.published_raw)


@pytest.mark.parametrize(
    ("markup", "at"),
    [
        ('<time datetime="2018-05-01T09:30:00Z">2 days</time>', "2018-05-01T09:30:00Z"),
        ('<time datetime="2018-05-01T11:30:00+02:00">now</time>', "2018-05-01T09:30:00Z"),
        ('<span class="dateline">Tuesday 1st May 2018 10:30 BST</span>', "2018-05-01T09:30:00Z"),
        ("<time>Tuesday 1st May 2018 09:30 GMT</time>", "2018-05-01T09:30:00Z"),
        ('<span data-epoch="1525167000">5 hrs</span>', "2018-05-01T09:30:00Z"),
        ('<span data-epoch="">Tuesday 1st May 2018 09:30 GMT</span> <b>#</b>', "2018-05-01T09:30:00Z"),
        ('<span data-epoch="NaN"><time datetime="2018-05-01T09:30:00Z"></time></span>', "2018-05-01T09:30:00Z"),
        ("Tuesday 1st May 2018 09:30 GMT", "2018-05-01T09:30:00Z"),
    ],
)
def test_date_is_the_attribute_s_else_the_words(markup: str, at: str) -> None:
    assert date_in(markup)[0] == at


def test_relative_date_stands_against_the_fetch_time_and_is_null_without_one() -> None:
    assert date_in('<span class="dateline">5 hrs</span>') == ("2018-05-03T07:00:00Z", "hour", "5 hrs")
    assert date_in('<span class="dateline">2 days</span>')[:2] == ("2018-05-01T12:00:00Z", "day")
    assert date_in('<span class="dateline">5 hrs</span>', at=None) == (None, None, "5 hrs")


@pytest.mark.parametrize(
    ("sentence", "who"),
    [
        ("This post has been deleted by its author", "author"),
        ("This post has been deleted by the author.", "author"),
        ("This post was deleted by its author", "author"),
        ("This post has been deleted by a moderator", "moderator"),
        ("This post was removed by a moderator", "moderator"),
        ("This post was removed by a moderator.", "moderator"),
        ("This post has been removed by the moderators", "moderator"),
        ("this post\n has been   deleted by moderator", "moderator"),
        ("This post has been deleted", "unknown"),
        ("Gone.", "unknown"),
    ],
)
@pytest.mark.parametrize("form", ["<p class='disposition'>{}</p>", "<div class='body'><p>{}</p></div>", "{}"])
def test_tombstone_says_who_deleted_it(sentence: str, who: str, form: str) -> None:
    gone = f'<div class="post deleted with-image">{form.format(sentence)}</div>'
    comment = only(topic(gone))
    assert (comment.deletion, comment.body_text, comment.author) == (who, NOT_SHOWN, NOT_SHOWN)


def test_tombstone_without_its_class_is_told_by_its_sentence_where_nobody_is_named() -> None:
    gone = '<div class="post reply"><p>This post was removed by a moderator</p></div>'
    assert only(topic(gone)).deletion == "moderator"


@pytest.mark.parametrize(
    "sentence", ["This post has been deleted by its author", "This post was removed by a moderator"]
)
def test_sentence_of_a_tombstone_is_a_body_where_an_author_is_named(sentence: str) -> None:
    said = only(topic(post(body=f"<h4>Ha</h4><p>{sentence}</p>")))
    assert (said.deletion, said.title, said.body_text) == (None, "Ha", sentence)
    untitled = only(topic(post(body=f"<p>{sentence}</p>")))
    assert (untitled.deletion, untitled.body_text) == (None, sentence)
    old_one = only(old_page(old("Ha ", f"By Rung {POSTED}", f"<p>{sentence}</p>")))
    assert (old_one.deletion, old_one.body_text) == (None, sentence)


def test_posts_inside_a_tombstone_say_nothing_of_it() -> None:
    inner = post(native_id=3_480_002)
    outer = f'<div class="post deleted"><p>This post was removed by a moderator</p><ol><li>{inner}</li></ol></div>'
    gone, answer = read(topic(outer)).comments
    assert (gone.deletion, gone.native_id, answer.native_id) == ("moderator", None, "3480002")
    assert (answer.depth, answer.parent_position) == (1, 1)


def test_not_edited_is_said_only_by_a_page_that_shows_edits() -> None:
    plain, changed = post(states="first with-image"), post(native_id=3_480_002, states="edited reply")
    assert [comment.is_edited for comment in read(topic(plain, changed)).comments] == [False, True]
    assert only(topic(plain)).is_edited is NOT_SHOWN


@pytest.mark.parametrize(
    ("image", "icon"),
    [
        ('<img src="/design_picker/0a/graphics/icons/comment/badgers_48.png" alt="Badgers">', "Badgers"),
        ('<img src="/i/unheard_of.svg" alt="Unheard Of">', "Unheard Of"),
        ('<img class="icon" src="https://cdn.example/x.webp" alt="Never Seen">', "Never Seen"),
        ('<img src="/i/gold.png" alt="Gold badge">', None),
        ('<span class="user_icons"><img src="/i/gold.png" alt="Gold badge"></span>', None),
        ('<a href="/post/report/1"><img src="/i/flag.png" alt="Report"></a>', None),
        ('<img src="/i/spacer.gif" alt="">', None),
    ],
)
def test_icon_is_told_by_its_place(image: str, icon: str | None) -> None:
    comment = only(topic(post().replace('<div class="body">', f'{image}<div class="body"><h4>Wobble</h4>')))
    assert (comment.icon.name if isinstance(comment.icon, Icon) else None) == icon
    assert comment.title == "Wobble"
    assert shown(author_of(comment).badge) == ("Gold badge" if "Gold" in image else None)


def test_parent_is_the_reply_link_s_wherever_it_stands() -> None:
    forms = (
        '<div class="actions"><a class="in-reply-to" href="/forum/containing/3480001">in reply to</a></div>',
        '<span class="in-reply-to"><a href="/forum/1/2018/05/01/ladder/#c_3480001">in reply to</a></span>',
        '<a class="permalink" href="#c_3480001">in reply to</a>',
        '<a class="in-reply-to" href="/forum/containing/3480001/?n=2">in reply to</a>',
    )
    for form in forms:
        assert read(topic(post(), post(form, native_id=3_480_002))).comments[1].parent_native_id == "3480001", form
    itself = post('<a class="permalink" href="#c_3480002">#</a>', native_id=3_480_002)
    assert read(topic(post(), itself)).comments[1].parent_native_id is None


def test_permalink_that_is_the_title_is_no_date() -> None:
    heading = '<h3><a class="permalink" id="c_3480001" href="#c_3480001">Windows 7</a></h3>'
    said = f'<div class="post">{heading}<span class="author">Rung</span><div class="body"><p>Words.</p></div></div>'
    comment = only(topic(said))
    assert (comment.native_id, comment.title, shown(comment.published_raw)) == ("3480001", "Windows 7", None)


@pytest.mark.parametrize("byline", [f'<h4 class="byline">By Rung {POSTED}</h4>', f"<h2>By Rung {POSTED}</h2>"])
def test_byline_in_a_heading_is_no_title(byline: str) -> None:
    said = (
        f'<div class="post"><a name="c_301001"></a>{byline}<h3>Wobble</h3><div class="body"><p>Words.</p></div></div>'
    )
    comment = only(old_page(said))
    assert (comment.native_id, comment.title, author_of(comment).name) == ("301001", "Wobble", "Rung")
    untitled = only(old_page(said.replace("<h3>Wobble</h3>", "")))
    assert (untitled.title, author_of(untitled).name) == (None, "Rung")


@pytest.mark.parametrize(
    ("body", "icon", "title", "text"),
    [
        ("{}<h4>Wobble</h4><p>It did.</p>", "Pint", "Wobble", "It did."),
        ("<h4>Wobble</h4>{}<p>It did.</p>", "Pint", "Wobble", "It did."),
        ("<p>{}</p>It did.", "Pint", None, "It did."),
        ("<h4>{} Wobble</h4><p>It did.</p>", "Pint", "Wobble", "It did."),
        ("<p>It did.</p>{}", None, None, "It did.\n\nPint"),
    ],
)
def test_icon_that_opens_a_body_is_no_part_of_it(body: str, icon: str | None, title: str | None, text: str) -> None:
    image = '<img src="/design_picker/0a/graphics/icons/comment/pint_48.png" alt="Pint">'
    comment = only(topic(post(body=body.format(image))))
    assert (comment.icon.name if isinstance(comment.icon, Icon) else None) == icon
    assert (comment.title, comment.body_text) == (title, text)
