"""The option that says how many pages of one thread may be asked for."""

import click

MAX_PAGES = 10_000  # as in archive.pagelimits, which --help does not import

max_pages_option = click.option(
    "--max-pages",
    metavar="N",
    type=click.IntRange(1),
    default=MAX_PAGES,
    show_default=True,
    help="Pages of one thread at most.",
)
