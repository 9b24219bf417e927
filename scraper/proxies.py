"""The proxies that the environment names: which requests go through them, and which of them can be used."""

from collections.abc import Iterable
from urllib.request import getproxies, proxy_bypass

from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware

from belowtheline.reading.hosts import pair_of
from belowtheline.reading.urls import urlsplit

_USABLE = {"http": ("http", "https"), "https": ("http",)}
"""The schemes of a proxy for each scheme of an address: a tunnel begins without TLS."""


class Proxies(HttpProxyMiddleware):
    """Stands at 750 in place of Scrapy's: all_proxy is for both schemes, and a proxy without a scheme is one of http.

    So other clients take these variables; who sets only all_proxy must not be led past it.
    """

    def __init__(self, auth_encoding: str | None = "latin-1") -> None:
        super().__init__(auth_encoding)
        named = getproxies()
        for scheme in _USABLE:
            source = _source(scheme)
            if source in self.proxies:
                secret, url = self.proxies[source]
                self.proxies[scheme] = secret, url if "://" in named[source] else f"http:{url.partition(':')[2]}"


def proxies() -> frozenset[str]:
    """Return host and port of the proxies that requests may go through."""
    used = Proxies().proxies
    found = (pair_of(used[scheme][1]) for scheme in _USABLE if scheme in used)
    return frozenset(filter(None, found))


def unusable_proxy(urls: Iterable[str]) -> str | None:
    """Return in a sentence which proxy that an address would go through cannot be used; None where all can."""
    named, used = getproxies(), Proxies().proxies
    hosts = {(parts.scheme, parts.hostname) for parts in map(urlsplit, urls)} if named else ()
    for scheme, host in sorted((scheme, host or "") for scheme, host in hosts):
        source = _source(scheme)
        if source not in named or proxy_bypass(host):
            continue
        url = used[scheme][1] if scheme in used else ""
        if pair_of(url) is None or urlsplit(url).scheme not in _USABLE.get(scheme, ()):
            shown = named[source].rpartition("@")[2]  # without its password
            return (
                f"{source}_proxy={shown} of the environment is no proxy that {scheme} addresses can be asked"
                " through: set it to http://HOST:PORT, or unset it."
            )
    return None


def _source(scheme: str) -> str:
    return scheme if scheme in getproxies() else "all"
