"""What the archive keeps for its own use: search and seals."""

from belowtheline.archive.descriptions.parts import ID, Table, of, own
from belowtheline.reading.items import Comment

TABLES = (
    Table(
        "search_queue",
        "Comments that wait to be indexed for full-text search.",
        own(
            comment_id="Comment that waits.",
            is_indexed="Whether the index holds earlier words of it, those in this row.",
            title="Title as it stands in the index.",
            body_text="Body as it stands in the index.",
        ),
        is_internal=True,
    ),
    Table(
        "seals",
        "A hash of each row of the other tables, 256 rows a seal, by which `btl verify` names rows that have changed.",
        {
            "id": ID,
            **own(
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
        own(table_name="Table the row is of.", row_id="Number of the row."),
        is_internal=True,
    ),
    Table(
        "search_words",
        "Words of comments as the index wants them where SQLite does not divide or fold them, as in Chinese or Thai.",
        own(
            comment_id="Comment they are of.",
            title="Words of its title: of runs without spaces each two characters, and last the single one.",
            body_text="The same of its body.",
        ),
        is_internal=True,
    ),
    Table(
        "comments_searched",
        "What is indexed for full-text search.",
        {
            **own(id="Row of the comment."),
            **of(Comment, "title body_text"),
            **own(
                title_words="Divided words of the title, where it needs them.",
                body_words="Divided words of the body, where it needs them.",
            ),
        },
        is_view=True,
        is_internal=True,
    ),
    Table(
        "comments_fts",
        "Full-text index of titles and bodies.",
        {
            **of(Comment, "title body_text"),
            **own(title_words="Divided words of the title.", body_words="Divided words of the body."),
        },
        is_internal=True,
    ),
)
