"""Messages of surveys have names of their own among deliveries."""

import polars as pl

from lighttouch.core.archive.delivering import delivery_steps, find_reached
from lighttouch.core.archive.layout import DELIVERY_COLUMNS
from lighttouch.core.protocol.library import library_text
from lighttouch.core.protocol.reading import parse_trial


def test_every_message_the_trial_file_plans_can_be_listed_and_no_other() -> None:
    letters = parse_trial(library_text("letters"))
    steps = delivery_steps(letters)
    listed = {step for intervention, step in steps if intervention == "survey"}
    surveys = {wave.id: wave.survey for wave in letters.waves if wave.survey}
    assert {f"{wave}-invitation" for wave in surveys} < listed
    assert len(listed) == sum(1 + len(one.reminders) for one in surveys.values())
    assert len(steps) == len(listed) + sum(len(part.steps) for part in letters.interventions)


def test_nobody_was_reached_by_a_table_without_rows() -> None:
    empty = pl.DataFrame(schema=dict.fromkeys(DELIVERY_COLUMNS, pl.String))
    found = find_reached(empty)
    assert found is not None
    assert found.is_empty()
