"""Commands on trial files: start one, check it, register it, amend it, compare two versions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lighttouch.cli.support import draw_secret, say, trial_source, utc_now

if TYPE_CHECKING:
    from lighttouch.core.protocol.trial import Trial

TrialArgument = Annotated[str, typer.Argument(help="A trial file, or a name in the library.")]


NAMES = (
    "Trial file of the library to start from: letters, goal_setting, coffee, swing, "
    "weekly_messages, gratitude, nine_day or diversity."
)


def new(
    name: Annotated[str, typer.Argument(help=NAMES)],
    path: Annotated[Path, typer.Argument(help="File to write; must not exist.")],
) -> None:
    """Start a trial file from one in the library."""
    from lighttouch.core.protocol.library import library_text
    from lighttouch.core.protocol.placing import place_new

    place_new(library_text(name).encode(), path)
    say(f"Wrote {path}. Edit it, then: lighttouch check {path}")


def check(
    path: Annotated[str, typer.Argument(help="A trial file, or a name in the library.")],
) -> None:
    """Check a trial file and say what it declares."""
    from lighttouch.core.protocol.checking import list_cautions
    from lighttouch.core.protocol.describing import outline_trial

    trial = _read(path)
    for line in outline_trial(trial):
        say(line)
    for caution in list_cautions(trial):
        say(f"caution: {caution}")
    say("The trial file is valid. What it can find: lighttouch power " + path)


def register(
    path: TrialArgument,
    out: Annotated[Path, typer.Option("--out", help="The study's folder.")],
) -> None:
    """Freeze a trial file in a study folder.

    The file is copied, fingerprinted and time-stamped, and a secret for the draw is committed to.
    """
    from lighttouch.core.protocol.registering import register_trial

    _read(path)
    record = register_trial(trial_source(path), folder=out, secret=draw_secret(), now=utc_now())
    say(f"Registered {record.trial_id} at {record.registered_at}.")
    say(f"Trial file, SHA-256:       {record.protocol_sha256}")
    say(f"Commitment to the secret:  {record.secret_commitment}")
    say(f"Paste into the registry:   {out / 'protocol' / 'preregistration.md'}")
    say(f"Keep private until allocation: {out / 'secret.key'}")
    say(f"Next, for each partner: lighttouch template {path} --partner PARTNER --wave WAVE")


def amend(
    path: TrialArgument,
    study: Annotated[Path, typer.Option("--study", help="The study's folder.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")],
) -> None:
    """Amend a registered trial file, with a reason."""
    from lighttouch.core.protocol.comparing import compare_trials
    from lighttouch.core.protocol.reading import parse_trial
    from lighttouch.core.protocol.registering import amend_trial, read_text_in_force

    after = _read(path)
    before = parse_trial(read_text_in_force(study), source="version in force")
    record = amend_trial(trial_source(path), folder=study, now=utc_now(), reason=reason)
    say(f"Amendment {len(record.amendments)} of {record.trial_id}:")
    for difference in compare_trials(before, after):
        say(f"- {difference.sentence}")


def compare(
    before: Annotated[str, typer.Argument(help="The earlier trial file.")],
    after: Annotated[str, typer.Argument(help="The later trial file.")],
) -> None:
    """List every difference between two trial files."""
    from lighttouch.core.protocol.comparing import compare_trials

    differences = compare_trials(_read(before), _read(after))
    for difference in differences:
        say(f"- {difference.sentence}")
    if not differences:
        say("The two declare the same trial.")


def schema(
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; must not exist.")
    ] = None,
) -> None:
    """Write the JSON Schema of a trial file, for editors.

    It is printed unless --out names a file.
    """
    from lighttouch.core.protocol.placing import place_new
    from lighttouch.core.protocol.schema import export_json_schema

    if out is None:
        say(export_json_schema().rstrip("\n"))
        return
    place_new(export_json_schema().encode(), out)
    say(f"Wrote {out}. First line of a trial file beside it: #:schema {out.name}")


def _read(path: str) -> "Trial":
    """Read a trial and look up the instruments and scores it names in the library."""
    from lighttouch.core.instruments.checking import parse_whole_trial

    return parse_whole_trial(trial_source(path), source=Path(path).name)
