"""Whatever fails to come back, everyone randomised stays in, in the arm allocated."""

import polars as pl
from datasets_cast import ARMS, RETURNS, archive
from hypothesis import given, settings
from hypothesis import strategies as st

from lighttouch.core.datasets.building import build_analysis_set

WHOLE = archive()
LATER = [key for key in RETURNS if key[1] != "baseline"]
ROWS = [(key, staff) for key in LATER for staff in RETURNS[key]["staff_id"]]
assert WHOLE.responses is not None
ANSWERED = range(len(WHOLE.responses))


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.sampled_from(ROWS)),
    st.sets(st.sampled_from(ANSWERED)),
    st.sampled_from([*LATER, None]),
)
def test_losing_rows_answers_or_a_return_drops_nobody_and_moves_nobody_else(
    lost: set[tuple[tuple[str, str], str]],
    unanswered: set[int],
    unsent: tuple[str, str] | None,
) -> None:
    returns = {
        key: frame.filter(~pl.col("staff_id").is_in([who for at, who in lost if at == key]))
        for key, frame in RETURNS.items()
        if key != unsent
    }
    assert WHOLE.responses is not None
    kept = [row for row in ANSWERED if row not in unanswered]
    made = archive(returns=returns, responses=WHOLE.responses[kept])
    frame = build_analysis_set(made).frame
    whole = build_analysis_set(WHOLE).frame
    assert dict(zip(frame["participant"], frame["arm"], strict=True)) == ARMS
    untouched = _untouched(lost, unsent)
    for outcome in ("attendance", "attendance_interim", "left"):
        columns = ["participant", f"outcome:{outcome}"]
        here, there = (
            one.select(columns).filter(pl.col("participant").is_in(untouched))
            for one in (frame, whole)
        )
        assert here.equals(there)


def _untouched(lost: set[tuple[tuple[str, str], str]], unsent: tuple[str, str] | None) -> list[str]:
    touched = {f"{partner}/{who}" for (partner, _), who in lost}
    partner = unsent[0] if unsent else ""
    return [who for who in ARMS if who not in touched and who.split("/")[0] != partner]
