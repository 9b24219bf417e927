"""Whose words are quoted and who answers whom."""

from belowtheline.archive.descriptions.parts import ID, Table, of, own
from belowtheline.reading.items import Quote

TABLES = (
    Table(
        "quotes",
        "Quoted spans of comments, found in their stored text, and where the words are from.",
        {
            "id": ID,
            **own(
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
            **of(Quote, "field start end text kind source_type"),
        },
        "text",
    ),
    Table(
        "reply_edges",
        "Who answers whom, where a rule says so; the site's links (structural) and ours (inferred) are never mixed.",
        {
            "id": ID,
            **own(
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
            "id": ID,
            **own(
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
            "id": ID,
            **own(
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
)
