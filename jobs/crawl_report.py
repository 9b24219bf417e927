"""What a run that asked servers reports: how it ended, its pages and threads, and what was not had, in sentences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from belowtheline.archive.readings import article_pages, icon_pages, lifecycle, page_limits
from belowtheline.archive.readings.verdicts import ThreadVerdict, verdicts
from belowtheline.archive.store import runs
from belowtheline.archive.store.database import Archive
from belowtheline.archive.store.runs import Account
from belowtheline.jobs import endings
from belowtheline.jobs.clock_check import server_clock
from belowtheline.jobs.endings import Ending
from belowtheline.reading.errors import COSTLY, READER

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
class CrawlReport:
    """How a crawl, an update or a retry ended, and what came of it."""

    ending: Ending
    """How it ended; its number is the exit code of the command."""
    run_id: int
    """Its row in the table `runs`."""
    account: Account
    """How many pages it had, and where they ended."""
    verdicts: tuple[ThreadVerdict, ...]
    """Its threads, and whether all of each is held."""
    problems: tuple[str, ...] = ()
    """Pages that were not read, each with why and the next step."""
    articles: tuple[str, ...] = ()
    """Articles that were wanted and are not held."""
    icons: tuple[str, ...] = ()
    """Images of icons that were wanted and are not held."""
    clock: str | None = None
    """That the clock of a server and that of this machine differ."""
    notices: tuple[str, ...] = ()
    """What was told while it ran."""
    looked: int = 0
    """Threads that were read, or looked at, to an end."""
    changed: int = 0
    """Those of them that have new or changed comments."""

    def __post_init__(self) -> None:
        """Take the number of an ending for it, as which it comes from another process."""
        object.__setattr__(self, "ending", Ending(self.ending))


def finished_run(archive: Archive, run_id: int, ended: str, linked: Ending, notices: Iterable[str]) -> CrawlReport:
    """Record that a run has ended, and return its report; `ended` is Scrapy's reason, `linked` how linking ended."""
    ends = runs.page_ends(archive, run_id)
    of_articles, of_icons = (runs.page_ends(archive, run_id, kind) for kind in (lifecycle.ARTICLE_TEXT, lifecycle.ICON))
    found = tuple(verdicts(archive, run_id))
    pages = [end[:2] for end in (*ends, *of_articles, *of_icons)]
    ending = endings.worst([linked, endings.ending_of_pages(pages, found)])
    if ended != "finished":
        ending = endings.worst([ending, Ending.INTERRUPTED if ended == "shutdown" else Ending.INTERNAL])
    account = runs.finish_run(archive, run_id, endings.run_verdict(ending), ending)
    archive.checkpoint()
    left = runs.left_to_do(archive, run_id) if ended == "finished" else []
    looked, changed = archive.query(_LOOKED, (run_id,)).fetchone()
    return CrawlReport(
        ending=ending,
        run_id=run_id,
        account=account,
        verdicts=found,
        problems=(*(_problem(*end) for end in _bad(ends)), *(_left(*host) for host in left)),
        articles=tuple(_missing_articles(archive, run_id, of_articles)),
        icons=tuple(_missing_icons(archive, run_id, of_icons)),
        clock=server_clock(archive, run_id),
        notices=tuple(notices),
        looked=looked,
        changed=changed,
    )


_LOOKED = "SELECT count(*), coalesce(sum(has_changes), 0) FROM readings WHERE run_id = ? AND closed_at IS NOT NULL"


def _bad(ends: Iterable[runs.PageEnd]) -> Iterator[runs.PageEnd]:
    return (end for end in ends if end[0] in ("failed", "deferred") or end[1] in _LEFT_OUT)


def _missing_articles(archive: Archive, run_id: int, ends: Iterable[runs.PageEnd]) -> Iterator[str]:
    """Yield which articles were wanted and are not held, apart from the threads, which are none the less for it."""
    yield from (_article_problem(*end) for end in _bad(ends))
    if alone := article_pages.without_text(archive, run_id):
        yield f"no article's page or text was found for {len(alone)} threads, the first of them {alone[0]}"


def _missing_icons(archive: Archive, run_id: int, ends: Iterable[runs.PageEnd]) -> Iterator[str]:
    """Yield which images of icons were wanted and are not held, apart from the threads as well."""
    yield from (_icon_problem(*end) for end in _bad(ends))
    if alone := icon_pages.not_asked_for(archive, run_id):
        why = f"they have no web address, or are beyond the first {icon_pages.MOST}"
        yield f"the images of {len(alone)} icons were not asked for, the first of them {alone[0]}: {why}"


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
