"""What pages say: threads, authors, comments and how they changed."""

from belowtheline.archive.descriptions.parts import (
    CAPTURE,
    FIELD_TIMES,
    FIRST_SEEN,
    ID,
    LAST_SEEN,
    SITE,
    Column,
    Table,
    of,
    own,
)
from belowtheline.reading.items import Article, Author, Comment, Icon, Stub, Thread

TABLES = (
    Table("sites", "The sites that threads are from.", {"id": ID, **of(Thread, name="site")}, "name"),
    Table(
        "articles",
        "The articles that threads stand under, as far as the threads' pages show them, or their own page where held.",
        {
            "id": ID,
            "site_id": SITE,
            **own(key="What tells it from other articles: its address, or its headline where no page has shown one."),
            **of(Article, "url headline teaser body_text published_at published_raw"),
            "last_seen_at": LAST_SEEN,
            "field_times": FIELD_TIMES,
            "capture_id": Column("Capture of the page that shows its text; NULL where no text is held."),
        },
        "headline",
    ),
    Table(
        "threads",
        "The comment threads, one row each, in their present state.",
        {
            "id": ID,
            "site_id": SITE,
            **of(Thread, "instance native_id url title is_closed declared_count score published_at published_raw"),
            **of(Thread, "body_html body_text marks", article_id="article", author_id="author"),
            **own(headline_key="Headline as letters and digits, by which a page without an address finds its thread."),
            "first_seen_at": FIRST_SEEN,
            "last_seen_at": LAST_SEEN,
            **own(
                all_seen_at="When a page last showed every comment as it is held; later than what its comments say.",
                linked_version="Version of the method that linked quotes and replies; NULL while that is to be done.",
            ),
            "field_times": FIELD_TIMES,
        },
        "title",
    ),
    Table(
        "authors",
        "Who wrote: an account has one row a site, a guest or a mere name one a thread, all others one a comment.",
        {
            "id": ID,
            "site_id": SITE,
            **own(
                key="What tells the author from others: kind, site and id or name; of the anonymous, the comment.",
                seen_at="Time of the capture that name and picture are from, ISO 8601 UTC; NULL where it is not dated.",
            ),
            **of(Thread, "instance"),
            **of(Author, "native_id name kind profile_url image_url marks"),
        },
        "name",
    ),
    Table(
        "icons",
        "The pictures that authors chose for single comments.",
        {
            "id": ID,
            "site_id": SITE,
            **own(
                key="Its name, or the image's file name where it has none.",
                capture_id="Capture of its image; NULL until `btl crawl --with-icons` had it.",
            ),
            **of(Icon, "name image_url"),
        },
        "name",
    ),
    Table(
        "comments",
        "The comments in their present state: per field, the newest value that a capture showed.",
        {
            "id": ID,
            **own(
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
                page_id="Page that was recorded last of those that show it; NULL where an older btl recorded it.",
                shown_sha256="SHA-256 of all that its newest capture shows of it, which tells whether it has changed.",
            ),
            **of(Comment, page_position="position", author_id="author", icon_id="icon"),
            **of(Comment, "parent_native_id parent_url depth title re_title title_source body_text body_html"),
            **of(Comment, "published_at published_raw published_precision published_source"),
            **of(Comment, "is_edited edited_at edited_raw deletion upvotes downvotes score url marks"),
            **of(Author, "is_staff badge", author_name="name"),
            "first_seen_at": FIRST_SEEN,
            "last_seen_at": LAST_SEEN,
            "field_times": FIELD_TIMES,
        },
        "author_name",
    ),
    Table(
        "comment_versions",
        "The full content of a comment, one row a change, so that edits and deletions can be read.",
        {
            "id": ID,
            "capture_id": CAPTURE,
            **own(
                comment_id="Comment whose content it is.",
                shown_at="First time this content is known to have been shown, ISO 8601 UTC; NULL where nothing says.",
                content_sha256="SHA-256 of author_name, icon, deletion, title, body_text and body_html as a JSON list.",
            ),
            **of(Author, author_name="name"),
            **of(Icon, icon="name"),
            **of(Comment, "deletion title body_text body_html"),
        },
        "shown_at",
    ),
    Table(
        "observations",
        "What changes often and is no part of a version: badge, votes, score, marks and absence, one row a change.",
        {
            "id": ID,
            "capture_id": CAPTURE,
            **own(
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
            "id": ID,
            "capture_id": CAPTURE,
            **own(
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
            "id": ID,
            "capture_id": CAPTURE,
            **own(
                thread_id="Thread it stands in.",
                native_id="The site's own id; `~under PARENT` where the page names none (provisional, never matched).",
                count="How many comments it stands for that are not held; without an id, at least so many.",
                below="How many comments must be held below its parent for it to be done with; NULL with an id.",
                comment_id="The comment, or of several the newest, once held; NULL until then.",
                answer_capture_id="Capture of the page at its address, read since it was shown, where it has no id.",
            ),
            **of(Stub, "parent_native_id shown url"),
        },
        "native_id",
    ),
)
