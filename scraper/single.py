"""One page asked for by the crawl's own engine, under all its rules, with nothing kept; as often as a process likes."""

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.signals import spider_error
from twisted.python.failure import Failure

from belowtheline.scraper.spiders.single import Answer, Question, SinglePageSpider

_RESERVED = {"belowtheline.scraper.wire.WireRecorder": None, "belowtheline.scraper.reserved.ReservedPages": 800}
_THREADS = 10  # as many as Twisted has for names
_LEAVE = 1.0  # seconds that a crawl has to end itself after Ctrl-C


def ask(question: Question, settings: Settings) -> Answer:
    """Return what comes of asking for a page as a crawl with these settings asks; raise KeyboardInterrupt on Ctrl-C.

    What `follow` raises is raised here.
    """
    answer = Answer()
    loop, reactor = _started()
    with _running(reactor), _interrupts(loop) as interrupted:
        loop.run_until_complete(_crawl(question, _without_archive(settings), answer, interrupted))
    if interrupted.is_set():
        raise KeyboardInterrupt
    if answer.raised is not None:
        raise answer.raised
    return answer


def _without_archive(settings: Settings) -> Settings:
    """Return settings of a crawl whose frontier, recorder and stages, which need an archive, are left out."""
    single = settings.copy()
    single.set("SCHEDULER", "scrapy.core.scheduler.Scheduler", priority="cmdline")
    single.set("ITEM_PIPELINES", {}, priority="cmdline")
    middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES") | _RESERVED
    single.set("DOWNLOADER_MIDDLEWARES", middlewares, priority="cmdline")
    return single


async def _crawl(question: Question, settings: Settings, answer: Answer, interrupted: asyncio.Event) -> None:
    from twisted.internet import reactor

    from belowtheline.scraper.safety import AddressGuard

    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler(SinglePageSpider)
    AddressGuard.from_crawler(crawler, reactor).install_on_reactor()

    def note(failure: Failure) -> None:
        answer.raised = failure.value

    crawler.signals.connect(note, signal=spider_error)
    crawl = runner.crawl(crawler, question=question, answer=answer)
    stop = asyncio.ensure_future(interrupted.wait())
    await asyncio.wait({crawl, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not crawl.done():
        crawl.cancel()
        await asyncio.wait({crawl}, timeout=_LEAVE)
    elif error := crawl.exception():
        raise error


@cache
def _started() -> tuple[asyncio.AbstractEventLoop, Any]:
    """Return the event loop and its reactor, which is started once and never stopped: it could not be started again."""
    from twisted.internet import asyncioreactor

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(eventloop=loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor

    reactor.startRunning(installSignalHandlers=False)
    for name in ("scrapy", "twisted", "asyncio"):
        logging.getLogger(name).addHandler(logging.NullHandler())  # the answer says what went wrong
    return loop, reactor


@contextmanager
def _running(reactor: Any) -> Iterator[None]:
    """Let the reactor have threads, and end them: the interpreter would wait for them without end."""
    reactor.suggestThreadPoolSize(_THREADS)
    try:
        yield
    finally:
        reactor.suggestThreadPoolSize(0)


@contextmanager
def _interrupts(loop: asyncio.AbstractEventLoop) -> Iterator[asyncio.Event]:
    """Yield what Ctrl-C sets: Scrapy and Twisted would take a KeyboardInterrupt for an error of the page."""
    interrupted = asyncio.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    before = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, interrupted.set)
    try:
        yield interrupted
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)
