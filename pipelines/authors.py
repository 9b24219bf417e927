"""The stage for authors: white space, staff suffix and kind."""

from dataclasses import replace

from belowtheline.reading.items import (
    NOT_SHOWN,
    Author,
    AuthorKind,
    Comment,
    Conventions,
    ThreadPage,
    shown,
)


def normalise_authors(page: ThreadPage) -> ThreadPage:
    """Return the page with its authors' names cleaned and their kinds decided."""
    conventions = page.conventions
    comments = tuple(_with_author(comment, conventions) for comment in page.comments)
    thread = page.thread
    if opener := shown(thread.author):
        thread = replace(thread, author=normalise_author(opener, conventions))
    return replace(page, comments=comments, thread=thread)


def _with_author(comment: Comment, conventions: Conventions) -> Comment:
    author = comment.author
    if author is NOT_SHOWN or author is None:
        return comment
    return replace(comment, author=normalise_author(author, conventions))


def normalise_author(author: Author, conventions: Conventions) -> Author:
    """Return an author with the staff suffix taken off the name and the kind decided.

    >>> normalise_author(Author(name=" Ann  Other (Staff)"), Conventions(staff_suffixes=("(Staff)",))).name
    'Ann Other'
    """
    name = " ".join((author.name or "").split())
    # A site that marks its staff by a suffix says of all others that they are not; else only a page can say so.
    is_staff = False if author.is_staff is None and conventions.staff_suffixes else author.is_staff
    for suffix in conventions.staff_suffixes:
        if name.endswith(suffix):
            name, is_staff = name.removesuffix(suffix).rstrip(), True
    return Author(
        name=name or None,
        native_id=author.native_id,
        profile_url=author.profile_url,
        image_url=author.image_url,
        kind=author.kind or _kind(author, name, conventions),
        is_staff=is_staff,
        badge=author.badge,
        marks=author.marks,
    )


def _kind(author: Author, name: str, conventions: Conventions) -> AuthorKind | None:
    # A link or a badge is an account's, whatever the account is called: "Anonymous Coward" is a registered name, too.
    if shown(author.native_id) or shown(author.profile_url) or shown(author.badge):
        return "account"
    if name in conventions.deleted_names:
        return "deleted"
    if name in conventions.anonymous_names or not name:
        return "anonymous"
    # Only a page that shows accounts, and none here, shows a guest: copied text shows neither.
    return "guest" if author.native_id is None or author.profile_url is None else None
