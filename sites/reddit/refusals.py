"""What Reddit says in place of an answer: errors, refusals, requests to ask more slowly, web pages."""

from typing import Any

from belowtheline.reading.errors import ParseError
from belowtheline.reading.page import Page

_REASONS = {
    "private": "the subreddit is private",
    "banned": "the subreddit is banned",
    "quarantined": "the subreddit is quarantined",
    "gated": "the subreddit is gated",
    "gold_only": "the subreddit is for subscribers",
}
_LOOKED_FOR = "looked for a post (t3) with its comments (t1)"


def check(page: Page) -> None:
    """Raise ParseError where a page is no JSON at all."""
    if page.looks_like_html:
        raise ParseError(
            f"{page.name} is a web page, not an answer of Reddit's: {_LOOKED_FOR} in JSON; save the same address with "
            ".json added, or set REDDIT_TOKEN where Reddit refuses it."
        )
    said = " ".join(page.text[:400].split())
    if said[:1] not in ("{", "[", "\ufeff"):
        raise ParseError(f"{page.name} is no answer of Reddit's but says {said[:80]!r}: fetch it again later.")


def message(page: Page, value: Any) -> str:
    """Return in a sentence what an answer is that holds no thread, and what to do."""
    code, said, errors = _said(value)
    if str(code) == "429" or "RATELIMIT" in errors:
        return f"{page.name} is Reddit's request to ask more slowly{said}: fetch it again later."
    if str(code) == "401":
        return f"{page.name} is Reddit's refusal{said}: the token in REDDIT_TOKEN has expired, get a new one."
    if code is not None or errors:
        return (
            f"{page.name} is Reddit's refusal{said}: check that the thread exists and is open to all, or set "
            "REDDIT_TOKEN to a token that may read it."
        )
    if isinstance(value, dict) and value.get("kind") == "Listing":
        return f"{page.name} is a list of Reddit's, but of no comments: {_LOOKED_FOR}; give the address of one thread."
    return f"{page.name} is no answer of Reddit's about a thread: {_LOOKED_FOR}; check the address and its .json."


def _said(value: Any) -> tuple[object, str, str]:
    """Return the code of a refusal, its words in brackets, and errors of a request that was answered."""
    if not isinstance(value, dict):
        return None, "", ""
    answer = value.get("json")
    errors = _errors(answer["errors"]) if isinstance(answer, dict) and answer.get("errors") else ""
    reason = value.get("reason")
    code = value.get("error", reason)
    words = [str(code) if code != reason else "", str(value.get("message") or ""), errors]
    words.append(_REASONS.get(str(reason), str(reason)) if reason else "")
    found = ", ".join(word[:120] for word in words if word)
    return code, f" ({found})" if found else "", errors


def _errors(found: Any) -> str:
    """Return the errors of a request as text: each has a code, a sentence and the field it is about."""
    errors = found if isinstance(found, list) else [found]
    return ", ".join(": ".join(map(str, error[:2])) if isinstance(error, list) else str(error) for error in errors)
