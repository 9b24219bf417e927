"""One crawl: check what is asked, start Scrapy over the frontier, and say how it ended."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import click
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.signals import item_scraped

from belowtheline.archive.readings import (
    article_pages,
    icon_pages,
    lifecycle,
    page_limits,
    retrying,
    starts,
    updating,
)
from belowtheline.archive.readings.unchanged import NOT_ASKED
from belowtheline.archive.readings.verdicts import verdicts
from belowtheline.archive.record.people import site_id
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store import interrupts, runs
from belowtheline.archive.store.database import Archive
from belowtheline.cli.console.local import with_typed
from belowtheline.cli.console.progress import Progress
from belowtheline.cli.console.summary import print_summary
from belowtheline.cli.console.text import one_line
from belowtheline.jobs import endings
from belowtheline.jobs.clock_check import check_clock, server_clock
from belowtheline.jobs.contact import check_contact, is_web_address
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.leftovers import take_up_leftovers
from belowtheline.jobs.link import link_what_waits
from belowtheline.jobs.progress import silent
from belowtheline.jobs.request_rules import Manner, settings_for, start_run
from belowtheline.reading.errors import COSTLY, READER, UnknownSite
from belowtheline.reading.outcomes import UNKNOWN_SITE
from belowtheline.scraper.apart import end_all
from belowtheline.scraper.frontier import Frontier, recorders
from belowtheline.scraper.keys import missing_keys
from belowtheline.scraper.spiders.threads import ThreadsSpider
from belowtheline.sites.articles import Start, start_of
from belowtheline.sites.registry import site_named

_LISTED = 20
_LAST_ANSWERS = 0.7  # seconds in which answers that are under way may still come after Ctrl-C
_LEFT_OUT = (*runs.REFUSED, *page_limits.ENDLESS)
_OTHER_WAYS = "take one of the other ways in: saved pages, WARC captures or copied text, with `btl ingest`"


_FINAL = {
    "http 404": "check the address, or ingest a saved page",
    "http 410": "its server says that it is gone for good: ingest a saved page or a capture, if there is one",
    "too large": "check the address, or ingest a saved part of it",
    "refused": "check the address",
    "other host": "crawl that address itself, if it is to be held as a thread of its own",
    "not public": "where that is meant, `btl retry` with this option asks for it",
    "no contact": "`btl retry` with this option asks for it",
}
"""What can be done about a page that would not be read the next time either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Manner):
    """What a crawl is asked to do."""

    urls: tuple[str, ...]
    site: str | None
    with_article: bool = False
    with_icons: bool = False


def crawl(path: Path, order: Order) -> int:
    """Crawl into the archive at `path`, print the summary and return the exit code."""
    for url in order.urls:
        _check_address(url)
    order = replace(order, local=with_typed(order.local, order.urls))
    starts = [start_of(url, order.site) for url in order.urls]
    check_contact(order.contact, [start.link.url for start in starts], order.local)
    if not starts:
        Archive.open_to_read(path).close()  # nothing to resume where there is no archive
    with Archive.create_or_open(path) as archive:
        check_clock(archive, silent)
        with archive.transaction() as connection:
            run_id = start_run(connection, "crawl", order)
            opened = [_opened(connection, start) for start in starts]
            if opened:
                lifecycle.open_readings(connection, run_id, opened, _known(connection, run_id, order))
            else:
                lifecycle.resume_all(connection, run_id)
                reasons = (page_limits.PAGE_LIMIT,)
                retrying.take_up(connection, run_id, reasons=reasons, max_pages=order.max_pages)
            if order.with_article:
                article_pages.want(connection, run_id)
            if order.with_icons:
                icon_pages.want(connection, run_id)
            page_limits.lift(connection, run_id, order.max_pages)
            todo = unfinished(connection, run_id, order)
        if not todo and not starts:
            click.echo("Nothing is unfinished: give the URL of a thread.", err=True)
        return carry_out(archive, run_id, order, todo)


def _opened(connection: sqlite3.Connection, start: Start) -> starts.Start:
    site = site_id(connection, start.site)
    return starts.Start(site, start.native_id, start.link, start.instance, start.is_site_named)


def _known(connection: sqlite3.Connection, run_id: int, order: Order) -> Callable[[starts.Start], int | None]:
    """Return what opens the reading of a known thread; where its article is wanted, every page must be read."""
    if order.with_article:
        return lambda start: None
    return lambda start: updating.ask_all_again(connection, run_id, start)


def unfinished(connection: sqlite3.Connection, run_id: int, manner: Manner) -> list[tuple[str, str]]:
    """Return address and site of what a run has to do; raise UsageError where its owners need a contact."""
    sql = f"""
        SELECT p.url, s.name FROM pages p JOIN readings r ON r.id = p.reading_id JOIN sites s ON s.id = r.site_id
        WHERE r.run_id = ? AND (r.closed_at IS NULL OR p.kind IN {lifecycle.BESIDE})
            AND (p.state IN ('todo', 'deferred') OR p.reason = ?)"""  # noqa: S608 - a constant
    todo = connection.execute(sql, (run_id, NOT_ASKED)).fetchall()
    check_contact(manner.contact, [url for url, _ in todo], manner.local)
    return todo


