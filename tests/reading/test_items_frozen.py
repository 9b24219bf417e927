"""Items are frozen, whole and comparable, as the pipelines and other processes need them."""

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from belowtheline.reading.items import NOT_SHOWN, Author, Comment, Icon

COMMENT = Comment(native_id="7", position=1, author=Author(name="Ada Fenn"), icon=Icon(name="Pint"))


def test_an_item_is_frozen_once_it_is_made() -> None:
    with pytest.raises(FrozenInstanceError):
        COMMENT.position = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del COMMENT.position
    assert type(COMMENT) is Comment


def test_what_is_not_given_has_the_default_of_the_schema() -> None:
    given = {"native_id": "7", "position": 1, "author": COMMENT.author, "icon": COMMENT.icon}
    for each in fields(Comment):
        assert getattr(COMMENT, each.name) == given.get(each.name, each.default), each.name
    assert Author() == Author(name=None, profile_url=NOT_SHOWN)


def test_an_item_is_copied_compared_and_sent_to_other_processes_as_ever() -> None:
    same = replace(COMMENT)
    assert same is not COMMENT
    assert {COMMENT, same, copy.deepcopy(COMMENT), pickle.loads(pickle.dumps(COMMENT))} == {COMMENT}
    assert replace(COMMENT, position=2) != COMMENT


def test_a_field_that_is_missing_or_unknown_is_an_error_that_names_the_class() -> None:
    with pytest.raises(TypeError, match=r"Comment.__init__\(\) missing .* 'position'"):
        Comment(native_id="7")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Author.__init__\(\) got an unexpected .* 'nom'"):
        Author(nom="Ada")  # type: ignore[call-arg]
