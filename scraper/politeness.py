"""Doing as the server asks: robots.txt and its crawl-delay (RFC 9309), Retry-After in both forms (RFC 9110, 10.2.3),
and what it reserves by the TDM Reservation Protocol.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Generic, Literal, Self, TypeVar
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from belowtheline.archive.store import clock
from belowtheline.reading.items import Capture
from belowtheline.reading.optout import TDM_FILE, Reservation, reservations_in, reserved_by
from belowtheline.reading.outcomes import HostPolicy, policy_asked
from belowtheline.scraper.proxies import proxies
from belowtheline.scraper.reserved import OptedOut
from belowtheline.scraper.safety import StaysToDo, TooLarge, TornBody
from belowtheline.scraper.targets import NoContact, NotPublic

_Decision = Literal["rules", "no rules", "unknown", "unreadable", "deferred", "not asked"]
_Kind = Literal["robots.txt", "tdmrep.json"]
_T = TypeVar("_T")
_UNREACHED = (DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError)
# The TDM report: failure to provide the file implies that its host does not use the protocol.
_NO_FILE = (IgnoreRequest, CannotResolveHostError, DownloadCancelledError, *_UNREACHED)
_FRESH = timedelta(hours=24)  # RFC 9309, 2.4: a robots.txt is not used for longer
_DEFAULT = timedelta(minutes=1)
_LONGEST_DATE = 64  # an HTTP date has 29 characters
_LONGEST = timedelta(days=7)  # a date beyond is a mistake, and no page should wait for it
_LONGEST_DELAY = 3600.0  # more between two pages is a mistake or a refusal that robots.txt can say better
_MOST_STEPS = 5  # 17 minutes: by then the page is long left to a later run


class Deferred(IgnoreRequest):
    """The page is to be asked for later; `not_before` is when, in whole seconds, and `response` what was answered.

    The message says who decided on that time: the server by its Retry-After, or btl.
    """

    def __init__(self, not_before: datetime, response: Response, why: str) -> None:
        # Rounded up: the archive keeps seconds, and a page must not be asked for a moment too early.
        self.not_before = (not_before + timedelta(microseconds=999_999)).replace(microsecond=0)
        super().__init__(why)
        self.response = response


class Disallowed(IgnoreRequest):
    """robots.txt asks not to fetch the page."""


class RobotsUnknown(IgnoreRequest):
    """robots.txt cannot be had, and so nothing of its host may be fetched for now."""


def in_words(error: BaseException) -> str:
    """Return why no answer came, where Scrapy's own words are the names of its parts."""
    reasons = getattr(error.__cause__, "reasons", None)
    if isinstance(error, DownloadFailedError) and reasons:
        return f"the connection ended before an answer came ({reasons[0].getErrorMessage()})"
    return str(error) or type(error).__name__


class _Answers(Generic[_T]):
    """What each host answered: it is asked once, by whatever comes first, and again when the answer is a day old."""

    def __init__(self, ask: Callable[[str], Coroutine[Any, Any, _T]]) -> None:
        self._ask = ask
        self._asked: dict[str, tuple[datetime, asyncio.Task[_T]]] = {}

    async def of(self, origin: str) -> _T:
        """Return what an origin answered, or raise what came instead; a delay is not kept."""
        asked = self._asked.get(origin)
        if asked is None or (asked[1].done() and clock.utc_now() - asked[0] >= _FRESH):
            asked = self._asked[origin] = (clock.utc_now(), asyncio.ensure_future(self._ask(origin)))
        try:
            return await asyncio.shield(asked[1])
        except (Deferred, StaysToDo):
            if self._asked.get(origin) is asked:
                del self._asked[origin]  # asked again when the pages that wait for it are due
            raise


