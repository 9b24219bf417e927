"""Which inline scripts a page may run: those that stand in a template, never one that came with the data."""

import re
from base64 import b64encode
from collections.abc import Iterable
from contextvars import ContextVar
from hashlib import sha256
from typing import Any, Final
from weakref import WeakKeyDictionary

from jinja2 import Environment
from jinja2.ext import Extension

from belowtheline.exports.datasette.hooks import hookimpl

NONCE: Final[ContextVar[str]] = ContextVar("nonce", default="")
"""The nonce of the response that is being made."""
_INLINE: Final = re.compile(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_HANDLER: Final = re.compile(r'\son[a-z]+="([^"]+)"')
_FILLED_IN: Final = ("{{", "{%", "{#")
_HASHES: Final[WeakKeyDictionary[Any, tuple[str, ...]]] = WeakKeyDictionary()


class MarkedScripts(Extension):
    """Gives the nonce to inline scripts that their template fills in, such as the schema for the SQL editor.

    It sees the source of a template and not what is rendered, so that a script in a comment never gets one.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source of a template with such scripts marked."""
        return _INLINE.sub(_marked, source)


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Any) -> None:
    """Hash the fixed scripts of all templates, at start, and mark the others."""
    env.globals["script_nonce"] = NONCE.get
    env.add_extension(MarkedScripts)
    _HASHES[datasette] = script_hashes(_sources(env))


def script_hashes(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the Content-Security-Policy sources of the fixed inline scripts in templates.

    >>> script_hashes(["<script>go();</script><script>x = {{ x }}</script><script src='/a.js'></script>{{ text }}"])
    ("'sha256-bYOqbsii8BMz1hC57p5sZG4K4cMuk6QQDiwupM2aRMM='",)
    """
    sources = list(sources)
    handlers = _fixed(script for source in sources for script in _HANDLER.findall(source))
    scripts = _fixed(script for source in sources for _, script in _INLINE.findall(source))
    # Datasette 1.0 has a button with onclick="…", whose hash counts only with this word.
    allowed = ("'unsafe-hashes'",) if handlers else ()
    return (*allowed, *sorted(f"'sha256-{_hash(script)}'" for script in handlers | scripts))


def _fixed(scripts: Iterable[str]) -> set[str]:
    return {script for script in scripts if not _is_filled_in(script)}


def script_sources(datasette: Any) -> tuple[str, ...]:
    """Return what may run on the pages of a server, besides the response's nonce."""
    return _HASHES.get(datasette, ())


def _sources(env: Environment) -> Iterable[str]:
    loader = env.loader
    if loader is None:
        return ()
    return [loader.get_source(env, name)[0] for name in loader.list_templates() if name.endswith(".html")]


def _marked(script: re.Match[str]) -> str:
    if not _is_filled_in(script[2]):
        return script[0]
    return f'<script nonce="{{{{ script_nonce() }}}}"{script[1]}>{script[2]}</script>'


def _is_filled_in(script: str) -> bool:
    return any(mark in script for mark in _FILLED_IN)


def _hash(script: str) -> str:
    as_rendered = re.sub(r"\r\n?", "\n", script)  # as Jinja and browsers read it
    return b64encode(sha256(as_rendered.encode()).digest()).decode()
