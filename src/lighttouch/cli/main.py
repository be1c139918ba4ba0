"""The ``lighttouch`` command: registers every stage's commands and turns faults into exit codes.

Exit codes: 0 done; 1 something is wrong with the input, said on standard error; 2 the command was
called wrongly; 130 interrupted.
"""

import os
import sys

import typer

from lighttouch.cli import allocation, demo, platform, power, protocol, report, returns, simulate
from lighttouch.cli.support import FAULT_EXIT, say, show_faults

INTERRUPTED_EXIT = 130

app = typer.Typer(
    name="lighttouch",
    help="Light-touch workforce trials, from a one-file protocol to a reproducible report.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.command("new")(protocol.new)
app.command("check")(protocol.check)
app.command("schema")(protocol.schema)
app.command("power")(power.power)
app.command("register")(protocol.register)
app.command("amend")(protocol.amend)
app.command("compare")(protocol.compare)
app.command("template")(returns.template)
app.command("check-return")(returns.check_return)
app.command("allocate")(allocation.allocate)
app.command("run")(report.run)
app.command("report")(report.report)
app.command("verify")(report.verify)
app.command("simulate")(simulate.simulate)
app.command("demo")(demo.demo)
app.command("serve")(platform.serve)
app.command("work")(platform.work)
app.command("migrate")(platform.migrate)
app.command("invite")(platform.invite)
app.command("backup")(platform.backup)
app.command("restore")(platform.restore)
app.add_typer(platform.audit, name="audit")
app.add_typer(platform.archive, name="archive")


def _show_version(asked: bool) -> None:
    if asked:
        from lighttouch import __version__

        say(__version__)
        raise typer.Exit


@app.callback()
def _options(
    _version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Light-touch workforce trials, from a one-file protocol to a reproducible report."""


def main() -> None:
    """Run the command line.

    Linear algebra gets one thread: the work is many small matrices, which threads slow down, and
    sums are then added up in the same order on every machine.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except SystemExit as ended:  # typer makes an exit of an interruption, without a word
        if ended.code == INTERRUPTED_EXIT:
            print("Interrupted. Nothing unfinished was kept.", file=sys.stderr)  # noqa: T201
        raise
    except Exception as error:
        _exit_for(error)


def _exit_for(error: Exception) -> None:
    """Show an expected fault and exit; let a defect of ours through with its traceback."""
    from lighttouch.core.errors import InputError, LighttouchError

    if isinstance(error, OSError):
        error = InputError(
            (error.strerror or "the file cannot be used").lower(),
            where=str(error.filename or ""),
            remedy="Check the path and that you may read and write there",
        )
    if not isinstance(error, LighttouchError):
        raise error
    show_faults(error)
    sys.exit(FAULT_EXIT)
