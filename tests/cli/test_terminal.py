"""What is printed of a page: nothing that a terminal would obey."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belowtheline.cli.console.text import (
    aligned,
    columns,
    display_width,
    one_line,
    safe_json,
    safe_terminal,
    wrapped,
)
from tests.growth import assert_linear

BIDI = {chr(code) for code in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}
ANYTHING = st.text(st.characters(exclude_categories=[]))
WORST = st.text(st.sampled_from(sorted(BIDI | set(map(chr, range(0xA0))) | set("\ud800\udfff\u2028> -"))))
HOSTILE = ANYTHING | WORST


def is_harmless(character: str) -> bool:
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in BIDI


@given(HOSTILE)
def test_safe_text_holds_no_control_no_bidi_mark_and_no_lone_surrogate(text: str) -> None:
    assert all(map(is_harmless, safe_terminal(text)))


@given(HOSTILE)
def test_making_safe_twice_changes_nothing_more(text: str) -> None:
    assert safe_terminal(safe_terminal(text)) == safe_terminal(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]) | st.sampled_from("\n\t")))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert safe_terminal(text) == text


@given(HOSTILE)
def test_one_line_is_one_line(text: str) -> None:
    assert not {"\n", "\t"} & set(one_line(text))
    assert all(map(is_harmless, one_line(text)))


@given(st.dictionaries(HOSTILE, HOSTILE.map(lambda text: text.encode(errors="replace").decode())))
def test_safe_json_is_harmless_and_loses_nothing(value: dict[str, str]) -> None:
    printed = safe_json(value)
    assert all(map(is_harmless, printed))
    assert json.loads(printed) == value


def test_letters_of_other_scripts_stay_readable_in_json() -> None:
    assert safe_json(["£ naïve 日本"]) == '[\n  "£ naïve 日本"\n]'


@given(HOSTILE, st.integers(20, 120))
def test_wrapped_lines_are_harmless_and_keep_every_letter(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert all(map(is_harmless, "".join(lines)))
    kept = "".join("".join(lines).split()).replace(">", "")
    assert kept == "".join(safe_terminal(text).split()).replace(">", "")


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1), st.integers(20, 60))
def test_words_that_fit_are_wrapped_within_the_width(words: list[str], width: int) -> None:
    lines = list(wrapped(" ".join(words), width))
    assert max(map(len, lines)) <= width
    assert " ".join(lines) == " ".join(words)


def test_a_quoted_line_keeps_its_mark_on_every_line() -> None:
    assert list(wrapped("> > " + "word " * 8 + "end", 24))[:2] == ["> > word word word word", "> > word word word word"]


def test_an_item_hangs_under_its_first_word() -> None:
    assert list(wrapped("- one two three four five", 20)) == ["- one two three four", "  five"]
    assert list(wrapped("12. one two three four", 20)) == ["12. one two three", "    four"]


@pytest.mark.parametrize(
    "code", ["    if (kettle.is_on() and not tea.is_ready()) return boil;", "x  =  1;  y  =  2;  z  =  3;"]
)
def test_a_line_of_code_is_never_wrapped(code: str) -> None:
    assert list(wrapped(code, 20)) == [code]


def test_an_address_longer_than_the_line_stays_whole() -> None:
    address = "https://example.org/" + "a" * 60
    assert list(wrapped(f"see {address} for more of it", 20)) == ["see", address, "for more of it"]


@pytest.mark.parametrize("unit", ["a", "> ", ">", "a ", "  a", "- ", "1. ", "\t", "\x1b[", "\u202e", "日 "])
def test_a_hundred_thousand_characters_are_wrapped_in_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert_linear(lambda part: list(wrapped(part, 80)), text)
    printed = sum(len(line) + 1 for line in wrapped(text, 80))
    assert printed < 8 * len(text)


def test_wide_letters_take_two_columns_and_marks_none() -> None:
    assert display_width("日本 ok") == 7
    assert display_width("e\u0301\u200d") == 1


def test_columns_line_up_whatever_the_cells_hold() -> None:
    lines = list(aligned([("no.", "name", "end"), ("7", "日本", "x"), ("12", "a\nb\x1b[2J", None)], right=(0,)))
    assert lines == ["no.  name        end", "  7  日本        x", " 12  a b\\x1b[2J"]


def test_redirected_output_is_at_most_a_hundred_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    assert columns() == 100
    monkeypatch.setenv("COLUMNS", "5")
    assert columns() == 20
