"""One answer is allowed exactly when a file of answers allows it."""

import polars as pl
import pytest

from lighttouch.core.instruments.allowing import check_answer
from lighttouch.core.instruments.answers import check_answers
from lighttouch.core.instruments.library import read_library

VALUES = [
    *("-1", "0", "1", "5", "6", "7", "10", "11", "2.0", "2.5", " 3 ", "three", "nan", "1_0", ""),
    *("Yes", "Good", "Other", "Other: a bus", "Planning|Reflecting", "Planning| Other: tea", "a|b"),
    *("Prefer not to say", "4 or more", "Thank you, it was good."),
]


@pytest.mark.parametrize("instrument", read_library().instruments.values(), ids=lambda one: one.id)
def test_one_answer_is_judged_as_a_file_of_them_is(instrument: object) -> None:
    library = read_library()
    found = library.instrument(instrument.id)  # type: ignore[attr-defined]
    item = found.items[0].id
    for value in VALUES:
        file = {"participant": ["a/1"], "wave": ["baseline"], "item": [item], "value": [value]}
        faults = check_answers(pl.DataFrame(file), library)
        told = check_answer(value, found.response)
        assert [fault.what for fault in faults] == ([told] if told else []), value
