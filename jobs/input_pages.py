"""Taking in pages that no crawl fetched: each is kept, read, normalised and recorded, or refused by name."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

from belowtheline.archive.readings.drift import DRIFT
from belowtheline.archive.recording import Recorder
from belowtheline.archive.store import clock, interrupts
from belowtheline.archive.store.clocks import is_to_come
from belowtheline.archive.store.runs import utc_text
from belowtheline.archive.warc.captures import WarcFile, new_warc_name
from belowtheline.archive.warc.records import RefusedRecord, StoredPage, read_warc
from belowtheline.pipelines.validate import clean
from belowtheline.reading import sources
from belowtheline.reading.errors import COSTLY, READER, ParseError, ReaderError, TooCostly, UnknownSite
from belowtheline.reading.faults import reader_faults
from belowtheline.reading.items import Capture
from belowtheline.reading.optout import HEAD, signals_of
from belowtheline.reading.page import Page
from belowtheline.scraper.apart import ask, one_process
from belowtheline.scraper.page_work import address_of, may_be_thread, reader_of, threads_on, why_unread
from belowtheline.sites.registry import all_sites, site_named
from belowtheline.sites.site import Part, Site

_NO_PAGES = ("image/", "video/", "audio/", "font/", "text/css", "text/javascript", "application/javascript")
_FIRST_PAGES = "1990"
_MOST_NAMED = 1000  # records of one file; a row and a sentence each, for no more than a few bytes
_STAMP = 14  # digits of a time as ARC files and indexes have it

TimeSource = Literal["response", "warc", "option", "file"]
AddressSource = Literal["served", "warc", "page", "option"]
When = tuple[str | None, TimeSource | None]
"""A time and how it is known."""


@dataclass(frozen=True, slots=True)
class InputPage:
    """One page as it was given, with what the caller says of it."""

    name: str
    """What to call it in a message."""
    address: str
    """Where it is, for a page that does not say its own address."""
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
    """Takes pages into one run of an archive; whatever goes wrong with one of them is its failure alone."""

    recorder: Recorder
    site: str | None = None
    url: str | None = None
    fetched_at: str | None = None
    taken: int = 0
    known: int = 0
    others: int = 0
    """Records of WARC files that are pages of something else."""
    undated: int = 0
    """Records of WARC files that name a time to come."""
    known_threads: set[int] = field(default_factory=set)
    """Threads of pages that were held already."""
    problems: list[str] = field(default_factory=list)
    _warc: WarcFile | None = None

    def take_path(self, path: Path) -> None:
        """Take in one file, page or WARC; what cannot be read is named and kept in `problems`."""
        name = sources.printed(path)
        if self.recorder.archive.is_own_file(path):
            detail = f"{name} is a file of {self.recorder.archive.path}, which is written to: leave it out."
            self._problem(sources.address(path), "unreadable", detail)
            return
        try:
            with reader_faults(name):
                if sources.is_warc(path) or sources.holds_records(path):
                    self._take_warc(path)
                else:
                    self._take_file(path)
        except OSError as error:
            detail = f"{name} cannot be read ({error.strerror}): check its name and rights."
            self._problem(sources.address(path), "unreadable", detail)
        except ParseError as error:
            reason = READER if isinstance(error, ReaderError) else "unreadable"
            self._problem(sources.address(path), reason, _about(name, error))

    def take_stream(self, stream: BinaryIO) -> None:
        """Take in one page from standard input."""
        time, source = self._time(None, None)
        address = "file:///dev/stdin"
        try:
            body = sources.read_bytes(stream, "standard input")
            self._take(InputPage("standard input", address, body, self.url, None, time, source))
        except OSError as error:
            self._problem(address, "unreadable", f"standard input cannot be read ({error.strerror}): give a file.")
        except ParseError as error:
            self._problem(address, "unreadable", str(error))

    def close(self) -> None:
        """Finish the run's readings and close its WARC file."""
        self.recorder.finish()
        if self._warc is not None:
            self._warc.close()

    def _time(self, otherwise: str | None, source: TimeSource | None) -> When:
        if self.fetched_at:
            return self.fetched_at, "option"
        return otherwise, source if otherwise else None

    def _take_file(self, path: Path) -> None:
        name, kind = sources.printed(path), sources.kind_of(path)
        when = self._time(sources.modified_at(path), "file")
        if kind:
            raise ParseError(f"{name} is {kind}, which btl does not read: {sources.GIVE}")
        try:
            with path.open("rb") as file:
                body = sources.read_bytes(file, name)
        except ParseError:
            if self._take_parts(path, when):
                return
            raise
        given = InputPage(name, sources.address(path), body, self.url, sources.content_type(path), *when)
        self._take(given, lambda: self._take_parts(path, when))

    def _take_parts(self, path: Path, when: When) -> bool:
        """Take in an export thread by thread; return whether it is one that a site knows how to divide."""
        if not path.is_file():
            return False  # a pipe cannot be read twice
        head = BytesIO(sources.head_of(path))
        named = [site_named(self.site)] if self.site else all_sites().values()
        site = next((site for site in named if site.parts(head) is not None), None)
        if site is None:
            return False
        with sources.contents(path) as (file, problem):
            if problem:
                self._problem(
                    sources.address(path), "torn", f"{sources.printed(path)} is not read to its end, {problem}."
                )
            for part in site.parts(file) or ():
                self._take_part(site, path, part, when)
        return True

    def _take_part(self, site: Site, path: Path, part: Part, when: When) -> None:
        name = f"{part.name} of {sources.printed(path)}"
        address = f"{sources.address(path)}#{part.name.replace(' ', '-')}"
        if part.problem:
            detail = f"{name} is not read: {part.problem}; export it again."
            self._problem(address, "unreadable", detail, site=site.name)
            return
        self._take(InputPage(name, address, part.body, None, sources.content_type(path), *when))

    def _take_warc(self, path: Path) -> None:
        name, before, refused = sources.printed(path), self._seen, 0
        for record in filter(_may_be_page, read_warc(path)):
            if isinstance(record, RefusedRecord):
                refused += 1
                if refused > _MOST_NAMED:
                    continue
                what = f"{record.url or 'A record'} in {name}, at byte {record.place},"
                detail = f"{what} is not read ({record.reason}): fetch or copy it again."
                self._problem(record.url or sources.address(path), "torn", detail)
                continue
            given = self._dated(f"{record.url} in {name}", record)
            with one_process():
                if self.site or self._may_be_thread(given):
                    self._take(given)
                else:
                    self.others += 1
        if refused > _MOST_NAMED:
            detail = f"{refused - _MOST_NAMED} more records in {name} are not read: fetch or copy it again."
            self._problem(sources.address(path), "torn", detail)
        if self._seen == before:
            raise ParseError(f"{name} holds no page of a site that can be read: `btl sites` lists what can.")

    def _may_be_thread(self, given: InputPage) -> bool:
        try:
            return ask(may_be_thread, given.page)
        except TooCostly:
            return True  # it is taken for one, so that it is named

    @property
    def _seen(self) -> int:
        return self.taken + self.known + len(self.problems)

    def _dated(self, name: str, record: StoredPage) -> InputPage:
        """Return a record's page, without its time where that has not come: it would be newer than all that is seen."""
        url, claimed = self.url or record.url, _utc(record.fetched_at)
        is_undated = not self.fetched_at and is_to_come(claimed)
        self.undated += is_undated
        when = self._time(None if is_undated else claimed, "warc")
        claimed_at = claimed if is_undated else None
        return InputPage(name, record.url, record.body, url, record.content_type, *when, claimed_at)

    def _take(self, given: InputPage, otherwise: Callable[[], bool] | None = None) -> None:
        """Take in one page, or fail it; `otherwise` takes an export in parts where it cannot be read whole."""
        with one_process():
            self._take_page(given, given.page, otherwise)

    def _take_page(self, given: InputPage, page: Page, otherwise: Callable[[], bool] | None) -> None:
        url, site, capture = given.address, self.site, None
        try:
            with reader_faults(given.name):
                page = page.at(given.url or ask(address_of, page), self.site)
                url = page.url or given.address
                site = site_named(site).name if site else ask(reader_of, page)
                threads = self.recorder.threads_held(given.body, url, given.known_time)
                if threads is not None:
                    self.known += 1
                    self.known_threads |= threads
                    return
                capture = self._keep(given, url)
                self._read(site_named(site), page, given, url, capture)
        except UnknownSite as error:
            self._problem(url, "unknown site", _about(given.name, error), capture=self._kept(given, url))
        except ParseError as error:
            if not (otherwise and otherwise()):
                capture = capture or self._kept(given, url)
                reason = _reason(page, site, error)
                self._problem(url, reason, _about(given.name, error), site=site, capture=capture)
        except RuntimeError as error:  # a fault of ours, which ends no run either
            detail = f"{given.name}: {type(error).__name__}: {error}"
            self._problem(url, "internal", detail, site=site, capture=capture)

    def _read(self, site: Site, page: Page, given: InputPage, url: str, capture: Capture) -> None:
        found = ask(threads_on, page, site.name)
        if found.drifted:
            detail = f"{given.name}: {found.drifted}; nothing of it was stored: look at it with `btl try`."
            self._problem(url, DRIFT, detail, site=site.name, capture=capture)
            return
        self.recorder.take_in(site.name, _start(site, page.url) or url, capture, found.pages, found.charset)
        self.taken += 1

    def _kept(self, given: InputPage, url: str) -> Capture:
        """Return where the bytes of a page that cannot be read are, for a better reader; kept once."""
        return self.recorder.kept(given.body, url, given.known_time) or self._keep(given, url)

    def _keep(self, given: InputPage, url: str) -> Capture:
        """Write the bytes before they are read, and return where they are."""
        with interrupts.held_back():  # bytes that were written are to be named, and no half of a record to be left
            return self._kept_now(given, url)

    def _kept_now(self, given: InputPage, url: str) -> Capture:
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
            address_source=self._address_source(given, url),
            content_type=given.content_type,
            sha256=written.sha256,
            warc_file=self._warc.name,
            warc_offset=written.offset,
            warc_length=written.length,
            warc_sha256=written.member_sha256,
        )
        # What a reader hands in he holds already: a reservation is recorded, and does not keep it out.
        signals = signals_of({}, given.body[:HEAD])
        said = {"signals": json.dumps(signals)} if signals else {}
        self.recorder.add_capture(capture, **said | ({"claimed_at": given.claimed_at} if given.claimed_at else {}))
        return capture

    def _address_source(self, given: InputPage, url: str) -> AddressSource | None:
        """Return who says that a page is from its address; None where it only stands in a file."""
        if given.url:
            return "option" if self.url else "warc"
        return "page" if url != given.address else None

    def _problem(
        self, url: str, reason: str, detail: str, *, site: str | None = None, capture: Capture | None = None
    ) -> None:
        self.problems.append(detail)
        self.recorder.refuse(site or self.site, clean(url), reason, clean(detail), capture)