def carry_out(archive: Archive, run_id: int, manner: Manner, todo: list[tuple[str, str]]) -> int:
    """Ask for what a run has to do, print the summary and return the exit code."""
    _name_missing_keys({site for _, site in todo})
    recorder = Recorder(archive, run_id, limits=page_limits.PageLimits(manner.max_pages))
    take_up_leftovers(archive, run_id, silent)
    ended = _run_scrapy(recorder, settings_for(manner, todo)) if todo else "finished"
    return _finish(recorder, ended, manner.link)


def _name_missing_keys(sites: set[str]) -> None:
    for name in sorted(sites - {UNKNOWN_SITE}):
        if missing := missing_keys(site_named(name)):
            said = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"
            click.echo(f"{name} is asked without a key ({said}): `btl sites` tells what needs one.", err=True)


def _check_address(url: str) -> None:
    if not is_web_address(url):
        meant = "`btl ingest` reads files" if os.path.exists(url) else "give one that starts with http:// or https://"
        raise UnknownSite(f"{url} is no web address: {meant}.")
    if "@" in urlsplit(url).netloc:
        raise UnknownSite(f"{url} holds a user name, and btl logs in nowhere: give the address without it.")


class _Process(AsyncCrawlerProcess):
    was_stopped = False

    def stop_in_order(self) -> None:
        """Stop as after Ctrl-C from a signal's handler; a server that is slow to answer is not waited for long."""
        from twisted.internet import reactor

        self.was_stopped = True
        reactor.callFromThread(self._graceful_stop_reactor)
        reactor.callFromThread(reactor.callLater, _LAST_ANSWERS, self._stop_reactor)

    async def stop(self) -> None:
        """Stop as after Ctrl-C, without waiting for the delay of any host."""
        for crawler in self.crawlers:
            self.was_stopped |= crawler.crawling
            end_all()
            if crawler.spider and isinstance(crawler.engine.scheduler, Frontier):
                crawler.engine.scheduler.stop()
        await super().stop()


