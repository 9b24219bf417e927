"""Addresses as pages give them: one that is none, such as "http://[", is empty, since it must not cost the page."""

from urllib import parse
from urllib.parse import SplitResult

_NOTHING = SplitResult("", "", "", "", "")


def urlsplit(url: str) -> SplitResult:
    """Return the parts of an address; all are empty where it is none.

    >>> urlsplit("http://[/").hostname is None
    True
    """
    try:
        return parse.urlsplit(url)
    except ValueError:
        return _NOTHING


def web_address(url: str) -> str | None:
    """Return an address as it is asked for; None where it is none of the web, or holds a user's name.

    >>> web_address("https://icons.example/pint.png#x"), web_address("data:image/png;base64,AA==")
    ('https://icons.example/pint.png', None)
    """
    parts = urlsplit(url)
    try:
        is_asked = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return None
    return parse.urldefrag(url).url if is_asked else None


def urljoin(base: str, url: str) -> str:
    """Return an address as it stands on a page with another one; empty where it is none.

    >>> urljoin("https://kettles.example/t/1", "2"), urljoin("https://kettles.example/t/1", "//[")
    ('https://kettles.example/t/2', '')
    """
    try:
        return parse.urljoin(base, url)
    except ValueError:
        return ""
