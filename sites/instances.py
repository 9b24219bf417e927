"""Whose a thread is: its instance, told by the host that served a page and never by what the page says of itself.

A page at another host may look like a thread of a site to the last letter: its path, its canonical link and its markup
are the page's own word. So the instance is '' on the hosts that the site names as its own, and else the host itself.
"""

import re

from belowtheline.reading.hosts import host_of, is_loopback
from belowtheline.reading.items import Link
from belowtheline.reading.page import Page
from belowtheline.sites.site import Site

_PLAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,126}")
"""A host name as it is asked for; what is not of this form is never taken for a site's own."""


def is_own(site: Site, host: str) -> bool:
    """Return whether a host is one that the site names as its own, or one below these whose addresses it claims."""
    if not _PLAIN.fullmatch(host):
        return False
    return host in site.hosts or (_is_at(host, site.hosts) and site.claims(f"https://{host}/"))


def _is_at(host: str, hosts: tuple[str, ...]) -> bool:
    return _PLAIN.fullmatch(host) is not None and any(host == one or host.endswith(f".{one}") for one in hosts)


def instance_of(site: Site, page: Page, said: str) -> str:
    """Return the instance of a thread on a page, of which the page itself says that it is `said`.

    What a page says counts where nobody knows its address, and on the hosts of a platform that serve many publishers.
    """
    url = page.url or ""
    return said if _is_told_by_page(site, url) else _instance(site, url, said, page.named_site)


def instance_at(site: Site, url: str, named_site: str | None = None) -> str | None:
    """Return the instance of a thread at an address; None where only its page tells it."""
    return None if _is_told_by_page(site, url) else _instance(site, url, "", named_site)


def _is_told_by_page(site: Site, url: str) -> bool:
    host = host_of(url)
    return not host or _is_at(host, site.shared_hosts)


def _instance(site: Site, url: str, said: str, named_site: str | None) -> str:
    if is_own(site, host := host_of(url)):
        return ""
    if named_site == site.name and site.hosts and is_loopback(url):
        return said if site.shared_hosts else ""
    return host


def is_foreign(site: Site, instance: str) -> bool:
    """Return whether threads of an instance are none of a site whose threads all stand on its own hosts."""
    return bool(instance and site.hosts and not site.shared_hosts)


def leads_elsewhere(site: Site, page: Page, link: Link) -> bool:
    """Return whether a link to a further page of a thread leads to a host that does not speak for the thread."""
    here, there = host_of(page.url), host_of(link.url)
    return bool(here) and here != there and not (is_own(site, here) and is_own(site, there))
