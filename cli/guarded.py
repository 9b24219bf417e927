"""Connections of a single fetch, to addresses of the public net or, where the user names one, of this machine."""

import socket
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any
from urllib import request
from urllib.parse import urlsplit

from belowtheline.scraper.safety import address_of, is_public


class GuardedHandler(request.HTTPHandler, request.HTTPSHandler):
    """Opens HTTP and HTTPS, and refuses at connect time what a name or a redirect leads to elsewhere."""

    def __init__(self, *, is_loopback: bool) -> None:
        super().__init__()
        self._is_loopback = is_loopback
        self._proxies = {urlsplit(address).hostname for address in request.getproxies().values()}

    def http_open(self, req: request.Request) -> HTTPResponse:
        """Open an address over HTTP."""
        return self.do_open(self._http, req)

    def https_open(self, req: request.Request) -> HTTPResponse:
        """Open an address over HTTPS, its certificate verified."""
        return self.do_open(self._https, req)

    def _http(self, host: str, **how: Any) -> HTTPConnection:
        return self._guarded(HTTPConnection(host, **how))

    def _https(self, host: str, **how: Any) -> HTTPConnection:
        return self._guarded(HTTPSConnection(host, **how))

    def _guarded(self, connection: HTTPConnection) -> HTTPConnection:
        connection._create_connection = self._connect  # type: ignore[attr-defined]
        return connection

    def _connect(self, address: tuple[str, int], *how: Any) -> socket.socket:
        host, port = address
        if host in self._proxies:
            return socket.create_connection(address, *how)
        refused = OSError(f"{host} is no address of the public net")
        for *_, found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            if self._may_ask(str(found[0])):
                return socket.create_connection((str(found[0]), port), *how)
        raise refused

    def _may_ask(self, found: str) -> bool:
        address = address_of(found)
        return self._is_loopback if address.is_loopback else is_public(address)
