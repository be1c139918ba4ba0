"""What was amended on the site is a deviation in the report, with its reason."""

import shutil
from pathlib import Path

from lighttouch.core.protocol.library import library_text
from lighttouch.core.reporting.pipeline import run_trial
from lighttouch.core.simulation.study import simulate_study
from lighttouch.web.protocols import actions, queries
from tests.web.cast import NOW, Cast
from tests.web.protocols.cases import LATER, amended, approved, edit, start_trial

TEXT = library_text("nine_day")
AMENDED = edit(TEXT, ('title = "', 'title = "Amended: '))


def test_reason_of_an_amendment_reaches_the_report(cast: Cast, tmp_path: Path) -> None:
    study = tmp_path / "study"
    simulate_study(TEXT, seed=1, folder=study)
    secret = bytes.fromhex((study / "secret.key").read_text(encoding="ascii"))
    trial = start_trial(cast, TEXT)
    approved(cast, trial)
    actions.register(trial=trial, by=cast["trial_manager"], now=NOW, secret=secret)
    amended(cast, trial, AMENDED, reason="A clearer title.")
    shutil.rmtree(study / "protocol")
    for name, content in queries.registered_files(trial).items():
        (study / name).parent.mkdir(exist_ok=True)
        (study / name).write_bytes(content)
    text = queries.text_in_force(trial)
    results = run_trial(text, data=study, out=tmp_path / "out", progress=lambda *_: None)
    deviation = next(d for d in results.deviations if d.decision == "changed plan 1: title")
    assert deviation.reason == f"Amendment 1, {LATER:%Y-%m-%d}: A clearer title."
    assert (tmp_path / "out" / "protocol" / "amendment-01.toml").read_text("utf-8") == AMENDED
