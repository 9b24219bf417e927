"""The command line: one module a verb; imports everything below, and heavy things only inside commands."""

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "crawl": "crawl",
    "update": "update",
    "retry": "retry",
    "ingest": "ingest",
    "status": "status",
    "show": "show",
    "log": "log",
    "diff": "diff",
    "explain": "explain",
    "search": "search",
    "export": "export",
    "browse": "browse",
    "sites": "sites",
    "try": "try_page",
    "new-site": "new_site",
    "link": "link",
    "evaluate": "evaluate",
    "review": "review",
    "verify": "verify",
    "reparse": "reparse",
    "demo": "demo",
}
"""Each command and the module that holds it as `command`; modules import at the top only what `--help` needs."""


class Program(click.Group):
    """A group that imports a command's module only when the command is looked at."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"belowtheline.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the command line; --help and --version may have a reader that goes away."""
        from belowtheline.cli.process import output_until_closed

        with output_until_closed():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a foreseen error is one sentence on stderr and an exit code."""
        from belowtheline.archive.store.blame import wrong_values_named
        from belowtheline.archive.store.interrupts import is_interruption
        from belowtheline.cli.process import INTERRUPTED_SAID, output_until_closed
        from belowtheline.reading.errors import BelowTheLineError, WrongUsage

        try:
            with output_until_closed(), wrong_values_named():
                return super().invoke(ctx)
        except WrongUsage as error:
            from belowtheline.cli.console.text import safe_terminal

            raise click.UsageError(safe_terminal(str(error)), self._asked(ctx)) from error
        except BelowTheLineError as error:
            from belowtheline.cli.console.text import safe_terminal
            from belowtheline.jobs.endings import ending_of

            if not is_interruption(error):
                click.echo(f"btl: {safe_terminal(str(error))}", err=True)
                ctx.exit(ending_of(error))
        except KeyboardInterrupt:
            pass
        click.echo(INTERRUPTED_SAID, err=True)
        from belowtheline.jobs.endings import Ending

        return ctx.exit(Ending.INTERRUPTED)

    def _asked(self, ctx: click.Context) -> click.Context:
        """Return what tells how the command is used that was asked for."""
        name = ctx.invoked_subcommand or ""
        command = self.get_command(ctx, name)
        return ctx if command is None else click.Context(command, ctx, name)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="belowtheline", prog_name="btl")
def main() -> None:
    """Archive the comment threads under news articles.

    Crawl or ingest threads into one SQLite file, see what is held and whether it is complete, and export it.
    """


def run() -> None:
    """Run the command line as a process of its own and end it with the exit code."""
    from belowtheline.cli.process import run_process

    run_process(main)
