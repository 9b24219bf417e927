"""How servers are asked: what the options of a command make of the crawl's settings."""

import sqlite3
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from scrapy.settings import Settings

from belowtheline.archive.readings.page_limits import MAX_PAGES
from belowtheline.archive.store import runs
from belowtheline.reading.outcomes import UNKNOWN_SITE
from belowtheline.scraper import settings as defaults
from belowtheline.sites.registry import site_named
from belowtheline.sites.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How servers are asked, and why."""

    contact: str | None
    delay: float | None
    purpose: str | None = None
    legal_basis: str | None = None
    link: bool = True
    local: tuple[str, ...] = ()
    """Hosts of this machine or an inner network that may be asked, each with its port."""
    max_pages: int = MAX_PAGES
    """Pages of one thread that are asked for at most."""


def start_run(connection: sqlite3.Connection, command: str, manner: Manner) -> int:
    """Record that a command has started, in the open transaction, and return the row of its run.

    What --local permits and --max-pages limits is no part of what was asked for: the command goes on where the same one
    without them stopped.
    """
    asked = {name: value for name, value in asdict(manner).items() if name not in ("local", "max_pages")}
    return runs.start_run(connection, command, asked, manner.contact, manner.purpose, manner.legal_basis)


def settings_for(manner: Manner, todo: list[tuple[str, str]]) -> Settings:
    """Return the crawl's settings; `todo` is address and site of each page, whose sites know their delay."""
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    if manner.contact:
        settings.set("USER_AGENT", f"belowtheline/{runs.tool_version()} (+{manner.contact})", priority="cmdline")
    settings.set("HAS_CONTACT", manner.contact is not None, priority="cmdline")
    settings.set("LINKS_THREADS", manner.link, priority="cmdline")
    settings.set("HAS_LEGAL_BASIS", manner.legal_basis is not None, priority="cmdline")
    settings.set("LOCAL_HOSTS", list(manner.local), priority="cmdline")
    if manner.delay is not None:
        settings.set("DOWNLOAD_DELAY", manner.delay, priority="cmdline")
        settings.set("AUTOTHROTTLE_ENABLED", manner.delay > 0, priority="cmdline")
    else:
        delays = {urlsplit(url).hostname: {"delay": _delay(site), "concurrency": 1} for url, site in todo}
        settings.set("DOWNLOAD_SLOTS", delays, priority="cmdline")
    return settings


def _delay(site: str) -> float:
    return Site.delay if site == UNKNOWN_SITE else site_named(site).delay
