"""Whom a server's owner can reach: required before anything off this machine is asked."""

import re
from collections.abc import Container, Iterable
from urllib.parse import urlsplit

from belowtheline.reading.errors import WrongUsage
from belowtheline.reading.hosts import is_loopback, pair_of
from belowtheline.scraper.proxies import unusable_proxy

_ADDRESS = re.compile(r"[\x21-\x7e]{3,254}")
NEEDED = "--contact ADDRESS is required off loopback: a mail or web address where the server's owner can reach you."
"""What is said where anything else than named hosts would be asked without a contact."""


def check_contact(contact: str | None, urls: Iterable[str], local: Container[str] = ()) -> None:
    """Raise WrongUsage where the contact is no address, or is missing though a URL is neither named nor on loopback.

    What is on loopback and not named in `local` is refused page by page, when it is to be asked.
    """
    if contact is not None and not (_ADDRESS.fullmatch(contact) and any(mark in contact[1:-1] for mark in "@./:")):
        raise WrongUsage(
            f"--contact {contact!r} is no mail or web address: give one where a server's owner can reach you."
        )
    elsewhere = [url for url in urls if not is_loopback(url) and pair_of(url) not in local]
    if contact is None and elsewhere:
        raise WrongUsage(NEEDED)
    if elsewhere and (found := unusable_proxy(elsewhere)):
        raise WrongUsage(found)


def is_web_address(url: str) -> bool:
    """Return whether an address is one of http or https with a host, and with a port that can be asked."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
