"""What Disqus says in place of an answer: errors, limits, web pages."""

from typing import Any

from belowtheline.reading.page import Page
from belowtheline.sites.disqus.wording import KEY

_LOOKED_FOR = "looked for `response` with posts, each with id, thread, author and message"
_INVALID_KEY, _NOT_FOUND = 5, 2
_LIMITS = (13, 14)


def message(page: Page, value: Any) -> str:
    """Return in a sentence what an answer is that holds no thread, and what to do."""
    code = value.get("code") if isinstance(value, dict) else None
    if not isinstance(code, int) or isinstance(code, bool) or code == 0:
        return unlike(page)
    said = value.get("response")
    words = " ".join(said.split())[:160] if isinstance(said, str) else ""
    told = f" ({words})" if words else f" (code {code})"
    if code in _LIMITS or "limit" in words.lower():
        return f"{page.name} is Disqus's request to ask more slowly{told}: fetch it again in an hour."
    if code == _INVALID_KEY or "key" in words.lower():
        return f"{page.name} is Disqus's refusal{told}: set {KEY} to the public key of an application of yours."
    if code == _NOT_FOUND:
        return f"{page.name} is no thread that Disqus knows{told}: check forum and thread in the address."
    return f"{page.name} is Disqus's refusal{told}: check that the thread exists and is open to all."


def unlike(page: Page) -> str:
    """Return in a sentence that an answer is of none of the known forms."""
    return f"{page.name} is no answer of Disqus's about a thread: {_LOOKED_FOR}; check the address, or fetch it again."
