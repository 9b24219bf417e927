"""One run of Scrapy over what a run of the archive has to do, in this process."""

import asyncio
import sqlite3

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.signals import item_scraped

from belowtheline.archive.readings import lifecycle, page_limits
from belowtheline.archive.readings.unchanged import NOT_ASKED
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store import interrupts, runs
from belowtheline.archive.store.database import Archive
from belowtheline.jobs.contact import check_contact
from belowtheline.jobs.crawl_report import CrawlReport, finished_run
from belowtheline.jobs.endings import Ending
from belowtheline.jobs.leftovers import take_up_leftovers
from belowtheline.jobs.link import link_what_waits
from belowtheline.jobs.page_counts import PageCounts
from belowtheline.jobs.progress import Notices, Progress, Step, silent
from belowtheline.jobs.request_rules import RequestRules, settings_for
from belowtheline.reading.errors import StorageError, WrongUsage
from belowtheline.reading.outcomes import UNKNOWN_SITE
from belowtheline.scraper.apart import end_all
from belowtheline.scraper.frontier import Frontier, recorders
from belowtheline.scraper.keys import missing_keys
from belowtheline.scraper.spiders.threads import ThreadsSpider
from belowtheline.sites.registry import site_named

_LAST_ANSWERS = 0.7  # seconds in which answers that are under way may still come after Ctrl-C


_started: list[Settings] = []
"""The settings of the crawl that this process has run."""


def check_process() -> None:
    """Raise WrongUsage where Scrapy cannot run in this process, as it can once, and not where an event loop runs."""
    try:
        asyncio.get_running_loop()
        has_loop = True
    except RuntimeError:
        has_loop = False
    if has_loop or _started:
        why = "an event loop runs here" if has_loop else "a crawl has run here"
        raise WrongUsage(f"Scrapy cannot run in this process, since {why}: call what has no `_here` in its name.")


def unfinished(connection: sqlite3.Connection, run_id: int, rules: RequestRules) -> list[tuple[str, str]]:
    """Return address and site of what a run has to do; raise WrongUsage where its owners need a contact."""
    sql = f"""
        SELECT p.url, s.name FROM pages p JOIN readings r ON r.id = p.reading_id JOIN sites s ON s.id = r.site_id
        WHERE r.run_id = ? AND (r.closed_at IS NULL OR p.kind IN {lifecycle.BESIDE})
            AND (p.state IN ('todo', 'deferred') OR p.reason = ?)"""  # noqa: S608 - a constant
    todo = connection.execute(sql, (run_id, NOT_ASKED)).fetchall()
    check_contact(rules.contact, [url for url, _ in todo], rules.local)
    return todo


def carry_out(
    archive: Archive, run_id: int, rules: RequestRules, todo: list[tuple[str, str]], notices: Notices
) -> CrawlReport:
    """Ask for what a run has to do, link what it brought, and return the report; raise StorageError on a full disk."""
    _name_missing_keys({site for _, site in todo}, notices)
    recorder = Recorder(archive, run_id, limits=page_limits.PageLimits(rules.max_pages))
    take_up_leftovers(archive, run_id, notices)
    ended = _run_scrapy(recorder, settings_for(rules, todo), notices) if todo else "finished"
    if recorder.storage_error:
        raise StorageError(recorder.storage_error)
    recorder.finish()
    linked = Ending.COMPLETE
    if rules.link and ended != "shutdown":  # after Ctrl-C nobody waits: what is not linked is linked by the next run
        try:
            if link_what_waits(archive, recorder.unlinked, progress=notices)["failed"]:
                linked = Ending.DRIFT
        except KeyboardInterrupt:
            ended = "shutdown"
    return finished_run(archive, run_id, ended, linked, notices.sentences)


def _name_missing_keys(sites: set[str], progress: Progress) -> None:
    for name in sorted(sites - {UNKNOWN_SITE}):
        if missing := missing_keys(site_named(name)):
            said = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"
            sentence = f"{name} is asked without a key ({said}): `btl sites` tells what needs one."
            progress(Step(label="keys", sentence=sentence, is_problem=False))


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


def _run_scrapy(recorder: Recorder, settings: Settings, notices: Notices) -> str:
    """Run the spider until the frontier is empty and return how it ended: finished, shutdown, or another reason."""
    _started.append(settings)
    process = _Process(settings)
    crawler = process.create_crawler(ThreadsSpider)
    recorders[crawler] = recorder
    counts = _counts(recorder, notices)
    if notices.progress is not silent:
        counts.tell()
        crawler.signals.connect(counts.advance, signal=item_scraped, weak=False)
    process.crawl(crawler)
    with interrupts.stopped_by_signals(process.stop_in_order):
        process.start(install_signal_handlers=False)
    if notices.progress is not silent and not recorder.storage_error:
        counts.tell()
    if process.was_stopped:
        return "shutdown"
    if process.bootstrap_failed:
        return "bootstrap"
    # After a second Ctrl-C Scrapy stops without closing the spider, and so without a reason.
    return (crawler.stats.get_value("finish_reason") if crawler.stats else None) or "shutdown"


def _counts(recorder: Recorder, progress: Progress) -> PageCounts:
    def tell(ended: int, discovered: int) -> None:
        progress(Step(label="pages", done=ended, total=discovered))

    return PageCounts(lambda: runs.account(recorder.archive, recorder.run_id), tell)
