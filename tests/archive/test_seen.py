"""When comments were last seen: noted once for a whole unchanged thread, and exact as soon as anything differs."""

from pathlib import Path

from tests.made_up import Post, as_html, taken, without

T1, T2, T3 = "2025-03-16T10:00:00Z", "2025-03-17T10:00:00Z", "2025-03-18T10:00:00Z"
FLAT = [Post(id=str(number), author="Ada", user="7", body=f"Spout number {number}.") for number in (101, 102, 103, 104)]


def seen(path: Path, pages: list[tuple[str, str | None]]) -> dict[str, str]:
    held = taken(path, pages)
    return dict(held.rows("SELECT native_id, last_seen_at FROM comments_flat"))


def test_an_unchanged_thread_is_noted_at_the_thread(tmp_path: Path) -> None:
    held = taken(tmp_path, [(as_html(FLAT), T1), (as_html(FLAT), T2)])
    assert held.rows("SELECT all_seen_at FROM threads") == [(T2,)]
    assert set(held.rows("SELECT last_seen_at FROM comments")) == {(T1,)}
    assert set(held.rows("SELECT last_seen_at FROM comments_flat")) == {(T2,)}


def test_what_was_noted_is_written_before_a_comment_goes(tmp_path: Path) -> None:
    fewer = without(FLAT, FLAT[-1].id)
    times = seen(tmp_path, [(as_html(FLAT), T1), (as_html(FLAT), T2), (as_html(fewer), T3)])
    assert times.pop(FLAT[-1].id) == T2
    assert set(times.values()) == {T3}


def test_an_older_capture_does_not_turn_the_clock_back(tmp_path: Path) -> None:
    times = seen(tmp_path, [(as_html(FLAT), T1), (as_html(FLAT), T3), (as_html(FLAT), T2)])
    assert set(times.values()) == {T3}
