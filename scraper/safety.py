"""Asking public addresses only, and taking whole bodies only: what was cut on the way is an error, not a page."""

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from scrapy.responsetypes import responsetypes
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver

from belowtheline.reading.hosts import pair
from belowtheline.reading.page import MAX_BYTES
from belowtheline.reading.payloads import BadPayload, LargePayload, decoded
from belowtheline.scraper.proxies import proxies


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

    These are the public net, and only with a contact; and the hosts and ports that the command names.
    """

    _has_contact: bool
    _local: frozenset[str]
    _proxies: frozenset[str]

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Make the resolver, as Scrapy asks for it."""
        guard = super().from_crawler(crawler, reactor)
        if isinstance(guard.original_resolver, AddressGuard):
            guard.original_resolver = guard.original_resolver.original_resolver  # a guard of another crawl
        guard._has_contact = crawler.settings.getbool("HAS_CONTACT")
        guard._local = frozenset(crawler.settings.getlist("LOCAL_HOSTS"))
        guard._proxies = proxies()
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
        if not self._is_proxy(hostName, portNumber):
            receiver = _Passing(resolutionReceiver, hostName, portNumber, self)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)

    def _is_proxy(self, name: str, port: int) -> bool:
        # Port 0 is that of a resolution for a tunnel, which opens connections to proxies only.
        return any(pair(name, port or urlsplit(f"//{found}").port or 0) == found for found in self._proxies)

    async def addresses_of(self, name: str) -> list[str]:
        """Return all IP addresses of a name, whether they may be asked or not; none where it is not found."""
        receiver: Any = _Collecting()
        super().resolveHostName(receiver, name)
        found: list[str] = await receiver.found
        return found

    @property
    def asks_public(self) -> bool:
        """Whether anything may be asked but what the command names."""
        return self._has_contact

    @property
    def has_proxy(self) -> bool:
        """Whether requests may go through a proxy, which resolves names itself."""
        return bool(self._proxies)

    def names(self, name: str, port: int) -> bool:
        """Return whether the command names a host and its port."""
        return pair(name, port) in self._local

    def allows(self, name: str, port: int, found: str) -> bool:
        """Return whether an IP address that a name resolved to may be asked at a port."""
        return self._has_contact if is_public(address_of(found)) else self.names(name, port)


def address_of(found: str) -> IPv4Address | IPv6Address:
    """Return an IP address as it is asked: without its zone, and as IPv4 where it only maps one."""
    address = ip_address(found.partition("%")[0])
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


_UNICAST = IPv6Network("2000::/3")  # RFC 4291, 2.4: all that is global unicast today
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637, which not every Python knows
_NEAREST_RELAY = IPv4Network("192.88.99.0/24")  # RFC 7526: no host, but whichever relay of 6to4 is near
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_ISATAP = frozenset({0x5EFE, 0x0200_5EFE})  # RFC 5214: what marks an interface that stands for an IPv4 address


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is of the public net, and so are those that it leads to (NAT64, 6to4, ISATAP).

    >>> is_public(IPv6Address("64:ff9b::8.8.8.8")), is_public(IPv6Address("2002:a00:1::"))  # the latter is 10.0.0.1
    (True, False)
    """
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and address not in _NEAREST_RELAY
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address not in _UNICAST or address in _DOCUMENTATION or not address.is_global or address.teredo:
        return False
    inner = [address.sixtofour] if address.sixtofour else []
    if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
        inner.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return all(is_public(found) for found in inner)


class _Passing:
    def __init__(self, receiver: Any, name: str, port: int, guard: AddressGuard) -> None:
        self._receiver = receiver
        self._name = name
        self._port = port
        self._guard = guard

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if self._guard.allows(self._name, self._port, address.host):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


class _Collecting:
    def __init__(self) -> None:
        self.found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._addresses: list[str] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        pass

    def addressResolved(self, address: Any) -> None:
        self._addresses.append(address.host)

    def resolutionComplete(self) -> None:
        if not self.found.done():
            self.found.set_result(self._addresses)


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
