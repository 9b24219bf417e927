"""One page from the network, without a crawl: polite, bounded, and only what `btl crawl` would take as well."""

import time
from collections.abc import Callable
from email.message import Message
from http.client import HTTPException, HTTPMessage, HTTPResponse
from io import BytesIO
from typing import IO
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.http import Response
from w3lib.url import safe_url_string

from belowtheline.archive.runs import now
from belowtheline.cli.contact import check_contact, is_loopback, is_web_address
from belowtheline.cli.guarded import GuardedHandler
from belowtheline.scraper import sources
from belowtheline.scraper.errors import BelowTheLineError, BlockedPage, FetchFailed
from belowtheline.scraper.items import Link
from belowtheline.scraper.page import MAX_BYTES, Page
from belowtheline.scraper.payloads import BadPayload, LargePayload, decoded
from belowtheline.scraper.safety import StrictDecoder, TooLarge, TornBody
from belowtheline.scraper.settings import DEFAULT_REQUEST_HEADERS, ROBOTSTXT_USER_AGENT

TIMEOUT = 30.0
"""Seconds to wait for a connection and for each part of an answer."""
DEADLINE = 120.0
"""Seconds for the whole body, so that a server that drips is not waited for without end."""

_ROBOTS_BYTES = 512 * 1024  # RFC 9309, 2.5: a robots.txt is read to at least 500 KiB
_PART = 65_536
_REFUSED = frozenset({401, 403, 407, 451})
_OTHER_WAYS = "save the page in a browser, copy its text or take a WARC capture, and give that file"


def fetch(link: Link, contact: str | None) -> Page:
    """Return the page at a link; raise BlockedPage where it is refused, FetchFailed where it cannot be had."""
    url = _checked(link.url, contact)
    _ask_robots(url, contact)
    follow = _Redirects(lambda target: _ask_robots(_next_hop(url, target, contact), contact))
    asked = request.Request(url, data=link.body.encode() or None, headers=_headers(contact), method=link.method)  # noqa: S310 - _checked
    try:
        with _opener(url, follow).open(asked, timeout=TIMEOUT) as answer:
            final = answer.geturl()
            response = _whole(answer, final)
    except HTTPError as error:
        error.close()
        raise _refusal(error.code, error.headers, url) from error
    except (OSError, HTTPException, ValueError) as error:
        raise FetchFailed(_unreachable(url, error)) from error
    body = sources.read_bytes(BytesIO(response.body), final)
    return Page(final, body, (response.headers.get("Content-Type") or b"").decode("latin-1") or None, now())


def _checked(url: str, contact: str | None) -> str:
    """Return an address in the form that goes on the wire; raise where it may not be asked."""
    if not is_web_address(url):
        raise FetchFailed(f"{url} is no web address: give one that starts with http:// or https://, or a file.")
    check_contact(contact, [url])
    return safe_url_string(url)


def _next_hop(start: str, target: str, contact: str | None) -> str:
    url = _checked(target, contact)
    if is_loopback(url) and not is_loopback(start):
        raise BlockedPage(f"{start} redirects to {url} on this machine, which is not followed: {_OTHER_WAYS}.")
    return url


