"""The benches of reading: what a floor reads by hand is what the site reads, to the last of ten levels."""

import pytest

from tests.platforms import FORMS, LEVELS, Form, are_whole, assert_same, levels_of, remarks, said_by

forms = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
THREAD = remarks(1_000)


@forms
def test_a_thousand_comments_are_read_whole_and_as_by_hand(form: Form) -> None:
    body = form.made(THREAD)
    found = said_by(form, body)
    assert_same(form, form.walk(body), found)
    assert are_whole(form, found, THREAD)
    assert levels_of(found) == (LEVELS if form.has_parents else 1)


@forms
def test_a_comment_that_is_lost_or_hangs_elsewhere_is_not_whole(form: Form) -> None:
    thread = remarks(20)
    found = said_by(form, form.made(thread))
    assert not are_whole(form, found[:-1], thread)
    assert not are_whole(form, [*found[:-1], found[-1]._replace(body="<p>Other words.</p>")], thread)
    assert not are_whole(form, [*found[:-1], found[-1]._replace(parent=found[-1].native_id)], thread)
    with pytest.raises(AssertionError):
        assert_same(form, found, found[:-1])