class RobotsRules:
    """Stands at 100: keeps to a host's robots.txt and its crawl-delay; it is asked for before a page, once a day."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._rules = _Answers(self._ask)
        self._delays: dict[str, dict[str, float]] = {}
        self._least: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware, as Scrapy asks for it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass, or raise what forbids it."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        parts = urlsplit(request.url)
        origin, host = f"{parts.scheme}://{parts.netloc}", parts.hostname or ""
        rules = await self._rules.of(origin)
        if not rules.can_fetch(request.url, self._agent):
            raise Disallowed("robots.txt asks not to fetch it")
        delay = min(rules.crawl_delay(self._agent) or 0.0, _LONGEST_DELAY)
        if delay or origin in self._delays.get(host, ()):
            self._keep_to(delay, host, origin)
        if delay:
            request.meta["autothrottle_dont_adjust_delay"] = True  # it would halve what the server asks for

    async def _ask(self, origin: str) -> Protego:
        url = f"{origin}/robots.txt"
        engine = self._crawler.engine
        assert engine is not None
        request = Request(url, callback=NO_CALLBACK, meta={"dont_obey_robotstxt": True})
        try:
            response = await engine.download_async(request)
        except Deferred:
            _tell(self._crawler, origin, "robots.txt", "deferred", request)
            raise
        except (TornBody, TooLarge, DownloadCancelledError) as error:
            _tell(self._crawler, origin, "robots.txt", "unknown", request)
            raise RobotsUnknown(f"{url} cannot be read: {error}") from error
        except _UNREACHED as error:
            # RFC 9309, 2.3.1.4: who cannot be reached is not known to allow anything.
            _tell(self._crawler, origin, "robots.txt", "unknown", request)
            raise _unknown(url, in_words(error)) from error
        except (IgnoreRequest, CannotResolveHostError, ValueError) as error:
            is_refused = isinstance(error, (NotPublic, NoContact))
            if isinstance(error, StaysToDo) or (not is_refused and (urlsplit(url).hostname or "") in str(error)):
                raise
            # Its redirects lead in a circle or to where nobody may be asked: that is no fault of the page.
            _tell(self._crawler, origin, "robots.txt", "unknown", request)
            raise _unknown(url, _where_it_led(error)) from error
        if response.status >= 500:
            # RFC 9309, 2.3.1.4: a server error forbids everything until it is over.
            _tell(self._crawler, origin, "robots.txt", "unknown", response.request or request)
            raise RobotsUnknown(f"{url} answers {response.status}, and without it nothing is fetched")
        # RFC 9309, 2.3.1.3: no robots.txt, no rules.
        is_there = response.status == 200
        _tell(self._crawler, origin, "robots.txt", "rules" if is_there else "no rules", response.request or request)
        return Protego.parse(response.body.decode("utf-8-sig", "replace") if is_there else "")

    def _keep_to(self, delay: float, host: str, origin: str) -> None:
        """Ask a host as slowly as the slowest of its origins wants; less so where a new robots.txt asks for less."""
        engine = self._crawler.engine
        assert engine is not None
        wanted = self._delays.setdefault(host, {})
        is_less = delay < wanted.get(origin, 0.0)
        wanted[origin] = delay
        # An idle slot is collected and made again from its settings: both have to know.
        settings = engine.downloader.per_slot_settings.setdefault(host, {})
        least = settings.get("delay", self._crawler.settings.getfloat("DOWNLOAD_DELAY"))
        settings["delay"] = max(self._least.setdefault(host, least), *wanted.values())
        if slot := engine.downloader.slots.get(host):
            slot.delay = settings["delay"] if is_less else max(slot.delay, settings["delay"])


def _where_it_led(error: Exception) -> str:
    if "max redirections" in str(error):
        return "it redirects in a circle"
    is_of_proxy = any(pair.rpartition(":")[0] in str(error).lower() for pair in proxies())
    return f"its proxy is not found: {error}" if is_of_proxy else f"it redirects away: {error}"


def _unknown(url: str, reason: str) -> RobotsUnknown:
    return RobotsUnknown(f"{url} cannot be had ({reason}), and without it nothing is fetched")


def _tell(crawler: Crawler, origin: str, kind: _Kind, decision: _Decision, request: Request) -> None:
    """Tell the archive what governs a host from now on; the request knows the capture of the answer, if any came."""
    capture: Capture | None = request.meta.get("capture")
    policy = HostPolicy(
        origin=origin,
        kind=kind,
        decision=decision,
        status=capture.status if capture else None,
        fetched_at=capture.fetched_at if capture else f"{clock.utc_now():%Y-%m-%dT%H:%M:%SZ}",
        capture=capture,
    )
    crawler.signals.send_catch_log(signal=policy_asked, policy=policy)


class Reservations:
    """Stands at 110: asks for a host's tdmrep.json once a day, after its robots.txt, and for no page it reserves."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._has_basis = crawler.settings.getbool("HAS_LEGAL_BASIS")
        self._rules = _Answers(self._ask)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware, as Scrapy asks for it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass, or raise OptedOut where its host reserves it."""
        if "page_id" not in request.meta:
            return
        parts = urlsplit(request.url)
        rules = await self._rules.of(f"{parts.scheme}://{parts.netloc}")
        reserved = reserved_by(rules, request.url)
        if reserved and not self._has_basis:
            raise OptedOut(reserved)

    async def _ask(self, origin: str) -> tuple[Reservation, ...]:
        """Return what the host reserves, nothing where it does not say so in a form that can be read."""
        engine = self._crawler.engine
        assert engine is not None
        request = Request(f"{origin}{TDM_FILE}", callback=NO_CALLBACK, meta={"dont_retry": True})
        try:
            response = await engine.download_async(request)
            request = response.request or request
            rules = reservations_in(response.body) if response.status == 200 else None
        except Deferred:
            _tell(self._crawler, origin, "tdmrep.json", "deferred", request)
            raise
        except StaysToDo:
            raise
        except (ValueError, *_NO_FILE) as error:
            decision: _Decision = "not asked" if isinstance(error, Disallowed) else "unreadable"
            _tell(self._crawler, origin, "tdmrep.json", decision, request)
            return ()
        _tell(self._crawler, origin, "tdmrep.json", "no rules" if rules is None else "rules", request)
        return rules or ()


def drop_waiting(crawler: Crawler) -> None:
    """End the requests that wait for their host's delay; their pages stay to do."""
    assert crawler.engine is not None
    for slot in crawler.engine.downloader.slots.values():
        while slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(Failure(StaysToDo("the crawl is ending")))  # type: ignore[no-untyped-call]


