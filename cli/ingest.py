"""`btl ingest`: take saved, copied and captured pages into an archive."""

from pathlib import Path

import click


@click.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--site", help="Read every page as this site's (see `btl sites`), instead of recognising it.")
@click.option("--url", help="Address of the page, where it does not say its own; for one PATH.")
@click.option("--fetched-at", metavar="TIME", help="When the pages were fetched, ISO 8601, such as 2009-07-18T09:35Z.")
@click.pass_context
def command(
    ctx: click.Context, archive: Path, paths: tuple[str, ...], site: str | None, url: str | None, fetched_at: str | None
) -> None:
    """Import saved pages, WARC files or exports into ARCHIVE.

    A PATH is a .html, .txt, .json, .xml or .warc file, gzipped or not, a folder of them, or - for standard input.

    The bytes are kept beside the archive before they are read. Files and records that cannot be read are reported and
    the others are imported: the exit code is then 3, or 4 where a page has a layout that its site does not know. Pages
    that are held already count with the verdicts of their threads.

    In a folder, files of other kinds (.mhtml, .pdf, .zip) are skipped and reported, and the exit code stays as it is;
    named on the command line they count as not read. An export larger than a page may be (32 MiB) is read thread by
    thread, where its site can divide it.
    """
    from belowtheline.cli.console.times import fetch_time_option
    from belowtheline.jobs.contact import is_web_address
    from belowtheline.jobs.ingest import take_all
    from belowtheline.jobs.inputs import check_archive, check_paths
    from belowtheline.sites.registry import site_named

    check_archive(archive, paths, "ingest")
    if url and not url.isprintable():
        raise click.UsageError(f"--url {url!r} is no address: write what cannot be read in it as %XX.")
    if url and not is_web_address(url):
        raise click.UsageError(f"--url {url} is no web address: give one that starts with http:// or https://.")
    if url and (len(paths) > 1 or Path(paths[0]).is_dir() or paths[0].endswith((".warc", ".warc.gz"))):
        raise click.UsageError("--url is the address of one page: give one file with it.")
    check_paths(paths)
    if site:
        site_named(site)
    ctx.exit(take_all(archive, paths, site, url, fetch_time_option(fetched_at, "--fetched-at")))
