"""Linking: milliseconds a comment, how the cost grows with the thread, and threads that mean harm."""

import random
import resource
import sys
import time
from collections.abc import Callable, Iterator

from belowtheline.archive.links.texts import CommentText, ThreadText, VersionText
from belowtheline.pipelines.linking.engine import link
from bench.measuring import Row, run

_COMMENTS, _QUOTING = 1_000, 300
_WORDS = 100
_VOCABULARY = 8_000
_AUTHORS = 300
_SECONDS, _MEGABYTES = 10.0, 300.0


def bench(quick: bool) -> Iterator[Row]:
    """Measure threads of two sizes in turns, then each thread that means harm in a process of its own."""
    small, large = thread(_COMMENTS, _QUOTING), thread(10 * _COMMENTS, 10 * _QUOTING)
    rounds = [(_seconds(small), _seconds(large)) for _ in range(1 if quick else 3)]
    least, most = min(first for first, _ in rounds), min(second for _, second in rounds)
    each = 1000 * least / _COMMENTS
    yield Row(f"link {_COMMENTS:,} comments, {_QUOTING} quote (absolute, a comment)", "ms", each, None, each, 1.0)
    yield Row(f"link {10 * _COMMENTS:,} comments / {_COMMENTS:,}", "s", most, least, most / least, 20.0)
    for name in HARMFUL:
        ran = run(sys.executable, "-m", "bench.linking", name)
        seconds, megabytes = map(float, ran.output.split())
        yield Row(f"link {name} (absolute)", "s", seconds, None, seconds, _SECONDS)
        yield Row("peak memory of that (absolute)", "MB", megabytes, None, megabytes, _MEGABYTES)


def _seconds(of: ThreadText) -> float:
    start = time.process_time()
    found = link(of)
    seconds = time.process_time() - start
    assert len(found.edges) > 0.9 * len(found.quotes) > 0
    return seconds


def thread(comments: int, quoting: int) -> ThreadText:
    """Return a made-up thread: words as frequent as in a language, so many comments that quote an earlier one."""
    chance = random.Random(comments)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(_VOCABULARY)]
    weights = [1 / (place + 1) for place in range(_VOCABULARY)]
    chosen = set(chance.sample(range(1, comments), quoting))
    bodies: list[str] = []
    for place in range(comments):
        body = " ".join(chance.choices(words, weights, k=_WORDS))
        if place in chosen:
            source = bodies[chance.randrange(place)].split()
            start, length = chance.randrange(_WORDS // 2), chance.randint(5, 20)
            body = f'"{" ".join(source[start : start + length])}"\n\n{body}'
        bodies.append(body)
    return _said(bodies, lambda number: f"User {number % _AUTHORS}")


def _said(bodies: list[str], author: Callable[[int], str], title: str | None = None) -> ThreadText:
    return ThreadText(
        row_id=1,
        comments=tuple(
            CommentText(
                row_id=number,
                native_id=str(number),
                position=number,
                author_id=hash(author(number)),
                author_name=author(number),
                present=VersionText(row_id=number, title=title, body_text=body),
            )
            for number, body in enumerate(bodies, 1)
        ),
    )


def _one_word() -> ThreadText:
    return _said(["spam " * 100_000] * 2 + [f'"{"spam " * 5_000}"'] * 6, lambda number: f"User {number}")


def _identical() -> ThreadText:
    body = '@Bob "we know what the kettle said yesterday evening"\n\nI agree with what the kettle said yesterday.'
    return _said([body] * 10_000, lambda number: "Bob" if number % 2 else "Ann", "What the kettle said yesterday")


def _long_span() -> ThreadText:
    words = random.Random(1).choices([f"w{number}x" for number in range(5_000)], k=8_000)
    changed = [word if place % 40 else "zzz" for place, word in enumerate(words)]
    whole, other = " ".join(words)[:50_000], " ".join(changed)[:50_000]
    return _said([whole, f'"{whole}"', f'"{other}"'], lambda number: f"User {number}")


HARMFUL: dict[str, Callable[[], ThreadText]] = {
    "one word 100,000 times": _one_word,
    "10,000 identical comments": _identical,
    "a span of 50,000 characters": _long_span,
}

if __name__ == "__main__":
    made = HARMFUL[sys.argv[1]]()
    begun = time.process_time()
    link(made)
    print(time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