def _run_scrapy(recorder: Recorder, settings: Settings) -> str:
    """Run the spider until the frontier is empty and return how it ended: finished, shutdown, or another reason."""
    process = _Process(settings)
    crawler = process.create_crawler(ThreadsSpider)
    recorders[crawler] = recorder
    with click.progressbar(length=1, label="crawl", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def show(ended: int, discovered: int) -> None:
            bar.length = discovered
            bar.update(ended - bar.pos)

        progress = Progress(lambda: runs.account(recorder.archive, recorder.run_id), show)
        if sys.stderr.isatty():
            crawler.signals.connect(progress.advance, signal=item_scraped, weak=False)
        process.crawl(crawler)
        with interrupts.stopped_by_signals(process.stop_in_order):
            process.start(install_signal_handlers=False)
        if sys.stderr.isatty() and not recorder.storage_error:
            progress.show()
    if process.was_stopped:
        return "shutdown"
    if process.bootstrap_failed:
        return "bootstrap"
    # After a second Ctrl-C Scrapy stops without closing the spider, and so without a reason.
    return (crawler.stats.get_value("finish_reason") if crawler.stats else None) or "shutdown"


def _finish(recorder: Recorder, ended: str, links: bool) -> int:
    """Close the run: its account, verdicts and problems are printed and stored."""
    archive, run_id = recorder.archive, recorder.run_id
    if recorder.storage_error:
        click.echo(f"btl: {recorder.storage_error}", err=True)
        return Ending.STORAGE
    recorder.finish()
    linked = Ending.COMPLETE
    if links and ended != "shutdown":  # after Ctrl-C nobody waits: what is not linked is linked by the next run
        try:
            linked = Ending.DRIFT if link_what_waits(archive, recorder.unlinked)["failed"] else Ending.COMPLETE
        except KeyboardInterrupt:
            ended = "shutdown"
    ends = runs.page_ends(archive, run_id)
    of_articles, of_icons = (runs.page_ends(archive, run_id, kind) for kind in (lifecycle.ARTICLE_TEXT, lifecycle.ICON))
    found = verdicts(archive, run_id)
    pages = [end[:2] for end in (*ends, *of_articles, *of_icons)]
    code = endings.worst([linked, endings.ending_of_pages(pages, found)])
    if ended != "finished":
        code = endings.worst([code, Ending.INTERRUPTED if ended == "shutdown" else Ending.INTERNAL])
    verdict = "interrupted" if ended == "shutdown" else "complete" if code == 0 else "incomplete"
    account = runs.finish_run(archive, run_id, verdict, code)
    archive.checkpoint()
    left = runs.left_to_do(archive, run_id) if ended == "finished" else []
    print_summary(account, found, [*(_problem(*end) for end in _bad(ends)), *(_left(*host) for host in left)])
    if said := server_clock(archive, run_id):
        click.echo(f"! {said}", err=True)
    _name_missing_articles(archive, run_id, of_articles)
    _name_missing_icons(archive, run_id, of_icons)
    if ended == "shutdown":
        click.echo("Interrupted: what was committed is kept, and the same command goes on.", err=True)
    return code


def _bad(ends: Iterable[runs.PageEnd]) -> Iterator[runs.PageEnd]:
    return (end for end in ends if end[0] in ("failed", "deferred") or end[1] in _LEFT_OUT)


def _name_missing_articles(archive: Archive, run_id: int, ends: Sequence[runs.PageEnd]) -> None:
    """Say which articles were wanted and are not held, apart from the threads, which are none the less for it."""
    said = [_article_problem(*end) for end in _bad(ends)]
    if alone := article_pages.without_text(archive, run_id):
        said.append(f"no article's page or text was found for {len(alone)} threads, the first of them {alone[0]}")
    for sentence in said[:_LISTED]:
        click.echo(f"! {one_line(sentence)}", err=True)
    if len(said) > _LISTED:
        click.echo(f"! ... and {len(said) - _LISTED} more articles: `btl status` lists their pages.", err=True)


def _name_missing_icons(archive: Archive, run_id: int, ends: Sequence[runs.PageEnd]) -> None:
    """Say which images of icons were wanted and are not held, apart from the threads as well."""
    said = [_icon_problem(*end) for end in _bad(ends)]
    if alone := icon_pages.not_asked_for(archive, run_id):
        why = f"they have no web address, or are beyond the first {icon_pages.MOST}"
        said.append(f"the images of {len(alone)} icons were not asked for, the first of them {alone[0]}: {why}")
    for sentence in said[:_LISTED]:
        click.echo(f"! {one_line(sentence)}", err=True)
    if len(said) > _LISTED:
        click.echo(f"! ... and {len(said) - _LISTED} more icons: `btl status` lists their pages.", err=True)


def _icon_problem(state: str, reason: str, detail: str | None, url: str, not_before: str | None) -> str:
    """Return one sentence on the image of an icon that was not had, with the next step."""
    if state == "deferred":
        return f"{url}, an icon, is deferred until {not_before}: run `btl retry` after that."
    if reason in runs.REFUSED or reason == "blocked":
        return f"{url}, an icon, was refused ({reason}: {detail}): its comments are held without its image."
    return f"{url}, an icon, was not had ({reason}: {detail}): `btl retry` asks for it again."


def _article_problem(state: str, reason: str, detail: str | None, url: str, not_before: str | None) -> str:
    """Return one sentence on the page of an article that was not read, with the next step."""
    if state == "deferred":
        return f"{url}, an article, is deferred until {not_before} ({detail}): run `btl retry` after that."
    if reason in runs.REFUSED or reason == "blocked":
        return f"{url}, an article, was refused ({reason}: {detail}): its threads are held without its text."
    if reason == "no article":
        return detail or url
    return f"{url}, an article, was not read ({reason}: {detail}): `btl retry` asks for it again."


def _left(host: str, count: int, url: str, not_before: str | None) -> str:
    """Return one sentence on the pages of a host that the run did not come to."""
    pages = f"{count} pages of {host}, the first of them {url}, are" if count > 1 else f"{url} is"
    why = f", since {host} is not asked before {not_before}" if not_before else ""
    return (
        f"{pages} still to do{why}: run `btl crawl` on the archive without a URL{' after that' if not_before else ''}."
    )


def _problem(state: str, reason: str, detail: str | None, url: str, not_before: str | None) -> str:
    """Return one sentence on a page that was not read, with the next step."""
    if reason == "robots":
        return f"{url}: robots.txt of {urlsplit(url).netloc} asks not to crawl it, and btl obeys: {_OTHER_WAYS}."
    if reason in page_limits.ENDLESS:
        more = " with a larger --max-pages" if reason == page_limits.PAGE_LIMIT else ""
        return f"{url} was not asked for, since {detail}: look at the thread; `btl retry`{more} goes on."
    if reason == "opt-out":
        return (
            f"{url} is reserved by its owner ({detail}), and btl obeys: ask the owner, or give --legal-basis TEXT where"
            " the law lets you keep it; the text is stored with the run."
        )
    if reason == "blocked":
        return f"{url} was refused ({detail}): {_OTHER_WAYS}."
    if state == "deferred":
        return f"{url} is deferred until {not_before} ({detail}): run `btl retry` on the archive after that."
    if reason == "drift":
        return f"{url} was read and not stored ({detail}): look at it with `btl try`, and update btl or its site."
    if reason in ("layout", READER, COSTLY, "no comments"):
        return detail or url
    if reason in _FINAL:
        return f"{url} {state} ({reason}): {detail}; {_FINAL[reason]}."
    return f"{url} {state} ({reason}): {detail}; `btl retry` asks for it again, or ingest a saved page."