class RetryAfter:
    """Stands at 560: a 429, or a 503 that names a time, defers the page instead of asking at once again."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()

    def process_response(self, request: Request, response: Response) -> Response:
        """Raise Deferred where the server asks to wait, longer each time it asks for the same page."""
        said = response.headers.get("Retry-After")
        if response.status == 429 or (response.status == 503 and said):
            now = clock.utc_now()
            # A server that always says "0" would be asked without end.
            least = timedelta(seconds=4 ** min(self._times[request.url], _MOST_STEPS))
            self._times[request.url] += 1
            asked = asked_wait((said or b"").decode("latin-1"), now)
            why = _why(response.status, self._times[request.url], asked, least)
            raise Deferred(now + max(asked or _DEFAULT, least), response, why)
        return response


def _why(status: int, times: int, asked: timedelta | None, least: timedelta) -> str:
    """Return in words why a page waits, and whether its server or btl chose the time."""
    if asked is None:
        return f"its server answered {status} without a time to wait, and btl waits {_seconds(max(_DEFAULT, least))}"
    if least > asked and times > 1:
        return (
            f"its server answered {status} {times} times and asks to wait {_seconds(asked)} each time; btl waits longer"
            f" each time, now {_seconds(least)}"
        )
    if asked == _LONGEST:
        return f"its server asks to wait {_LONGEST.days} days or more, and btl tries again after {_LONGEST.days} days"
    return "as its server asks"


def _seconds(time: timedelta) -> str:
    return f"{round(time.total_seconds())} s"


def asked_wait(value: str, now: datetime) -> timedelta | None:
    """Return how long a server asks to wait, in seconds or by an HTTP date; None where the value says neither.

    >>> asked_wait("120", datetime(2026, 1, 1, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value.lstrip("0")[:9] or 0)), _LONGEST)
    try:
        when = parsedate_to_datetime(value[:_LONGEST_DATE])
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return min(max(aware - now, timedelta(0)), _LONGEST)
    except (ValueError, OverflowError):
        return None  # such as the last hour of the year 9999 in a zone behind UTC
