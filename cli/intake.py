"""Taking in pages that no crawl fetched: each is kept, read, normalised and recorded, or refused by name."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

import click

from belowtheline.archive.captures import StoredPage, WarcFile, new_warc_name, read_warc
from belowtheline.archive.clocks import is_to_come
from belowtheline.archive.database import Archive
from belowtheline.archive.drift import DRIFT, drift_of_page
from belowtheline.archive.recording import Recorder
from belowtheline.archive.runs import finish_run, page_ends, start_run, utc_text
from belowtheline.archive.verdicts import verdicts
from belowtheline.cli import ending
from belowtheline.cli.clockcheck import check_clock
from belowtheline.cli.linking import link_what_waits
from belowtheline.cli.summary import print_summary
from belowtheline.pipelines import normalise
from belowtheline.scraper import clock, sources
from belowtheline.scraper.barriers import is_barrier
from belowtheline.scraper.errors import ParseError, UnknownSite
from belowtheline.scraper.items import Capture
from belowtheline.scraper.optout import signals_of
from belowtheline.scraper.page import Page
from belowtheline.scraper.registry import read, site_named, site_of_page

_GIVE = "give .html, .txt, .json or .warc.gz files."
_NO_PAGES = ("image/", "video/", "audio/", "font/", "text/css", "text/javascript", "application/javascript")

TimeSource = Literal["response", "warc", "option", "file"]


@dataclass(frozen=True, slots=True)
class Given:
    """One page as it was given, with what the caller says of it."""

    name: str
    body: bytes
    url: str | None
    content_type: str | None
    fetched_at: str | None
    time_source: TimeSource | None
    claimed_at: str | None = None
    """Time that its source names and that has not come."""

    @property
    def known_time(self) -> str | None:
        """When it was fetched, where that is known; a file's own time is only a guess and orders nothing."""
        return None if self.time_source == "file" else self.fetched_at

    @property
    def page(self) -> Page:
        """The page, as far as the caller knows it."""
        return Page(self.url, self.body, self.content_type, self.known_time)


@dataclass(slots=True)
class Intake:
    """Takes pages into one run of an archive."""

    recorder: Recorder
    site: str | None = None
    url: str | None = None
    fetched_at: str | None = None
    taken: int = 0
    known: int = 0
    others: int = 0
    """Records of WARC files that are pages of something else."""
    problems: list[str] = field(default_factory=list)
    _warc: WarcFile | None = None

    def take_path(self, path: Path) -> None:
        """Take in one file, page or WARC; what cannot be read is named and kept in `problems`."""
        try:
            if sources.is_warc(path):
                self._take_warc(path)
                return
            with path.open("rb") as file:
                time, source = self._time(sources.modified_at(path), "file")
                self._take(
                    self._given(file, str(path), path.absolute().as_uri(), sources.content_type(path), time, source)
                )
        except OSError as error:
            self._problem(
                path.absolute().as_uri(),
                "unreadable",
                f"{path} cannot be read ({error.strerror}): check its name and rights.",
            )
        except ParseError as error:
            self._problem(path.absolute().as_uri(), "unreadable", str(error))

    def take_stream(self, stream: BinaryIO) -> None:
        """Take in one page from standard input."""
        time, source = self._time(None, None)
        try:
            self._take(self._given(stream, "standard input", "file:///dev/stdin", None, time, source))
        except ParseError as error:
            self._problem("file:///dev/stdin", "unreadable", str(error))

    def close(self) -> None:
        """Finish the run's readings and close its WARC file."""
        self.recorder.finish()
        if self._warc is not None:
            self._warc.close()

    def _time(self, otherwise: str | None, source: TimeSource | None) -> tuple[str | None, TimeSource | None]:
        return (self.fetched_at, "option") if self.fetched_at else (otherwise, source)

    def _given(
        self,
        file: BinaryIO,
        name: str,
        address: str,
        content_type: str | None,
        time: str | None,
        source: TimeSource | None,
    ) -> tuple[Given, str]:
        body = sources.read_bytes(file, name)
        return Given(name, body, self.url, content_type, time, source), address

    def _take_warc(self, path: Path) -> None:
        before = self.taken + self.known + len(self.problems)
        for record in _pages_of(path):
            time, source = self._time(_utc(record.fetched_at), "warc")
            url = self.url or record.url
            given = _dated(Given(f"{record.url} in {path}", record.body, url, record.content_type, time, source))
            if self.site or _may_be_thread(given):
                self._take((given, record.url))
            else:
                self.others += 1
        if self.taken + self.known + len(self.problems) == before:
            raise ParseError(f"{path} holds no page of a site that can be read: `btl sites` lists what can.")

    def _take(self, what: tuple[Given, str]) -> None:
        given, address = what
        page = given.page
        page = Page(given.url or sources.saved_address(page), given.body, given.content_type, given.known_time)
        url = page.url or address
        try:
            site = site_named(self.site) if self.site else site_of_page(page)
        except (UnknownSite, ParseError) as error:
            capture = self.recorder.kept(given.body, url, given.known_time) or self._keep(given, url)
            self._problem(url, "unknown site", f"{given.name}: {error}", capture=capture)
            return
        if self.recorder.holds(given.body, url, given.known_time):
            self.known += 1
            return
        capture = self._keep(given, url)
        try:
            pages = [normalise(found) for found in read(site, page)]
        except ParseError as error:
            self._problem(url, _unread(page), f"{given.name}: {error}", site=site.name, capture=capture)
            return
        if drifted := drift_of_page(pages):
            detail = f"{given.name}: {drifted}; nothing of it was stored: look at it with `btl try`."
            self._problem(url, DRIFT, detail, site=site.name, capture=capture)
            return
        self.recorder.take_in(site.name, self._start(site.name, page.url) or url, capture, pages, page.charset)
        self.taken += 1

    def _start(self, site: str, url: str | None) -> str | None:
        """Return the start of the thread's reading, so that several saved pages of one thread are one reading."""
        try:
            return site_named(site).start(url).url if url else None
        except UnknownSite:
            return None

    def _keep(self, given: Given, url: str) -> Capture:
        """Write the bytes before they are read, and return where they are."""
        if self._warc is None:
            folder = self.recorder.archive.captures_folder
            self._warc = WarcFile(folder, new_warc_name(folder, self.recorder.run_id))
        when = datetime.fromisoformat(given.fetched_at) if given.fetched_at else clock.utc_now()
        content_type = given.content_type or "application/octet-stream"
        written = self._warc.write_resource(url, when, content_type, given.body)
        capture = Capture(
            url=url,
            fetched_at=given.fetched_at,
            fetched_at_source=given.time_source,
            content_type=given.content_type,
            sha256=written.sha256,
            warc_file=self._warc.name,
            warc_offset=written.offset,
            warc_length=written.length,
            warc_sha256=written.member_sha256,
        )
        # What a reader hands in he holds already: a reservation is recorded, and does not keep it out.
        signals = signals_of({}, given.body, is_gzipped=False)
        said = {"signals": json.dumps(signals)} if signals else {}
        self.recorder.add_capture(capture, **said | ({"claimed_at": given.claimed_at} if given.claimed_at else {}))
        return capture

    def _problem(
        self, url: str, reason: str, detail: str, *, site: str | None = None, capture: Capture | None = None
    ) -> None:
        self.problems.append(detail)
        self.recorder.refuse(site or self.site, url, reason, detail, capture)


