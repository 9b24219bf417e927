"""What the archive's tables hold: a sentence a table and a sentence a column.

What a page says is described where it is declared, in `scraper.items`; here are only the archive's own columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from belowtheline.scraper.items import (
    Article,
    Author,
    Capture,
    Comment,
    Completeness,
    Icon,
    Link,
    Quote,
    Stub,
    Thread,
    ThreadPage,
    described,
)
from belowtheline.scraper.outcomes import HostPolicy, PageEnded, PageRead


@dataclass(frozen=True, slots=True)
class Column:
    """What one column holds and, where known, its type in the schema and the column that a view takes it from."""

    description: str
    annotation: Any = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What one table or view holds, and which of its columns names a row where another table points at it."""

    name: str
    description: str
    columns: Mapping[str, Column]
    label: str | None = None
    is_internal: bool = False
    is_view: bool = False


def _of(cls: type, names: str = "", **renamed: str) -> dict[str, Column]:
    """Return columns as a schema class describes its fields: "field field" under their names, or column="field"."""
    texts, hints = described(cls), get_type_hints(cls)
    fields = {name: name for name in names.split()} | renamed
    return {column: Column(texts[field], hints[field]) for column, field in fields.items()}


def _own(**texts: str) -> dict[str, Column]:
    return {column: Column(text) for column, text in texts.items()}


_ID = Column("Number of the row, which other tables point at; it is this archive's own, not the site's.")
_SITE = Column("Site it is of.")
_FIELD_TIMES = Column(
    "JSON: when a unit of fields was last shown, where that differs from last_seen_at; "
    '"" for a capture without a date, null for never.'
)
_LAST_SEEN = Column(
    "Time of the newest capture that shows it, ISO 8601 UTC; NULL where no capture that shows it is dated."
)
_FIRST_SEEN = Column(
    "Time of the oldest capture that shows it, ISO 8601 UTC; NULL where no capture that shows it is dated."
)
_CAPTURE = Column("Capture that shows it, which leads to its bytes.")

