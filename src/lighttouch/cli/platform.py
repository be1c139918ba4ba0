"""Commands of the platform: serve it, work for it, look after it.

The command line knows the platform by one name only, looked up when a command is used, so that
everything else runs without Django.
"""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from lighttouch.cli.support import progress_bar, say

audit = typer.Typer(help="Look after the audit log.", no_args_is_help=True)
archive = typer.Typer(help="Take archives out of the platform and in.", no_args_is_help=True)


def commands(name: str = "commands") -> Any:  # noqa: ANN401 - a module that is not always there
    """Return a module of the platform, ready to use.

    Raises
    ------
    InputError
        If the platform is not installed.
    """
    from lighttouch.core.errors import InputError

    try:
        import_module("lighttouch.web.config.commands").prepare()
        return import_module(f"lighttouch.web.config.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("lighttouch"):
            raise
        raise InputError(
            "the platform needs software that is not installed",
            where=error.name or "",
            remedy="Install lighttouch[web]",
        ) from error


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    web: Annotated[int, typer.Option(min=1, help="Web processes.")] = 2,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each web process.")] = 4,
    workers: Annotated[int, typer.Option(min=0, help="Processes for work in the background.")] = 1,
) -> None:
    """Serve the site, with workers for long work, until stopped.

    Brings the databases up to date first.
    """
    commands("serving").serve(
        host=host, port=port, web=web, threads=threads, workers=workers, say=say
    )


def work() -> None:
    """Do long work in the background until stopped, beside others that do the same."""
    commands().work()


def migrate() -> None:
    """Bring both databases up to date."""
    commands().migrate()
    say("Both databases are up to date.")


def invite(
    email: Annotated[str, typer.Argument(help="E-mail address of the administrator.")],
    name: Annotated[str, typer.Option(help="Their name.")],
) -> None:
    """Make the first administrator, and print the link that lets them in.

    An administrator whose mail fails gets a fresh link.
    """
    say("Give this link to nobody else. It works once, for seven days:")
    say(commands().invite_administrator(email=email, name=name))


@audit.command("verify")
def verify_audit(
    expect: Annotated[
        str | None, typer.Option("--expect", help="A seal noted earlier; it must be in the log.")
    ] = None,
) -> None:
    """Check that no event was removed or altered."""
    code: int = commands().verify_audit(expect, say)
    if code:
        raise typer.Exit(code)


@archive.command("export")
def export_archive(
    trial: Annotated[str, typer.Argument(help="The trial's id.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to make.")],
) -> None:
    """Write a trial's archive as a folder."""
    with progress_bar() as progress:
        commands().export_archive(trial, out, say, progress)


@archive.command("import")
def import_archive(
    folder: Annotated[Path, typer.Argument(help="An archive.")],
) -> None:
    """Take in an archive of another instance, after checking all of it."""
    with progress_bar() as progress:
        commands().import_archive(folder, say, progress)


def backup(
    out: Annotated[Path, typer.Option("--out", help="The folder to make.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put the secret keys in too.")
    ] = False,
) -> None:
    """Copy both databases and the files, with a checksum of each."""
    commands("backups").write_backup(out, with_keys=with_keys, say=say)


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup.")],
) -> None:
    """Restore a backup into an empty instance, after checking all of it."""
    commands("restoring").restore_backup(folder, say=say)
