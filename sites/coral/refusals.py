"""What Coral says in place of comments: errors, refusals, requests to ask more slowly, web pages."""

from typing import Any

from belowtheline.reading.errors import ParseError
from belowtheline.reading.page import Page

_LOOKED_FOR = "looked for data.story.comments, data.comment.replies or Talk's data.asset.comments"
_OWN_QUERIES = (
    "the host answers the requests of its own pages only: save the answers in a browser and take them in with "
    "`btl ingest`, or set CORAL_HOST and CORAL_TOKEN to the host and an administrator's token"
)


def check(page: Page) -> None:
    """Raise ParseError where a page is no JSON at all."""
    if page.looks_like_html:
        raise ParseError(
            f"{page.name} is a web page, not an answer of Coral's: {_LOOKED_FOR}; save what the article's page gets "
            "from /api/graphql, or crawl the article itself."
        )
    said = " ".join(page.text[:400].split())
    if said[:1] not in ("{", "[", "\ufeff"):
        raise ParseError(f"{page.name} is no answer of Coral's but says {said[:80]!r}: fetch it again later.")


def message(page: Page, value: Any) -> str:
    """Return in a sentence what an answer is that holds no comments, and what to do."""
    code, said = _errors(value)
    if "RATE_LIMIT" in code or "rate limit" in said.lower():
        return f"{page.name} is Coral's request to ask more slowly ({said}): fetch it again later."
    if "PERSISTED_QUERY" in code or "RAW_QUERY" in code:
        return f"{page.name} is Coral's refusal ({said}): {_OWN_QUERIES}."
    if "VALIDATION" in code or "Cannot query field" in said:
        return (
            f"{page.name} is Coral's refusal ({said}): its version knows other fields than this reader asks for; save "
            "the answers in a browser and take them in with `btl ingest`."
        )
    if said:
        return f"{page.name} is Coral's refusal ({said}): check that the story exists and is open to all."
    data = value.get("data") if isinstance(value, dict) else None
    if isinstance(data, dict) and any(name in data and data[name] is None for name in ("story", "stream", "asset")):
        return f"{page.name} says that Coral has no such story: check storyID and storyURL in the address."
    if isinstance(data, dict) and data.get("comment", 0) is None:
        return f"{page.name} says that Coral has no such comment, or that it was removed: crawl the story again."
    return f"{page.name} is no answer of Coral's with comments: {_LOOKED_FOR}; check the address."


def _errors(value: Any) -> tuple[str, str]:
    """Return the codes of an answer's errors, and codes and words as one text; empty where there are none."""
    found = value.get("errors") if isinstance(value, dict) else None
    errors = [error for error in found if isinstance(error, dict)] if isinstance(found, list) else []
    codes = [str(_extensions(error).get("code") or "") for error in errors[:3]]
    words = [str(error.get("message") or "")[:160] for error in errors[:3]]
    told = (": ".join(filter(None, dict.fromkeys(pair))) for pair in zip(codes, words, strict=True))
    said = ", ".join(dict.fromkeys(" ".join(text.split()) for text in told if text))
    return " ".join(codes), said or ("an error without words" if found else "")


def _extensions(error: dict[str, Any]) -> dict[str, Any]:
    found = error.get("extensions")
    return found if isinstance(found, dict) else {}