class _Redirects(request.HTTPRedirectHandler):
    """Follows redirects to the web only, each after a look at what it leads to."""

    def __init__(self, look: Callable[[str], object]) -> None:
        self._look = look

    def redirect_request(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> request.Request | None:
        """Return the request that follows, as urllib makes it; raise where the target may not be asked."""
        fp.close()  # urllib would read its body to the end, however long
        self._look(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(url: str, redirects: request.HTTPRedirectHandler) -> request.OpenerDirector:
    """Return an opener that knows HTTP and HTTPS only; urllib's own would take file: and ftp: as well."""
    opener = request.OpenerDirector()
    proxies = request.ProxyHandler({} if is_loopback(url) else None)
    for handler in (proxies, GuardedHandler(is_loopback=is_loopback(url)), redirects):
        opener.add_handler(handler)
    opener.add_handler(request.HTTPErrorProcessor())
    opener.add_handler(request.HTTPDefaultErrorHandler())
    return opener


def _headers(contact: str | None) -> dict[str, str]:
    agent = f"{ROBOTSTXT_USER_AGENT} (+{contact})" if contact else ROBOTSTXT_USER_AGENT
    return {**DEFAULT_REQUEST_HEADERS, "User-Agent": agent}


def _ask_robots(url: str, contact: str | None) -> None:
    """Raise BlockedPage where the host's robots.txt refuses the page, FetchFailed where it cannot be asked."""
    parts = urlsplit(url)
    address = f"{parts.scheme}://{parts.netloc}/robots.txt"
    follow = _Redirects(lambda target: _next_hop(url, target, contact))
    asked = request.Request(address, headers={**_headers(contact), "Accept-Encoding": "identity"})  # noqa: S310 - _checked
    try:
        with _opener(url, follow).open(asked, timeout=TIMEOUT) as answer:
            rules = _rules(answer)
    except HTTPError as error:
        error.close()
        if 400 <= error.code < 500 and error.code != 429:
            return  # RFC 9309, 2.3.1.3: no robots.txt, no rules
        raise FetchFailed(
            f"{address} answers HTTP {error.code}, so {url} was not asked for: try again later."
        ) from error
    except (OSError, HTTPException, ValueError, BadPayload) as error:
        raise FetchFailed(_unreachable(address, error)) from error
    if not Protego.parse(rules).can_fetch(url, ROBOTSTXT_USER_AGENT):
        raise BlockedPage(f"{address} asks not to fetch {url}, and btl obeys: {_OTHER_WAYS}.")


def _rules(answer: HTTPResponse) -> str:
    """Return the text of a robots.txt; what stands beyond its first part is not looked at."""
    body, encodings = _read(answer, _ROBOTS_BYTES), ",".join(answer.headers.get_all("Content-Encoding") or ())
    try:
        rules = decoded(body, encodings, _ROBOTS_BYTES)
    except LargePayload as error:
        rules = error.head
    return rules.decode("utf-8-sig", "replace")


def _whole(answer: HTTPResponse, url: str) -> Response:
    """Return the answer with its body decoded; raise FetchFailed where it is cut, damaged or too large."""
    body = _read(answer, MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise FetchFailed(
            f"{url} is larger than {MAX_BYTES // 2**20} MiB, which no page of a thread is: check the address."
        )
    declared = answer.headers.get("Content-Length") or ""
    if declared.isdecimal() and len(body) < int(declared):
        raise FetchFailed(f"{url} ended after {len(body)} of {declared} bytes: try again.")
    headers = {name: answer.headers.get_all(name) for name in answer.headers}
    try:
        return StrictDecoder().process_response(Request(url), Response(url, headers=headers, body=body))
    except (TornBody, TooLarge) as error:
        raise FetchFailed(f"{url} cannot be taken, {error}: try again.") from error


def _read(answer: HTTPResponse, size: int) -> bytes:
    end = time.monotonic() + DEADLINE
    parts: list[bytes] = []
    while size > 0 and (part := answer.read1(min(size, _PART))):
        parts.append(part)
        size -= len(part)
        if time.monotonic() > end:
            raise TimeoutError(f"the answer was not complete after {DEADLINE:g} seconds")
    return b"".join(parts)


def _refusal(status: int, headers: Message, url: str) -> BelowTheLineError:
    """Return the error that stands for an HTTP status."""
    if status in _REFUSED:
        return BlockedPage(f"{url} was refused (HTTP {status}): {_OTHER_WAYS}.")
    if status in (429, 503):
        wait = f", Retry-After: {headers['Retry-After']}" if headers["Retry-After"] else ""
        return FetchFailed(f"{url} asks to come back later (HTTP {status}{wait}): wait, then try again.")
    if status < 400:
        return FetchFailed(f"{url} redirects in a circle or away from the web (HTTP {status}): check the address.")
    if status in (404, 410):
        return FetchFailed(f"{url} does not exist (HTTP {status}): check the address, or {_OTHER_WAYS}.")
    return FetchFailed(f"{url} answers HTTP {status}: try again later, or {_OTHER_WAYS}.")


def _unreachable(url: str, error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    return f"{url} cannot be fetched ({reason or type(error).__name__}): check address and connection, then try again."
