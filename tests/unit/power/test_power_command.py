"""The command: what it prints and writes, and where it simulates."""

import sys
from pathlib import Path

import joblib
import pytest

from lighttouch.cli.power import power, use_scheduler
from lighttouch.core.errors import InputError


def test_power_command_prints_the_report_and_writes_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    power("letters", out=tmp_path / "out")
    printed = capsys.readouterr().out
    assert "Power before launch" in printed
    assert "simulation" not in printed
    assert (tmp_path / "out" / "power.json").exists()


def test_power_command_simulates_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    power("coffee", simulate=True, draws=100, seed=5, workers=1)
    assert "Simulated: 100 trials for each outcome, seed 5." in capsys.readouterr().out


def test_power_on_a_scheduler_without_its_software_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(InputError, match=r"Install lighttouch\[cluster\]"),
        use_scheduler("tcp://127.0.0.1:1"),
    ):
        pass


def test_power_without_a_scheduler_runs_here() -> None:
    here = type(joblib.parallel.get_active_backend()[0])
    with use_scheduler(None):
        assert type(joblib.parallel.get_active_backend()[0]) is here


@pytest.mark.slow
def test_power_command_uses_the_scheduler_named(capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        dashboard_address=None,
        protocol="tcp",
        host="127.0.0.1",
    )
    power("coffee", simulate=True, draws=100, seed=5, workers=1)
    here = capsys.readouterr().out
    with cluster:
        power("coffee", draws=100, seed=5, scheduler=cluster.scheduler_address)
    assert capsys.readouterr().out == here


@pytest.mark.slow
def test_power_on_a_scheduler_that_does_not_answer_is_a_fault() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no scheduler answers"), use_scheduler("nonsense://x:1"):
        pass
