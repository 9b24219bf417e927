"""Where a request may go, decided before it is sent or handed to a proxy: public hosts, and what the command names."""

import asyncio
import re
from typing import Any, Self
from urllib.parse import SplitResult

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from belowtheline.reading.hosts import literal, pair
from belowtheline.reading.urls import urlsplit
from belowtheline.scraper.safety import AddressGuard, address_of, is_public

_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_TOP_LABEL = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Of RFC 6761, 6762, 7686, 8375 and ICANN's reservation of .internal, and what routers and firms take for their own.
_INNER = frozenset(
    "localhost local localdomain internal intranet lan home corp private arpa onion".split()  # noqa: SIM905 - a list of words
)
_LONGEST_NAME = 253
_DNS_TIMEOUT = 60.0


class NotPublic(IgnoreRequest):
    """The page is on this machine or in an inner network, at a host and port that the command does not name."""


class NoContact(IgnoreRequest):
    """The page is elsewhere, and without a contact nothing is asked but what the command names."""


class TargetRules:
    """Stands at 50, before anything is asked of a host: refuses what leads to this machine or into an inner network.

    The resolver of `safety` looks once more, at connect time. It does not see where a proxy connects to; this does, as
    far as a name is known here.
    """

    def __init__(self, crawler: Crawler) -> None:
        from twisted.internet import reactor

        self._guard = AddressGuard.from_crawler(crawler, reactor)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware, as Scrapy asks for it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass, or raise what forbids it."""
        parts = urlsplit(request.url)
        if "@" in parts.netloc:
            raise IgnoreRequest("its address has a user name, and btl does not support logins")
        host, port = parts.hostname, _port(parts)
        if not host or not port:
            raise IgnoreRequest("its address is not one of http or https with a host and a port from 1 to 65535")
        is_named = self._guard.names(host, port)
        _choose_proxy(request.meta, is_local=is_named)
        await self._check(host, port, is_named=is_named)

    async def _check(self, host: str, port: int, *, is_named: bool) -> None:
        number = literal(host)
        is_inner = is_named or (number is not None and not is_public(address_of(number)))
        if not self._guard.asks_public and not is_inner:
            raise NoContact(_without_contact(host, port))
        found = [number] if number else await self._addresses(host)
        allowed = [self._guard.allows(host, port, address) for address in found]
        if self._guard.has_proxy and not is_named:
            is_passed = all(allowed) if found else _is_public_name(host)
        else:
            is_passed = any(allowed) or not found  # what is not found fails as such, where it is connected to
        if not is_passed:
            raise NoContact(_without_contact(host, port)) if is_named else NotPublic(_refusal(host, port, found))

    async def _addresses(self, host: str) -> list[str]:
        if len(host) > _LONGEST_NAME or any(not 0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
            return []  # the resolver would raise where nobody catches it
        try:
            return await asyncio.wait_for(self._guard.addresses_of(host), _DNS_TIMEOUT)
        except TimeoutError:
            return []


def _port(parts: SplitResult) -> int | None:
    try:
        return _PORTS.get(parts.scheme) if parts.port is None else parts.port
    except ValueError:
        return None


def _choose_proxy(meta: dict[str, Any], *, is_local: bool) -> None:
    """Ask a named host without a proxy, whose localhost is another; a redirect copies the choice for another."""
    meta.pop("proxy", None)
    if is_local:
        meta["proxy"] = None


def _is_public_name(host: str) -> bool:
    """Return whether a name that only a proxy can resolve has the form of a public one.

    >>> [_is_public_name(name) for name in ("news.example", "intranet", "wiki.corp", "127%2e1.example", "10.0.0.1.")]
    [True, False, False, False, False]
    """
    *labels, top = host.lower().removesuffix(".").split(".")
    is_name = bool(labels and _TOP_LABEL.fullmatch(top)) and all(map(_LABEL.fullmatch, labels))
    return is_name and top not in _INNER


def _without_contact(host: str, port: int) -> str:
    return (
        f"{pair(host, port)} is not asked without a contact: give --contact ADDRESS or, where it is on this machine or"
        f" in an inner network, --local {pair(host, port)}"
    )


def _refusal(host: str, port: int, found: list[str]) -> str:
    is_here = any(address_of(address).is_loopback for address in found)
    where = "on this machine" if is_here else "not on the public internet"
    return f"{pair(host, port)} is {where} and is asked only if the command names it: --local {pair(host, port)}"
