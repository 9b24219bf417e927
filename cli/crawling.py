"""One crawl: check what is asked, start Scrapy over the frontier, and say how it ended."""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.signals import item_scraped

from belowtheline.archive import readings, runs
from belowtheline.archive.database import Archive
from belowtheline.archive.frontier import Frontier, recorders
from belowtheline.archive.people import site_id
from belowtheline.archive.recording import Recorder
from belowtheline.archive.verdicts import verdicts
from belowtheline.cli import ending
from belowtheline.cli.contact import check_contact, is_loopback
from belowtheline.cli.summary import print_summary
from belowtheline.scraper import settings as defaults
from belowtheline.scraper.errors import UnknownSite
from belowtheline.scraper.registry import site_named, site_of_url
from belowtheline.scraper.spiders.threads import ThreadsSpider

_OTHER_WAYS = "take one of the other ways in: saved pages, WARC captures or copied text, with `btl ingest`"


@dataclass(frozen=True, slots=True)
class Order:
    """What a crawl is asked to do."""

    urls: tuple[str, ...]
    contact: str | None
    site: str | None
    delay: float | None
    purpose: str | None


def crawl(path: Path, order: Order) -> int:
    """Crawl into the archive at `path`, print the summary and return the exit code."""
    starts = [
        (site.name, site.thread_id(url), site.start(url)) for url in order.urls for site in (_site(url, order.site),)
    ]
    check_contact(order.contact, [link.url for _, _, link in starts])
    if not starts:
        Archive.open_to_read(path).close()  # nothing to resume where there is no archive
    with Archive.create_or_open(path) as archive:
        with archive.transaction() as connection:
            run_id = runs.start_run(connection, "crawl", asdict(order), order.contact)
            connection.execute("UPDATE runs SET purpose = ? WHERE id = ?", (order.purpose, run_id))
            named = [readings.Start(site_id(connection, site), native_id, link) for site, native_id, link in starts]
            if named:
                readings.open_readings(connection, run_id, named)
            else:
                readings.resume_all(connection, run_id)
            todo = connection.execute(_UNFINISHED, (run_id,)).fetchall()
            check_contact(order.contact, [url for url, _ in todo])
        if not todo and not starts:
            click.echo("Nothing is unfinished: give the URL of a thread.", err=True)
        recorder = Recorder(archive, run_id)
        ended = _run_scrapy(recorder, _settings(order, todo)) if todo else "finished"
        return _finish(recorder, ended)


_UNFINISHED = """
    SELECT p.url, s.name FROM pages p JOIN readings r ON r.id = p.reading_id JOIN sites s ON s.id = r.site_id
    WHERE r.run_id = ? AND p.state IN ('todo', 'deferred')"""


def _site(url: str, name: str | None) -> Any:
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web:
        raise UnknownSite(f"{url} is no web address: give one that starts with http:// or https://.")
    if "@" in parts.netloc:
        raise UnknownSite(f"{url} holds a user name, and btl logs in nowhere: give the address without it.")
    return site_named(name) if name else site_of_url(url)


def _settings(order: Order, todo: list[tuple[str, str]]) -> Settings:
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    if order.contact:
        settings.set("USER_AGENT", f"belowtheline/{runs.tool_version()} (+{order.contact})", priority="cmdline")
    settings.set("HAS_CONTACT", order.contact is not None, priority="cmdline")
    settings.set("LOOPBACK_HOSTS", [urlsplit(url).hostname for url, _ in todo if is_loopback(url)], priority="cmdline")
    if order.delay is not None:
        settings.set("DOWNLOAD_DELAY", order.delay, priority="cmdline")
        settings.set("AUTOTHROTTLE_ENABLED", order.delay > 0, priority="cmdline")
    else:
        delays = {urlsplit(url).hostname: {"delay": site_named(site).delay, "concurrency": 1} for url, site in todo}
        settings.set("DOWNLOAD_SLOTS", delays, priority="cmdline")
    return settings


class _Process(AsyncCrawlerProcess):
    was_stopped = False

    async def stop(self) -> None:
        """Stop as after Ctrl-C, without waiting for the delay of any host."""
        for crawler in self.crawlers:
            self.was_stopped |= crawler.crawling
            if crawler.spider and isinstance(crawler.engine.scheduler, Frontier):
                crawler.engine.scheduler.stop()
        await super().stop()


def _run_scrapy(recorder: Recorder, settings: Settings) -> str:
    """Run the spider until the frontier is empty and return how it ended: finished, shutdown, or another reason."""
    process = _Process(settings)
    crawler = process.create_crawler(ThreadsSpider)
    recorders[crawler] = recorder
    with click.progressbar(length=1, label="crawl", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def advance() -> None:
            counts = runs.account(recorder.archive, recorder.run_id)
            bar.length = counts.discovered
            bar.update(counts.discovered - counts.todo - counts.deferred - bar.pos)

        if sys.stderr.isatty():
            crawler.signals.connect(advance, signal=item_scraped, weak=False)
        process.crawl(crawler)
        process.start()
    if process.was_stopped:
        return "shutdown"
    if process.bootstrap_failed:
        return "bootstrap"
    # After a second Ctrl-C Scrapy stops without closing the spider, and so without a reason.
    return (crawler.stats.get_value("finish_reason") if crawler.stats else None) or "shutdown"


def _finish(recorder: Recorder, ended: str) -> int:
    """Close the run: its account, verdicts and problems are printed and stored."""
    archive, run_id = recorder.archive, recorder.run_id
    if recorder.storage_error:
        click.echo(f"btl: {recorder.storage_error}", err=True)
        return ending.STORAGE
    recorder.finish()
    ends = runs.page_ends(archive, run_id)
    found = verdicts(archive, run_id)
    code = ending.code_of_pages([end[:2] for end in ends], found)
    if ended != "finished":
        code = ending.worst([code, ending.INTERRUPTED if ended == "shutdown" else ending.INTERNAL])
    verdict = "interrupted" if ended == "shutdown" else "complete" if code == 0 else "incomplete"
    account = runs.finish_run(archive, run_id, verdict, code)
    archive.checkpoint()
    print_summary(
        account, found, [_problem(*end) for end in ends if end[0] in ("failed", "deferred") or end[1] == "robots"]
    )
    if ended == "shutdown":
        click.echo("Interrupted: what was committed is kept, and the same command goes on.", err=True)
    return code


def _problem(state: str, reason: str, detail: str | None, url: str, not_before: str | None) -> str:
    """Return one sentence on a page that was not read, with the next step."""
    if reason == "robots":
        return f"{url}: robots.txt of {urlsplit(url).netloc} asks not to crawl it, and btl obeys: {_OTHER_WAYS}."
    if reason == "blocked":
        return f"{url} was refused ({detail}): {_OTHER_WAYS}."
    if state == "deferred":
        return f"{url} is deferred until {not_before}, as its server asks: run `btl crawl` on the archive after that."
    if reason == "layout":
        return detail or url
    return f"{url} {state} ({reason}): {detail}; crawl it again later, or ingest a saved page."
