"""The present state of a row is, per unit, the newest value shown, in whatever order the captures arrive."""

from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from belowtheline.archive.record.merging import Times, merge

UNITS = {"title": ("title", "title_source"), "body": ("body",), "votes": ("up", "down")}
COLUMNS = [column for columns in UNITS.values() for column in columns]

values = st.fixed_dictionaries(
    {},
    optional={
        "title": st.tuples(st.sampled_from([None, "A", "B"]), st.sampled_from(["page", None])),
        "body": st.tuples(st.sampled_from([None, "x", "y", "z"])),
        "votes": st.tuples(st.integers(0, 3), st.integers(0, 3)),
    },
)
captures = st.lists(values, min_size=1, max_size=4).map(
    lambda shown: [(f"2025-01-0{day}T00:00:00Z", one) for day, one in enumerate(shown, 1)]
)


def first(time: str, shown: dict[str, Any], weak: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the row that one capture makes."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    for unit, columns in shown.items():
        row |= zip(UNITS[unit], columns, strict=True)
    times = Times.of_new(UNITS, shown, time, weak).encoded(time or None)
    return row | {"last_seen_at": time or None, "field_times": times}


def final(order: tuple[tuple[str, dict[str, Any]], ...]) -> dict[str, Any]:
    row = first(*order[0])
    for time, shown in order[1:]:
        row |= merge(UNITS, row, shown, time)
    return row


@given(captures)
def test_any_order_of_dated_captures_gives_the_same_row(dated: list[tuple[str, dict[str, Any]]]) -> None:
    expected = final(tuple(dated))
    for order in permutations(dated):
        assert final(order) == expected


@given(captures)
def test_the_row_holds_the_newest_value_of_each_unit(dated: list[tuple[str, dict[str, Any]]]) -> None:
    row = final(tuple(reversed(dated)))
    for unit, columns in UNITS.items():
        newest = next((shown[unit] for _, shown in reversed(dated) if unit in shown), (None,) * len(columns))
        assert tuple(row[column] for column in columns) == newest
    assert row["last_seen_at"] == dated[-1][0]


@given(captures, values)
def test_an_undated_capture_fills_gaps_and_overwrites_nothing(
    dated: list[tuple[str, dict[str, Any]]], undated: dict[str, Any]
) -> None:
    expected = final(tuple(dated))
    for unit, columns in undated.items():
        if not any(unit in shown for _, shown in dated):
            expected |= zip(UNITS[unit], columns, strict=True)
    for order in permutations([*dated, ("", undated)]):
        row = final(order)
        assert {name: row[name] for name in COLUMNS} == {name: expected[name] for name in COLUMNS}


def test_an_unchanged_row_has_no_changes() -> None:
    row = first("2025-01-02T00:00:00Z", {"body": ("x",)})
    assert merge(UNITS, row, {"body": ("x",)}, "2025-01-02T00:00:00Z") == {}
    assert merge(UNITS, row, {"body": ("y",)}, "2025-01-01T00:00:00Z") == {}


def test_a_later_confirmation_counts() -> None:
    row = first("2025-01-01T00:00:00Z", {"body": ("x",), "title": ("A", "page")})
    row |= merge(UNITS, row, {"body": ("x",)}, "2025-01-03T00:00:00Z")
    row |= merge(UNITS, row, {"body": ("y",), "title": ("B", "page")}, "2025-01-02T00:00:00Z")
    assert (row["body"], row["title"]) == ("x", "B")


def test_a_weak_unit_stands_until_any_other_shows_it() -> None:
    row = first("2025-01-09T00:00:00Z", {"title": ("copied", None)}, weak=("title",))
    assert merge(UNITS, row, {"title": ("page", "page")}, "2025-01-01T00:00:00Z")["title"] == "page"
    assert merge(UNITS, row, {"title": ("page", "page")}, "")["title"] == "page"
    row |= merge(UNITS, row, {"title": ("page", "page")}, "")
    later = merge(UNITS, row, {"title": ("copied", None)}, "2025-02-01T00:00:00Z", weak=("title",))
    assert "title" not in later


def test_of_two_weak_values_the_newer_is_kept() -> None:
    older, newer = (
        ("2025-01-01T00:00:00Z", {"title": ("old", None)}),
        ("2025-01-02T00:00:00Z", {"title": ("new", None)}),
    )
    for one, other in ((older, newer), (newer, older)):
        row = first(*one, weak=("title",))
        row |= merge(UNITS, row, other[1], other[0], weak=("title",))
        assert row["title"] == "new"


def test_a_forced_unit_replaces_what_is_newer() -> None:
    row = first("2025-01-09T00:00:00Z", {"body": ("copied",)})
    changes = merge(UNITS, row, {"body": ("page",)}, "2025-01-01T00:00:00Z", forced=("body",))
    assert changes == {"body": "page"}
