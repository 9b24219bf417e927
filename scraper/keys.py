"""Keys of sites that want one: added where a request leaves, so that no capture, log or table ever sees them."""

import os

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from belowtheline.scraper.items import Link
from belowtheline.scraper.registry import site_named


class SigningHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https, which sends a request with its site's key and never shows it."""

    async def download_request(self, request: Request) -> Response:
        """Send the request as its site signs it; the response bears the address that was asked for."""
        name = request.meta.get("site")
        if name is None or request.meta.get("dont_obey_robotstxt"):
            return await super().download_request(request)
        site = site_named(name)
        link = Link(url=request.url, method=request.method, body=request.body.decode())
        url, headers = site.signed(link, {key: os.environ[key] for key in site.keys if os.environ.get(key)})
        signed = request.replace(url=url, headers={**request.headers, **headers})
        response = await super().download_request(signed)
        return response.replace(url=request.url) if url != request.url else response
