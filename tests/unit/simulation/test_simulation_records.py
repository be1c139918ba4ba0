"""What partners hold, and which of it they send."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from simulation_cases import Simulated, simulate, simulated

from lighttouch.core.protocol.people import ExtraColumn
from lighttouch.core.simulation.profile import Rows
from lighttouch.core.simulation.profiles import read_profile
from lighttouch.core.simulation.records import add_joiners, build_record, select_rows
from lighttouch.core.simulation.streams import Streams


def _record(case: Simulated, partner: str, wave: str) -> pl.DataFrame:
    return build_record(
        case.trial,
        case.profile,
        case.trial.partner(partner),
        case.trial.wave(wave),
        case.people,
        case.untreated,
    )


def test_record_has_everyone_and_every_column_of_the_wave() -> None:
    case = simulated("letters")
    baseline, endline = _record(case, "dudley", "baseline"), _record(case, "dudley", "endline")
    assert baseline.height == endline.height == 152
    assert set(baseline.columns) - set(endline.columns) == {"manager_feedback"}
    assert baseline["staff_id"].to_list() == endline["staff_id"].to_list()


def test_record_names_leavers_once_they_left() -> None:
    case = simulated("goal_setting")
    interim, endline = _record(case, "kent", "interim"), _record(case, "kent", "endline")
    gone = interim["leaving_date"].is_not_null()
    assert endline.filter(gone)["leaving_date"].equals(interim.filter(gone)["leaving_date"])
    assert endline["leaving_date"].count() > interim["leaving_date"].count() > 0


def test_record_length_of_service_moves_on() -> None:
    case = simulated("goal_setting")
    before, after = _record(case, "kent", "baseline"), _record(case, "kent", "endline")
    grown = (after["tenure_months"] - before["tenure_months"]).drop_nulls()
    assert set(grown.to_list()) <= {5.0, 6.0}


def test_record_counts_most_days_as_absence_where_the_profile_says() -> None:
    case = simulated("goal_setting")
    bromley = _record(case, "bromley", "interim")
    assert bromley["absence_days"].mean() > 35  # type: ignore[operator]
    assert (bromley["illness_days"] <= bromley["absence_days"]).all()
    assert _record(case, "kent", "interim")["absence_days"].mean() < 15  # type: ignore[operator]


def test_record_of_a_date_is_counted_back_from_launch() -> None:
    case = simulated("letters")
    day = ExtraColumn(id="last_review", heading="Last review", kind="date")
    population = case.trial.population
    extras = (*population.extra_columns, day)
    trial = case.trial.model_copy(
        update={"population": population.model_copy(update={"extra_columns": extras})}
    )
    other = simulate(trial, case.profile)
    record = _record(other, "dudley", "baseline")
    launch = trial.partner("dudley").launch
    assert launch is not None
    latest, earliest = record["last_review"].max(), record["last_review"].min()
    assert launch - timedelta(days=40) < earliest <= latest <= launch  # type: ignore[operator]


def test_rows_sent_leave_out_those_gone_before_launch_and_a_few_others() -> None:
    case = simulated("letters")
    partner, wave = case.trial.partner("dudley"), case.trial.wave("endline")
    record = _record(case, "dudley", "endline")
    rows = select_rows(case.profile, partner, wave, record, Streams(1))
    assert partner.launch is not None
    early = (record["leaving_date"] < partner.launch).fill_null(False)
    assert early.sum() > 0
    assert not early[rows].any()
    assert 0.7 < len(rows) / record.height < 0.9


@pytest.mark.parametrize(("kept", "leavers"), [(1.0, 0.0), (0.0, 1.0)])
def test_rows_of_stayers_and_leavers_are_kept_apart(kept: float, leavers: float) -> None:
    case = simulated("goal_setting")
    rows = Rows(kept=kept, leavers_kept=leavers)
    profile = case.profile.model_copy(update={"returns": {"every": rows}})
    record = _record(case, "kent", "endline")
    partner, wave = case.trial.partner("kent"), case.trial.wave("endline")
    sent = record[select_rows(profile, partner, wave, record, Streams(1))]
    assert sent["leaving_date"].is_null().all() == (kept == 1)
    assert sent.height == (record["leaving_date"].is_null() == (kept == 1)).sum()


def test_joiners_have_new_codes_and_no_service() -> None:
    case = simulated("goal_setting")
    profile = read_profile("goal_setting")
    record = _record(case, "kent", "endline")
    partner, wave = case.trial.partner("kent"), case.trial.wave("endline")
    joined = add_joiners(profile, partner, wave, record, Streams(1))
    new = joined[record.height :]
    assert new.height == round(0.05 * record.height)
    assert (new["tenure_months"] == 0).all()
    assert new["leaving_date"].is_null().all()
    assert joined["staff_id"].is_unique().all()
    none = profile.model_copy(update={"returns": {}})
    assert add_joiners(none, partner, wave, record, Streams(1)).equals(record)


def test_record_never_passes_the_days_due() -> None:
    case = simulated("goal_setting")
    for partner in ("bromley", "kent"):
        record = _record(case, partner, "interim")
        assert record["absence_days"].max() <= 66  # type: ignore[operator]
        assert np.isfinite(record["absence_days"].to_numpy()).all()
