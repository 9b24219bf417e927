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


def urljoin(base: str, url: str) -> str:
    """Return an address as it stands on a page with another one; empty where it is none.

    >>> urljoin("https://kettles.example/t/1", "2"), urljoin("https://kettles.example/t/1", "//[")
    ('https://kettles.example/t/2', '')
    """
    try:
        return parse.urljoin(base, url)
    except ValueError:
        return ""
