"""Where rows are from: captures, pages, readings, runs and what governed them."""

from belowtheline.archive.descriptions.parts import ID, SITE, Column, Table, of, own
from belowtheline.reading.items import Capture, Completeness, Link, ThreadPage
from belowtheline.reading.outcomes import HostPolicy, PageEnded, PageRead

TABLES = (
    Table(
        "captures",
        "Every fetch and every file taken in: where its bytes are, and when and whence they came.",
        {
            "id": ID,
            **own(
                run_id="Run that kept it.",
                signals="JSON: what the answer says of its use, if anything: X-Robots-Tag, TDM-Reservation and "
                "TDM-Policy of its headers, robots, tdm-reservation and tdm-policy of its meta elements.",
                claimed_at="Time that its source, or our own clock, gave it and that had not come; NULL for others. It "
                "orders nothing.",
                etag="ETag of the answer, with which `btl update` asks whether the page has changed.",
                last_modified="Last-Modified of the answer, as sent.",
                found_by_run_id="Run that found the record without a row, since the run that wrote it was killed; NULL "
                "for others. Its method is then UNKNOWN.",
            ),
            **of(Capture, "url address_source method fetched_at fetched_at_source status content_type"),
            **of(Capture, "sha256 warc_file warc_offset warc_length warc_sha256"),
        },
        "url",
    ),
    Table(
        "pages",
        "The frontier: every page of a reading, and how it ended.",
        {
            "id": ID,
            **own(
                reading_id="Reading it is a page of.",
                method="HTTP method; INGEST for what was taken in and not fetched.",
                body="Body of the request, empty for GET; a number where files of one address were taken in.",
                host="Host that is asked, with its port; empty for what was taken in.",
                kind="page, fallback (another way, since the first was missing or too large), article (it leads to the "
                "thread), article text (the thread's article), icon (an icon's image) or taken in; no verdict looks at "
                "articles and icons.",
                state="todo, done, failed, deferred (the server asks to come back later) or skipped.",
                attempts="How often it ended without being read.",
                capture_id="Capture that holds its bytes.",
                same_as_id="Capture whose bytes still stand for the page where none came: its server says so (304), "
                "or it was not asked again; NULL where bytes came.",
                reparse_run_id="Run of `btl reparse` that could read it, where the run that brought it could not; NULL "
                "for others.",
                comments="How many comments it shows.",
                shares="JSON: by field how many comments show it, of how many, and its site's least share.",
            ),
            **of(Link, "url"),
            **of(PageEnded, "reason detail not_before"),
            **of(ThreadPage, "form disagreements charset_label"),
            **of(Completeness, "page_number page_count is_whole is_cut is_enumerated"),
            **own(
                declared="How many comments the page says that a reader can see; NULL where its count may mean others.",
                stated="How many comments the page says there are, whatever its count means.",
            ),
            **of(Completeness, "part_of left_out empty_proof elsewhere", stated_least="count_least"),
            **of(PageRead, "charset"),
        },
        "url",
    ),
    Table(
        "readings",
        "One pass over a thread each: open until all its pages have ended, then closed with a verdict.",
        {
            "id": ID,
            "site_id": SITE,
            **own(
                run_id="Run that opened it or last went on with it.",
                thread_id="Thread it turned out to be of; NULL until a page was read.",
                start_url="Address it starts from.",
                repeats_id="Reading that it looks at again, asking only for what has changed since; NULL for others.",
                opened_at="When it was opened, ISO 8601 UTC.",
                closed_at="When all its pages had ended, ISO 8601 UTC; NULL while one is to do or deferred.",
                has_changes="Whether it made or changed comments.",
                with_article="Whether it asks for the page of the thread's article as well.",
                with_icons="Whether it asks for the images of the comments' icons as well.",
                is_site_named="Whether a person named its site (--site): only then are pages of this machine the "
                "site's own.",
                read_at="Time of its oldest capture, ISO 8601 UTC: what it did not show was not there after that. NULL "
                "where pages were not asked, or lie more than a day apart, so that it can show no absence.",
                verdict="complete (read to the end), incomplete, or unverified (nothing proves the end).",
                reason="Why it is not complete.",
                verdict_at="Time of what the verdict is told from, ISO 8601 UTC: the newest capture of the last full "
                "reading; NULL where only copied text was taken in.",
                looked="What it looked at, where that was not all of the thread: some of its pages, or copied text; "
                "the verdict is then the one of the last full reading, if that had any.",
                pages="How many of its pages were read.",
                comments="How many comments those pages show.",
            ),
        },
        "start_url",
    ),
    Table(
        "runs",
        "Every run that wrote to the archive, with the account of its pages.",
        {
            "id": ID,
            **own(
                command="Command that was run, such as crawl or ingest.",
                tool_version="Version of belowtheline.",
                settings_sha256="SHA-256 of the options it was run with.",
                contact="Address that it gave to the servers it asked.",
                purpose="What it was for, in the words of who ran it.",
                legal_basis="On what ground it keeps pages whose owners reserve them, in the words of who ran it; NULL "
                "where it leaves them out.",
                started_at="When it started, ISO 8601 UTC.",
                finished_at="When it finished, ISO 8601 UTC; NULL while it runs, and for ever where it was killed.",
                verdict="complete, incomplete, interrupted, or defective (by verify); NULL where it was killed.",
                exit_code="Exit code of the command.",
                clock_offset="Seconds by which the server whose clock was furthest from ours was ahead of it, negative "
                "if behind; NULL where all that said so agreed to an hour.",
                discovered="Pages of its readings in all: done + failed + deferred + skipped + todo.",
                done="Pages that were read.",
                failed="Pages that could not be read.",
                deferred="Pages whose server asks to come back later.",
                skipped="Pages that were left out: by robots.txt, by their owner's reservation, or because another "
                "stands for them.",
                todo="Pages that were left to do.",
                captures="Captures that the archive held when the run finished.",
                comments="Comments that the archive held when the run finished.",
                versions="Versions of comments that the archive held when the run finished.",
            ),
        },
        "started_at",
    ),
    Table(
        "run_policies",
        "What governed each host of a run: its robots.txt, and what its tdmrep.json reserves. A host is asked again"
        " after 24 hours; a page was governed by the newest row of its host that is not newer than the page.",
        {
            "id": ID,
            "run_id": Column("Run that asked."),
            **of(HostPolicy, "origin kind decision status fetched_at"),
            "capture_id": Column("Capture of the answer; NULL where none came."),
        },
        "origin",
    ),
)
