"""Asking public addresses only, and taking whole bodies only: what was cut on the way is an error, not a page."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from scrapy.responsetypes import responsetypes
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver

from belowtheline.scraper.page import MAX_BYTES
from belowtheline.scraper.payloads import BadPayload, LargePayload, decoded


class TornBody(IgnoreRequest):
    """A response's body is cut, torn or in an unknown encoding; `response` holds what came."""

    def __init__(self, message: str, response: Response) -> None:
        super().__init__(message)
        self.response = response


class TooLarge(IgnoreRequest):
    """A response's body is larger, decoded, than any page of a thread may be."""


class StaysToDo(IgnoreRequest):
    """The page was not fetched because the crawl is ending; it is left as it is for the next run."""


class NotKept(StaysToDo):
    """The response could not be written to the WARC file, and so is not read."""


class AddressGuard(CachingHostnameResolver):
    """Resolves hosts at connect time to the addresses a crawl may ask, whatever a link or a redirect says.

    Without a contact that is this machine, with one it is the public net and what of this machine was named.
    """

    _is_public: bool
    _named: frozenset[str]
    _proxies: frozenset[str | None]

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Make the resolver, as Scrapy asks for it."""
        guard = super().from_crawler(crawler, reactor)
        guard._is_public = crawler.settings.getbool("HAS_CONTACT")
        guard._named = frozenset(crawler.settings.getlist("LOOPBACK_HOSTS"))
        guard._proxies = frozenset(urlsplit(address).hostname for address in getproxies().values())
        return guard

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Resolve a name, or an address given as one, and pass on what may be asked."""
        receiver: Any = resolutionReceiver
        if hostName not in self._proxies:
            receiver = _Passing(resolutionReceiver, hostName, self)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)

    def allows(self, name: str, found: str) -> bool:
        """Return whether an IP address that a name resolved to may be asked."""
        address = address_of(found)
        if address.is_loopback:
            return name in self._named or not self._is_public
        return self._is_public and is_public(address)


def address_of(found: str) -> IPv4Address | IPv6Address:
    """Return an IP address as it is asked: without its zone, and as IPv4 where it only maps one."""
    address = ip_address(found.partition("%")[0])
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


_UNICAST = IPv6Network("2000::/3")  # RFC 4291, 2.4: all that is global unicast today
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_ISATAP = frozenset({0x5EFE, 0x0200_5EFE})  # RFC 5214: what marks an interface that stands for an IPv4 address


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is of the public net, and so are those that it leads to (NAT64, 6to4, ISATAP).

    >>> is_public(IPv6Address("64:ff9b::8.8.8.8")), is_public(IPv6Address("2002:a00:1::"))  # the latter is 10.0.0.1
    (True, False)
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address not in _UNICAST or not address.is_global or address.teredo:
        return False
    inner = [address.sixtofour] if address.sixtofour else []
    if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
        inner.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return all(is_public(found) for found in inner)


class _Passing:
    def __init__(self, receiver: Any, name: str, guard: AddressGuard) -> None:
        self._receiver = receiver
        self._name = name
        self._guard = guard

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if self._guard.allows(self._name, address.host):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


class StrictDecoder:
    """Stands at 590, after the capture was written: undoes the encodings of a body to its last byte or refuses it."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response decoded; raise TornBody where it is not whole, TooLarge past the cap."""
        if "dataloss" in response.flags:
            raise TornBody("the connection ended before the page did", response)
        encodings = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        try:
            body = decoded(response.body, encodings, MAX_BYTES)
        except LargePayload as error:
            raise TooLarge(str(error)) from error
        except BadPayload as error:
            raise TornBody(str(error), response) from error
        if not encodings and body is response.body:
            return response
        headers = response.headers.copy()
        headers.pop("Content-Encoding", None)
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return response.replace(body=body, headers=headers, cls=kind)
