"""Why a page was not fetched: its state, a reason in a word or two, and a sentence."""

from http.client import responses
from typing import Literal

from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from belowtheline.reading.barriers import has_barred_title
from belowtheline.reading.page import MAX_BYTES, Page
from belowtheline.scraper.politeness import Deferred, Disallowed, RobotsUnknown, in_words
from belowtheline.scraper.reserved import OptedOut
from belowtheline.scraper.safety import TooLarge, TornBody
from belowtheline.scraper.settings import REDIRECT_MAX_TIMES
from belowtheline.scraper.targets import NoContact, NotPublic

_REFUSED = frozenset({401, 403, 407, 451})


def why_not(error: BaseException) -> tuple[Literal["failed", "deferred", "skipped"], str]:
    """Return the state and the short reason of a page that was not fetched."""
    if isinstance(error, Deferred):
        return "deferred", "retry-after"
    if isinstance(error, HttpError):
        status = error.response.status
        is_refused = status in _REFUSED or _is_challenge(error.response)
        return "failed", "blocked" if is_refused else f"http {status}"
    if isinstance(error, TornBody):
        return "failed", "torn"
    if isinstance(error, (TooLarge, DownloadCancelledError)):
        return "failed", "too large"
    if isinstance(error, Disallowed):
        return "skipped", "robots"
    if isinstance(error, OptedOut):
        return "skipped", "opt-out"
    if isinstance(error, NotPublic):
        return "failed", "not public"
    if isinstance(error, NoContact):
        return "failed", "no contact"
    if isinstance(error, IgnoreRequest):
        return "failed", "robots unknown" if isinstance(error, RobotsUnknown) else "refused"
    return "failed", "network"


def _is_challenge(response: Response) -> bool:
    return has_barred_title(Page(response.url, response.body).text)


def in_a_sentence(error: BaseException) -> str:
    """Return in a sentence why a page was not fetched."""
    if isinstance(error, HttpError):
        status = error.response.status
        return f"the server answered {status} {responses.get(status, '')}".rstrip()
    if isinstance(error, DownloadCancelledError):
        return f"it is larger than {MAX_BYTES} bytes"
    if isinstance(error, CannotResolveHostError) and "no results" in str(error):
        return "its host was not found, or has no address that may be asked"
    if isinstance(error, IgnoreRequest) and "max redirections" in str(error):
        return f"it redirects in a circle, or more than {REDIRECT_MAX_TIMES} times"
    return in_words(error)
