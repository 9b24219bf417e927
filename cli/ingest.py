"""`btl ingest`: take saved, copied and captured pages into an archive."""

from pathlib import Path

import click


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--site", help="Read every page as this site's (see `btl sites`), instead of recognising it.")
@click.option("--url", help="Address of the page, where it does not say its own; for one PATH.")
@click.option("--fetched-at", metavar="TIME", help="When the pages were fetched, ISO 8601, such as 2009-07-18T09:35Z.")
@click.pass_context
def command(
    ctx: click.Context, archive: Path, paths: tuple[str, ...], site: str | None, url: str | None, fetched_at: str | None
) -> None:
    """Take pages into ARCHIVE: .html, .txt, .json and .warc.gz files, folders of them, or - for standard input.

    The bytes are kept beside the archive before they are read. A file that cannot be read is named, the others go on,
    and the exit code is 3, or 4 where a page has a layout that its site does not know.
    """
    from belowtheline.cli.intake import take_all
    from belowtheline.cli.times import utc_option
    from belowtheline.scraper.registry import site_named

    if site:
        site_named(site)
    if url and (len(paths) > 1 or Path(paths[0]).is_dir() or paths[0].endswith((".warc", ".warc.gz"))):
        raise click.UsageError("--url is the address of one page: give one file with it.")
    ctx.exit(take_all(archive, paths, site, url, utc_option(fetched_at, "--fetched-at")))
