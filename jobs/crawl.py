"""One crawl: threads at their addresses into an archive, going on where a stopped crawl left off."""

import os
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from belowtheline.archive.readings import article_pages, icon_pages, lifecycle, page_limits, retrying, starts, updating
from belowtheline.archive.readings.page_limits import MAX_PAGES
from belowtheline.archive.record.people import site_id
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.child_process import in_child
from belowtheline.jobs.clock_check import check_clock
from belowtheline.jobs.contact import check_contact, is_web_address
from belowtheline.jobs.crawl_report import CrawlReport
from belowtheline.jobs.progress import Notices, Progress, Step, silent
from belowtheline.jobs.request_rules import RequestRules, start_run, with_typed
from belowtheline.jobs.scrapy_run import carry_out, check_process, unfinished
from belowtheline.reading.errors import UnknownSite, WrongUsage
from belowtheline.sites.articles import Start, start_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions(RequestRules):
    """What a crawl is asked to do."""

    urls: tuple[str, ...] = ()
    """Addresses of threads; without one, what is unfinished goes on."""
    site: str | None = None
    """The site that reads pages of any host."""
    with_article: bool = False
    """Whether the page of each thread's article is asked for too."""
    with_icons: bool = False
    """Whether the image of each comment icon is asked for too."""


def crawl(
    archive: str | os.PathLike[str],
    urls: str | Iterable[str] | None = None,
    *,
    site: str | None = None,
    contact: str | None = None,
    delay: float | None = None,
    with_article: bool = False,
    with_icons: bool = False,
    link: bool = True,
    purpose: str | None = None,
    legal_basis: str | None = None,
    local: Iterable[str] = (),
    max_pages: int = MAX_PAGES,
    progress: Progress = silent,
) -> CrawlReport:
    """Crawl the threads at the URLs into an archive, in a process of its own, and return what came of it.

    Without a URL it goes on with what is unfinished. It may be called again, and where an event loop runs. Ctrl-C
    lets it end in order and then raises KeyboardInterrupt: what was committed is kept, and the same call goes on.
    """
    options = CrawlOptions(
        urls=_given(urls),
        site=site,
        contact=contact,
        delay=delay,
        with_article=with_article,
        with_icons=with_icons,
        link=link,
        purpose=purpose,
        legal_basis=legal_basis,
        local=tuple(local),
        max_pages=max_pages,
    )
    return in_child(crawl_here, archive, options, progress)


def _given(urls: str | Iterable[str] | None) -> tuple[str, ...]:
    if urls is None:
        return ()
    given = [urls] if isinstance(urls, str) else urls
    found = tuple(dict.fromkeys(url for line in given if (url := line.strip())))
    if not found:
        raise WrongUsage("No URL is given: give one, or None to go on with what is unfinished.")
    return found


def crawl_here(archive_path: Path, options: CrawlOptions, progress: Progress = silent) -> CrawlReport:
    """Crawl in this process, which can be done once in it and only where no event loop runs, and return the report."""
    notices = Notices(progress)
    check_process()
    for url in options.urls:
        _check_address(url)
    options = replace(options, local=with_typed(options.local, options.urls))
    starts = [start_of(url, options.site) for url in options.urls]
    check_contact(options.contact, [start.link.url for start in starts], options.local)
    if not starts:
        Archive.open_to_read(archive_path).close()  # nothing to resume where there is no archive
    with Archive.create_or_open(archive_path) as archive:
        check_clock(archive, notices)
        with archive.transaction() as connection:
            run_id = start_run(connection, "crawl", options)
            _open(connection, run_id, options, starts)
            todo = unfinished(connection, run_id, options)
        if not todo and not starts:
            nothing = "Nothing is unfinished: give the URL of a thread."
            notices(Step(label="crawl", sentence=nothing, is_problem=False))
        return carry_out(archive, run_id, options, todo, notices)


def _open(connection: sqlite3.Connection, run_id: int, options: CrawlOptions, starts: list[Start]) -> None:
    """Give a run what it has to do: the threads that it is given, else what is unfinished."""
    opened = [_opened(connection, start) for start in starts]
    if opened:
        lifecycle.open_readings(connection, run_id, opened, _known(connection, run_id, options))
    else:
        lifecycle.resume_all(connection, run_id)
        reasons = (page_limits.PAGE_LIMIT,)
        retrying.take_up(connection, run_id, reasons=reasons, max_pages=options.max_pages)
    if options.with_article:
        article_pages.want(connection, run_id)
    if options.with_icons:
        icon_pages.want(connection, run_id)
    page_limits.lift(connection, run_id, options.max_pages)


def _opened(connection: sqlite3.Connection, start: Start) -> starts.Start:
    site = site_id(connection, start.site)
    return starts.Start(site, start.native_id, start.link, start.instance, start.is_site_named)


def _known(connection: sqlite3.Connection, run_id: int, options: CrawlOptions) -> Callable[[starts.Start], int | None]:
    """Return what opens the reading of a known thread; where its article is wanted, every page must be read."""
    if options.with_article:
        return lambda start: None
    return lambda start: updating.ask_all_again(connection, run_id, start)


def _check_address(url: str) -> None:
    if not is_web_address(url):
        meant = "`btl ingest` reads files" if os.path.exists(url) else "give one that starts with http:// or https://"
        raise UnknownSite(f"{url} is no web address: {meant}.")
    if "@" in urlsplit(url).netloc:
        raise UnknownSite(f"{url} holds a user name, and btl logs in nowhere: give the address without it.")