def _about(name: str, error: Exception) -> str:
    """Return an error's sentence with the name of what it is about, once."""
    return str(error) if name in str(error) else f"{name}: {error}"


def _reason(page: Page, site: str | None, error: ParseError) -> str:
    """Return why a page could not be read, in a word or two."""
    if isinstance(error, ReaderError):
        return READER
    if isinstance(error, TooCostly):
        return COSTLY
    return "unknown site" if site is None else ask(why_unread, page)


def _start(site: Site, url: str | None) -> str | None:
    """Return the start of the thread's reading, so that several saved pages of one thread are one reading."""
    try:
        return site.start(url).url if url else None
    except UnknownSite:
        return None


def _may_be_page(record: StoredPage | RefusedRecord) -> bool:
    """Return whether a record may be a page: no errors, no redirects, no robots.txt, no pictures."""
    return (
        record.status in (None, 200, 203)
        and not (record.url or "").endswith("/robots.txt")
        and not (record.content_type or "").strip().lower().startswith(_NO_PAGES)
    )


def _utc(time: str | None) -> str | None:
    """Return a WARC date in the archive's form, in UTC where it names no zone; None where it is none.

    >>> _utc("2024-05-08T12:00:00"), _utc("20240508120000"), _utc("9999-99-99")
    ('2024-05-08T12:00:00Z', '2024-05-08T12:00:00Z', None)
    """
    said = (time or "").strip()
    try:
        is_bare = len(said) == _STAMP and said.isascii() and said.isdecimal()
        when = datetime.strptime(said, "%Y%m%d%H%M%S") if is_bare else datetime.fromisoformat(said)
        found = utc_text(when if when.tzinfo else when.replace(tzinfo=UTC))
        return found if found > _FIRST_PAGES else None
    except (ValueError, OverflowError):
        return None
