"""Hosts and ports: which of this machine or an inner network a command names, in one form for each pair."""

import re
import socket
import unicodedata
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult

from w3lib.url import safe_url_string

from belowtheline.reading.urls import urlsplit

_DOTS = str.maketrans({"\u3002": "."})
"""The one full stop of RFC 3490, 3.1, that NFKC leaves as it is."""
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")


def pair_of(url: str) -> str | None:
    """Return host and port of a web address as a pair; None where it has none that can be asked.

    >>> pair_of("http://LOCALHOST/x"), pair_of("https://[0:0:0:0:0:0:0:1]/"), pair_of("http://127.0.0.1:99999/")
    ('localhost:80', '[::1]:443', None)
    """
    parts = urlsplit(url)
    return _pair(parts, _PORTS.get(parts.scheme))


def typed_pair(url: str) -> str | None:
    """Return the pair of an address that somebody typed, where it plainly names this machine; None for any other.

    >>> typed_pair("http://127.0.0.1:8000/a"), typed_pair("http://127.1:8000/a"), typed_pair("http://10.0.0.1/")
    ('127.0.0.1:8000', None, None)
    """
    return pair_of(url) if is_loopback(url) else None


def named_pair(text: str) -> str:
    """Return what an option names as HOST:PORT; raise ValueError where it is no host with a port.

    >>> named_pair("[::1]:8000"), named_pair("Dev.example:80")
    ('[::1]:8000', 'dev.example:80')
    """
    found = None
    with suppress(ValueError):  # it is said in other words than those of what reads addresses
        found = _pair(urlsplit(safe_url_string(f"http://{text}")), None)
    host = found.rpartition(":")[0] if found else ""
    is_bare = not (set(text) & set("/?#@\\") or any(character.isspace() for character in text))
    if found is None or not is_bare or not (host.startswith("[") or (_is_name(host) and "[" not in text)):
        raise ValueError(f"{text!r} is not HOST:PORT")
    return found


def _is_name(host: str) -> bool:
    return bool(_NAME.fullmatch(host)) and ".." not in host


def _pair(parts: SplitResult, default: int | None) -> str | None:
    try:
        port = parts.port if parts.port is not None else default
    except ValueError:
        return None
    return pair(parts.hostname, port) if parts.hostname and port else None


def pair(host: str, port: int) -> str:
    """Return a host and a port in the one form by which they are compared.

    >>> pair("LocalHost.", 80), pair("::1", 80)
    ('localhost:80', '[::1]:80')
    """
    name = host.lower().removesuffix(".")
    with suppress(ValueError):
        name = str(ip_address(name))
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def is_loopback(url: str) -> bool:
    """Return whether an address plainly names this machine.

    >>> is_loopback("http://127.0.0.1:8000/"), is_loopback("https://127.0.0.1.example/")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback and getattr(address, "ipv4_mapped", None) is None


def literal(host: str) -> str | None:
    """Return the IP address that a host is written as, in any form that a resolver reads; None where it is a name.

    >>> literal("0x7f.1"), literal("127.0.0.1."), literal("fe80::1%25lo"), literal("127.example"), literal("localhost.")
    ('127.0.0.1', '127.0.0.1', 'fe80::1', None, '127.0.0.1')
    """
    bare = host.partition("%")[0].removesuffix(".")
    if bare == "localhost" or bare.endswith(".localhost"):
        return "127.0.0.1"  # RFC 6761, 6.3: whatever a name server says
    with suppress(ValueError):
        return str(ip_address(bare))
    try:
        return socket.inet_ntoa(socket.inet_aton(bare)) if bare[:1].isdigit() and " " not in bare else None
    except OSError:
        return None


@lru_cache(maxsize=4096)
def host_of(url: str | None) -> str:
    """Return the host of an address as it would be asked: without port, user and last dot, in small ASCII letters.

    >>> host_of("HTTPS://reader@Forums.Kettles.EXAMPLE.:8443/t/1"), host_of("https://k\u00e4ttles.example/")
    ('forums.kettles.example', 'xn--kttles-bua.example')
    >>> host_of("file:///saved.html"), host_of(None)
    ('', '')
    """
    host = unicodedata.normalize("NFKC", urlsplit(url or "").hostname or "").translate(_DOTS).lower()
    return ".".join(_in_ascii(label) for label in host.removesuffix(".").split("."))


def _in_ascii(label: str) -> str:
    """Return a part of a host name in the letters of the DNS (RFC 3492)."""
    if label.isascii():
        return label
    return "xn--" + label.encode("punycode", "replace").decode("ascii")
