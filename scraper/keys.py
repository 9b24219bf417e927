"""Keys of sites that want one: added where a request leaves, so that no capture, log or table ever sees them."""

import os

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from belowtheline.reading.items import Link
from belowtheline.reading.outcomes import UNKNOWN_SITE
from belowtheline.sites.registry import site_named
from belowtheline.sites.site import Site


class SigningHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https, which sends a request with its site's key and never shows it."""

    async def download_request(self, request: Request) -> Response:
        """Send the request as its site signs it; the response bears the address that was asked for."""
        name = request.meta.get("site")
        if name in (None, UNKNOWN_SITE) or request.meta.get("dont_obey_robotstxt"):
            return await super().download_request(request)
        site = site_named(name)
        link = Link(url=request.url, method=request.method, body=request.body.decode())
        url, headers = site.signed(link, _keys(site))
        signed = request.replace(url=url, headers={**request.headers, **headers})
        response = await super().download_request(signed)
        return response.replace(url=request.url) if url != request.url else response


def _keys(site: Site) -> dict[str, str]:
    return {name: value for name in site.keys if (value := os.environ.get(name))}


def missing_keys(site: Site) -> list[str]:
    """Return the environment variables that would hold a site's keys, and are not set."""
    return [name for name in site.keys if name not in _keys(site)]