DESCRIBED = (
    Table("sites", "The sites that threads are from.", {"id": _ID, **_of(Thread, name="site")}, "name"),
    Table(
        "articles",
        "The articles that threads stand under, as far as the threads' pages show them, or their own page where held.",
        {
            "id": _ID,
            "site_id": _SITE,
            **_own(key="What tells it from other articles: its address, or its headline where no page has shown one."),
            **_of(Article, "url headline teaser body_text published_at published_raw"),
            "last_seen_at": _LAST_SEEN,
            "field_times": _FIELD_TIMES,
            "capture_id": Column("Capture of the page that shows its text; NULL where no text is held."),
        },
        "headline",
    ),
    Table(
        "threads",
        "The comment threads, one row each, in their present state.",
        {
            "id": _ID,
            "site_id": _SITE,
            **_of(Thread, "instance native_id url title is_closed declared_count score published_at published_raw"),
            **_of(Thread, "body_html body_text marks", article_id="article", author_id="author"),
            **_own(headline_key="Headline as letters and digits, by which a page without an address finds its thread."),
            "first_seen_at": _FIRST_SEEN,
            "last_seen_at": _LAST_SEEN,
            **_own(
                all_seen_at="When a page last showed every comment as it is held; later than what its comments say.",
                linked_version="Version of the method that linked its quotes and replies; NULL while that is to be done.",
            ),
            "field_times": _FIELD_TIMES,
        },
        "title",
    ),
    Table(
        "authors",
        "Who wrote: an account has one row a site, a guest one a thread, the anonymous and the deleted one a comment.",
        {
            "id": _ID,
            "site_id": _SITE,
            **_own(
                key="What tells the author from others: kind, site and id or name; of the anonymous, the comment.",
                seen_at="Time of the capture that name and picture are from, ISO 8601 UTC; NULL where it is not dated.",
            ),
            **_of(Thread, "instance"),
            **_of(Author, "native_id name kind profile_url image_url marks"),
        },
        "name",
    ),
    Table(
        "icons",
        "The pictures that authors chose for single comments.",
        {
            "id": _ID,
            "site_id": _SITE,
            **_own(key="Its name, or the image's file name where it has none."),
            **_of(Icon, "name image_url"),
        },
        "name",
    ),
    Table(
        "comments",
        "The comments in their present state: per field, the newest value that a capture showed.",
        {
            "id": _ID,
            **_own(
                thread_id="Thread it stands in.",
                native_id="The site's own id, always text, unique in its thread; `~n` where no page has shown one.",
                id_source="How the id is known: page (shown), label (not shown; provisional, never matched), "
                "named by replies or missing between neighbours (of a deleted comment).",
                position="Place in the thread, from 1, numbered again when a reading closes.",
                page_number="Page of the thread that shows it, from 1; NULL where there is one or it does not say.",
                parent_id="Comment it answers, where that one is held.",
                version_id="Its present content.",
                not_seen_since="Time of the first complete reading, later than last_seen_at, that did not show it, "
                "ISO 8601 UTC; NULL while it is shown.",
                shown_sha256="SHA-256 of all that its newest capture shows of it, which tells whether it has changed.",
            ),
            **_of(Comment, page_position="position", author_id="author", icon_id="icon"),
            **_of(Comment, "parent_native_id parent_url depth title re_title title_source body_text body_html"),
            **_of(Comment, "published_at published_raw published_precision published_source"),
            **_of(Comment, "is_edited edited_at edited_raw deletion upvotes downvotes score url marks"),
            **_of(Author, "is_staff badge", author_name="name"),
            "first_seen_at": _FIRST_SEEN,
            "last_seen_at": _LAST_SEEN,
            "field_times": _FIELD_TIMES,
        },
        "author_name",
    ),
    Table(
        "comment_versions",
        "The full content of a comment, one row a change, so that edits and deletions can be read.",
        {
            "id": _ID,
            "capture_id": _CAPTURE,
            **_own(
                comment_id="Comment whose content it is.",
                shown_at="First time this content is known to have been shown, ISO 8601 UTC; NULL where nothing says.",
                content_sha256="SHA-256 of author_name, icon, deletion, title, body_text and body_html as a JSON list.",
            ),
            **_of(Author, author_name="name"),
            **_of(Icon, icon="name"),
            **_of(Comment, "deletion title body_text body_html"),
        },
        "shown_at",
    ),
    Table(
        "observations",
        "What changes often and is no part of a version: badge, votes, score, marks and absence, one row a change.",
        {
            "id": _ID,
            "capture_id": _CAPTURE,
            **_own(
                comment_id="Comment it was observed on.",
                kind="What was observed: badge, upvotes, downvotes, score, marks, or not seen (by a complete reading).",
                value="The value shown, as text; NULL where the page shows that there is none. Of not seen it is the "
                "time of the reading, and NULL where the comment was shown again.",
            ),
        },
    ),
    Table(
        "thread_observations",
        "What pages show of a thread itself and change: title, closing, declared count, score, text, one row a change.",
        {
            "id": _ID,
            "capture_id": _CAPTURE,
            **_own(
                thread_id="Thread it was observed on.",
                kind="What was observed: title, is_closed, declared_count, score, body_text or marks.",
                value="The value shown, as text; NULL where the page shows that there is none.",
            ),
        },
    ),
    Table(
        "stubs",
        "Comments known to exist whose text was not shown.",
        {
            "id": _ID,
            "capture_id": _CAPTURE,
            **_own(
                thread_id="Thread it stands in.",
                native_id="The site's own id; `~under PARENT` where the page names none (provisional, never matched).",
                count="How many comments it stands for that are not held; without an id, at least so many.",
                below="How many comments must be held below its parent for it to be done with; NULL with an id.",
                comment_id="The comment, or of several the newest, once held; NULL until then.",
                answer_capture_id="Capture of the page at its address, read since it was shown, where it has no id.",
            ),
            **_of(Stub, "parent_native_id shown url"),
        },
        "native_id",
    ),
    Table(
        "quotes",
        "Quoted spans of comments, found in their stored text, and where the words are from.",
        {
            "id": _ID,
            **_own(
                comment_id="Comment that quotes.",
                version_id="Version of that comment whose text holds the span.",
                source_comment_id="Comment the words are from.",
                source_version_id="Version of that comment whose text holds the words.",
                source_field="Which of its texts holds them: title or body.",
                source_start="First code point of the words in that text.",
                source_end="Code point after the last of the words in that text (half-open).",
                score="How alike the quoted words and those of the source are, of 100; 100 where only marks differ.",
                method_version="Version of the method that looked for the source; NULL until the thread was linked.",
            ),
            **_of(Quote, "field start end text kind source_type"),
        },
        "text",
    ),
    Table(
        "reply_edges",
        "Who answers whom, where a rule says so; the site's links (structural) and ours (inferred) are never mixed.",
        {
            "id": _ID,
            **_own(
                comment_id="Comment that answers.",
                target_comment_id="Comment that is answered.",
                family="structural (the site's own link or nesting) or inferred (from quotes and names).",
                rule="Rule that found it.",
                method_version="Version of the method that the rule is part of.",
                confidence="How sure the rule is, from 0 to 1.",
                combined="How sure all rules are together that name this target, at most 0.99.",
                evidence="JSON: what the rule went by; offsets are code points of title or body, half-open.",
            ),
        },
    ),
    Table(
        "reply_candidates",
        "Guesses at whom a comment answers, of 0.5 at most: for a reader to judge, and no edges.",
        {
            "id": _ID,
            **_own(
                comment_id="Comment that may answer.",
                target_comment_id="Comment that may be answered.",
                rule="Rule that found it.",
                method_version="Version of the method that the rule is part of.",
                confidence="How sure the rule is, from 0 to 0.5.",
                combined="How sure all rules are together that name this target.",
                evidence="JSON: what the rule went by; offsets are code points of title or body, half-open.",
            ),
        },
    ),
    Table(
        "edge_reviews",
        "What people say of reply edges; never overwritten.",
        {
            "id": _ID,
            **_own(
                comment_id="Comment that answers.",
                target_comment_id="Comment that is answered.",
                verdict="What the reviewer says of the edge: right, wrong or unsure.",
                reviewer="Who says it.",
                reviewed_at="When it was read from the reviewer's sheet, ISO 8601 UTC.",
                note="Why, in the reviewer's words.",
                rules="JSON: the rules by which the edge had been found, the surest first.",
                method_version="Version of the method that the rules are part of.",
                texts_sha256="SHA-256 of title and body of both comments as the reviewer saw them, as a JSON list.",
            ),
        },
    ),
    Table(
        "captures",
        "Every fetch and every file taken in: where its bytes are, and when and whence they came.",
        {
            "id": _ID,
            **_own(
                run_id="Run that kept it.",
                signals="JSON: what the answer says of its use, if anything: X-Robots-Tag, TDM-Reservation and "
                "TDM-Policy of its headers, robots, tdm-reservation and tdm-policy of its meta elements.",
                etag="ETag of the answer, with which `btl update` asks whether the page has changed.",
                last_modified="Last-Modified of the answer, as sent.",
            ),
            **_of(Capture, "url method fetched_at fetched_at_source status content_type"),
            **_of(Capture, "sha256 warc_file warc_offset warc_length warc_sha256"),
        },
        "url",
    ),
    Table(
        "pages",
        "The frontier: every page of a reading, and how it ended.",
        {
            "id": _ID,
            **_own(
                reading_id="Reading it is a page of.",
                method="HTTP method; INGEST for what was taken in and not fetched.",
                body="Body of the request, empty for GET; a number where files of one address were taken in.",
                host="Host that is asked, with its port; empty for what was taken in.",
                kind="page, fallback (another way, since the first was missing or too large), article (it leads to the "
                "thread), article text (the thread's article, which no verdict looks at) or taken in.",
                state="todo, done, failed, deferred (the server asks to come back later) or skipped.",
                attempts="How often it ended without being read.",
                capture_id="Capture that holds its bytes.",
                same_as_id="Capture whose bytes still stand for the page where none came: its server says so (304), "
                "or it was not asked again; NULL where bytes came.",
                comments="How many comments it shows.",
                shares="JSON: by field how many comments show it, of how many, and its site's least share.",
            ),
            **_of(Link, "url"),
            **_of(PageEnded, "reason detail not_before"),
            **_of(ThreadPage, "form disagreements"),
            **_of(Completeness, "page_number page_count is_whole is_cut is_enumerated"),
            **_of(Thread, declared="declared_count"),
            **_of(PageRead, "charset"),
        },
        "url",
    ),
    Table(
        "readings",
        "One pass over a thread each: open until all its pages have ended, then closed with a verdict.",
        {
            "id": _ID,
            "site_id": _SITE,
            **_own(
                run_id="Run that opened it or last went on with it.",
                thread_id="Thread it turned out to be of; NULL until a page was read.",
                start_url="Address it starts from.",
                repeats_id="Reading that it looks at again, asking only for what has changed since; NULL for others.",
                opened_at="When it was opened, ISO 8601 UTC.",
                closed_at="When all its pages had ended, ISO 8601 UTC; NULL while one is to do or deferred.",
                has_changes="Whether it made or changed comments.",
                with_article="Whether it asks for the page of the thread's article as well.",
                read_at="Time of its oldest capture, ISO 8601 UTC: what it did not show was not there after that. NULL "
                "where pages were not asked, or lie more than a day apart, so that it can show no absence.",
                verdict="complete (read to the end), incomplete, or unverified (nothing proves the end).",
                reason="Why it is not complete.",
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
            "id": _ID,
            **_own(
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
                discovered="Pages of its readings in all: done + failed + deferred + skipped + todo.",
                done="Pages that were read.",
                failed="Pages that could not be read.",
                deferred="Pages whose server asks to come back later.",
                skipped="Pages that were left out: by robots.txt, by their owner's reservation, or because another stands for "
                "them.",
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
        "What governed each host of a run: its robots.txt, and what its tdmrep.json reserves.",
        {
            "id": _ID,
            "run_id": Column("Run that asked."),
            **_of(HostPolicy, "origin kind decision status fetched_at"),
            "capture_id": Column("Capture of the answer; NULL where none came."),
        },
        "origin",
    ),
    Table(
        "search_queue",
        "Comments that wait to be indexed for full-text search.",
        _own(
            comment_id="Comment that waits.",
            is_indexed="Whether the index holds earlier words of it, those in this row.",
            title="Title as it stands in the index.",
            body_text="Body as it stands in the index.",
        ),
        is_internal=True,
    ),
    Table(
        "seals",
        "A hash of each row of the other tables, 256 rows to a seal, by which `btl verify` names rows that have changed.",
        {
            "id": _ID,
            **_own(
                table_name="Table whose rows they are.",
                first_row="Least row number of the 256 that it is for.",
                columns="Columns that were hashed, in their order.",
                digests="First 16 bytes of the SHA-256 of each row as a JSON list, by row number; zeros for no row.",
                sha256="SHA-256 of digests.",
            ),
        },
        is_internal=True,
    ),
    Table(
        "unsealed",
        "Rows changed or removed since their seal was made; empty once a run has finished.",
        _own(table_name="Table the row is of.", row_id="Number of the row."),
        is_internal=True,
    ),
    Table("comments_fts", "Full-text index of titles and bodies.", _of(Comment, "title body_text"), is_internal=True),
)
"""The tables of an archive; `archive.dictionary` adds the views."""