def _unread(page: Page) -> str:
    """Return why a page of a known site could not be read."""
    if is_barrier(page.text, page.url):
        return "blocked"
    return "unreadable" if page.is_cut else "layout"


def _pages_of(path: Path) -> Iterator[StoredPage]:
    """Yield the records of a WARC file that may be pages: no errors, no redirects, no robots.txt, no pictures."""
    return (
        record
        for record in read_warc(path)
        if record.status in (None, 200)
        and not record.url.endswith("/robots.txt")
        and not (record.content_type or "").startswith(_NO_PAGES)
    )


def _may_be_thread(given: Given) -> bool:
    """Return whether a record is a thread: WARC files hold articles, fronts and pages of other sites too."""
    page = given.page
    try:
        site = site_of_page(page)
    except (UnknownSite, ParseError):
        return False
    try:
        is_article = site.start(page.url or "").kind == "article"
    except UnknownSite:
        is_article = True
    return not is_article or site.recognises(page)


def _dated(given: Given) -> Given:
    """Return a page without its time where that has not come: it would be newer than all that is seen until then."""
    if given.time_source != "warc" or not is_to_come(given.fetched_at):
        return given
    return replace(given, fetched_at=None, time_source=None, claimed_at=given.fetched_at)


def _utc(time: str | None) -> str | None:
    """Return a WARC date in the archive's form; None where it is none."""
    try:
        return utc_text(datetime.fromisoformat(time)) if time else None
    except ValueError:
        return None


def take_all(
    archive_path: Path, paths: Sequence[str], site: str | None, url: str | None, fetched_at: str | None
) -> int:
    """Take every path into one run of the archive, print the summary and return the exit code."""
    with Archive.create_or_open(archive_path) as archive:
        check_clock(archive)
        with archive.transaction() as connection:
            run_id = start_run(connection, "ingest", {"site": site, "url": url, "fetched_at": fetched_at})
        intake = Intake(Recorder(archive, run_id), site, url, fetched_at)
        files: list[Path] = []
        for path in paths:
            found = list(sources.files_in(Path(path))) if path != "-" else []
            files += found
            if not found and path != "-":
                intake.problems.append(f"{path} holds no file that could be a page: {_GIVE}")
        with click.progressbar(files, label="ingest", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            for file in bar:
                intake.take_path(file)
        if "-" in paths:
            intake.take_stream(sys.stdin.buffer)
        intake.close()
        link_what_waits(archive)
        return _end(intake)


def _end(intake: Intake) -> int:
    archive, run_id = intake.recorder.archive, intake.recorder.run_id
    found = verdicts(archive, run_id)
    code = ending.code_of_pages([end[:2] for end in page_ends(archive, run_id)], found)
    code = ending.worst([code, ending.INCOMPLETE if intake.problems else ending.COMPLETE])
    account = finish_run(archive, run_id, "incomplete" if code else "complete", code)
    archive.checkpoint()
    print_summary(account, found, intake.problems)
    known = f", {intake.known} already held" if intake.known else ""
    known += f", {intake.others} of no thread" if intake.others else ""
    click.echo(f"ingested: {intake.taken} pages taken in{known}, {len(intake.problems)} not read", err=True)
    return code
