"""The texts of a thread as folded documents: the article's first, then the comments' in the order of time."""

import dataclasses
from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from belowtheline.archive.links.texts import CommentText, Field, ThreadText, VersionText
from belowtheline.pipelines.linking.folding import Folded, fold
from belowtheline.pipelines.linking.order import in_time
from belowtheline.pipelines.linking.spans import Span, spans_of

ARTICLE = -1
"""Place in time of the article's texts: before every comment."""


@dataclass(slots=True, eq=False)
class Document:
    """One text: an article's, or title or body of one version of a comment."""

    place: int
    source_type: str
    text: str
    folded: Folded
    ids: "array[int]"
    """The words as numbers, the same for the same word throughout the thread."""
    comment: CommentText | None = None
    version: VersionText | None = None
    field: Field | None = None
    spans: list[Span] = dataclasses.field(default_factory=list)
    elsewhere: list[tuple[int, int]] = dataclasses.field(default_factory=list)
    """Spans of it, in words, that are quoted from no comment: filled as the thread is gone through."""

    @property
    def is_present(self) -> bool:
        """Whether it is what the comment says now."""
        return self.comment is None or self.version is self.comment.present


@dataclass(slots=True)
class Texts:
    """All texts of a thread, with the comments in the order of time."""

    comments: list[CommentText]
    documents: list[Document]
    of_comment: list[list[Document]]
    """By place in time: the present title and body first, then those of earlier versions."""
    vocabulary: Mapping[str, int]
    """The number of each word, in their order."""


def texts_of(thread: ThreadText) -> Texts:
    """Fold all texts of a thread."""
    vocabulary: defaultdict[str, int] = defaultdict(count().__next__)
    texts = Texts(in_time(thread.comments), [], [], vocabulary)
    article = [("article_title", title) for title in thread.titles]
    article += [("article_teaser", thread.teaser or ""), ("article_body", thread.article_body or "")]
    texts.documents += [_document(vocabulary, ARTICLE, kind, text) for kind, text in article if text]
    for place, comment in enumerate(texts.comments):
        ours = list(_documents(vocabulary, place, comment))
        texts.of_comment.append(ours)
        texts.documents += ours
    return texts


def _documents(vocabulary: Mapping[str, int], place: int, comment: CommentText) -> Iterator[Document]:
    for version in (comment.present, *comment.earlier):
        for name, text, html in (("title", version.title, None), ("body", version.body_text, version.body_html)):
            if not text:
                continue
            document = _document(vocabulary, place, "comment", text)
            document.comment, document.version = comment, version
            document.field = "title" if name == "title" else "body"
            document.spans = spans_of(text, document.field, document.folded, html)
            yield document


def _document(vocabulary: Mapping[str, int], place: int, source_type: str, text: str) -> Document:
    folded = fold(text)
    ids = array("I", map(vocabulary.__getitem__, folded.words))
    return Document(place, source_type, text, folded, ids)
