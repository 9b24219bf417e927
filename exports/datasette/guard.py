"""Who may ask the server, and what its answers may run and load in a browser."""

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from belowtheline.exports.datasette.hooks import hookimpl
from belowtheline.exports.datasette.scripts import NONCE, script_sources

Message: TypeAlias = dict[str, Any]
Scope: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
_HTTP_PORT: Final = 80
MISDIRECTED: Final = 421
"""The status for a request that names another host (RFC 9110, section 15.5.20)."""
_FORBIDDEN: Final = 403
_NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_FIXED: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Not "no-referrer": browsers would then send "Origin: null" with the server's own forms.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_OURS: Final = (b"content-security-policy", *(name for name, _ in _FIXED))


class Refusal(NamedTuple):
    """An answer to a request that is not for this server or not from its own pages."""

    status: int
    sentence: str


@hookimpl(trylast=True)  # the last one is the outermost
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    """Put the guard before everything that Datasette and its other plugins answer."""
    return lambda app: guarded(app, lambda: script_sources(datasette))


def guarded(app: App, scripts: Callable[[], tuple[str, ...]]) -> App:
    """Return the application behind the guard; `scripts` are the CSP sources of its inline scripts."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await _answer(app, scope, receive, send, scripts())
        # There are no WebSockets: the server refuses what nobody answers.

    return guard


def refusal(scope: Scope) -> Refusal | None:
    """Return why a request is refused: it names another host, or a page of another origin sent it."""
    port = scope["server"][1]
    hosts = _values(scope, b"host")
    # A path without "/" is a whole URL, whose host would count instead of the header (RFC 9112, section 3.2.2).
    if len(hosts) != 1 or hosts[0].lower() not in _own_hosts(port) or not scope["path"].startswith("/"):
        where = " or ".join(f"http://{host}/" for host in _own_hosts(port)[:2])
        return Refusal(MISDIRECTED, f"This server answers only at {where}: open that address.")
    if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in _values(scope, b"origin")):
        return Refusal(_FORBIDDEN, "This server does not answer pages of other origins: open its address in a browser.")
    if not {*_values(scope, b"sec-fetch-site")} <= {"same-origin", "none"} and not _is_link(scope):
        return Refusal(_FORBIDDEN, "Other pages may link to this server, but not load from it: open its address.")
    return None


def _own_hosts(port: int | None) -> tuple[str, ...]:
    if port is None:  # Datasette asks itself
        return _NAMES
    return tuple(f"{name}:{port}" for name in _NAMES) + (_NAMES if port == _HTTP_PORT else ())


def _is_link(scope: Scope) -> bool:
    """Return whether a browser opens the address as a page of its own, as it does with a link in somebody's notes."""
    is_page = _values(scope, b"sec-fetch-mode") == ["navigate"] and _values(scope, b"sec-fetch-dest") == ["document"]
    return is_page and scope["method"] in ("GET", "HEAD")


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


async def _answer(app: App, scope: Scope, receive: Receive, send: Send, scripts: tuple[str, ...]) -> None:
    nonce = secrets.token_urlsafe(16)

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": list(_headers(message.get("headers", ()), scripts, nonce))}
        await send(message)

    if refused := refusal(scope):
        await _refuse(refused, send_with_headers)
        return
    NONCE.set(nonce)
    await app(scope, receive, send_with_headers)


async def _refuse(refused: Refusal, send: Send) -> None:
    body = f"{refused.sentence}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers(headers: Any, scripts: tuple[str, ...], nonce: str) -> Iterator[Header]:
    """Yield the headers of an answer with ours in the place of Datasette's; none shares it with other origins."""
    kind = b""
    for name, value in headers:
        key = name.lower()
        if key == b"content-type":
            kind = value.lower().partition(b";")[0].strip()
        if key not in _OURS and not key.startswith(b"access-control-"):
            yield name, value
    yield b"content-security-policy", _policy(kind, scripts, nonce).encode()
    yield from _FIXED


def _policy(kind: bytes, scripts: tuple[str, ...], nonce: str) -> str:
    """Return the Content-Security-Policy of an answer: pages run Datasette's scripts, anything else runs nothing."""
    if kind == b"application/json":
        return _NOTHING  # without "sandbox", so that browsers may show it as a tree
    if kind != b"text/html":
        return f"{_NOTHING}; sandbox"
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *scripts, f"'nonce-{nonce}'")),
            "style-src 'self' 'unsafe-inline'",  # Datasette's pages have style attributes
            "img-src 'self' data:",  # no image of the web: its server would learn who reads
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        )
    )
