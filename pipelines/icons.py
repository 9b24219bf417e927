"""The stage for icons: name and file name kept as published, an icon without either is none."""

from dataclasses import replace

from belowtheline.reading.items import NOT_SHOWN, Comment, Icon, ThreadPage, shown


def normalise_icons(page: ThreadPage) -> ThreadPage:
    """Return the page with white space about icon names collapsed."""
    return replace(page, comments=tuple(_with_icon(comment) for comment in page.comments))


def _with_icon(comment: Comment) -> Comment:
    icon = comment.icon
    if icon is NOT_SHOWN or icon is None:
        return comment
    name = " ".join((icon.name or "").split()) or None
    if name == icon.name and name is not None:
        return comment
    kept = Icon(name=name, image_url=icon.image_url) if name or shown(icon.image_url) else None
    return replace(comment, icon=kept)
