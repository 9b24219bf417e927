"""Whom a server's owner can reach: required before anything off this machine is asked."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

import click

_ADDRESS = re.compile(r"[\x21-\x7e]{3,254}")


def is_loopback(url: str) -> bool:
    """Return whether an address is on this machine.

    >>> is_loopback("http://127.0.0.1:8000/"), is_loopback("https://127.0.0.1.example/")
    (True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_contact(contact: str | None, urls: Iterable[str]) -> None:
    """Raise UsageError where the contact is no address, or is missing though a URL is off loopback."""
    if contact is not None and not (_ADDRESS.fullmatch(contact) and any(mark in contact[1:-1] for mark in "@./:")):
        raise click.UsageError(
            f"--contact {contact!r} is no mail or web address: give one where a server's owner can reach you."
        )
    if contact is None and any(not is_loopback(url) for url in urls):
        raise click.UsageError(
            "--contact ADDRESS is required off loopback: a mail or web address where the server's owner can reach you."
        )


def is_web_address(url: str) -> bool:
    """Return whether an address is one of http or https with a host, and with a port that can be asked."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
