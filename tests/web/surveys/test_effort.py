"""What a survey takes is stated, and what is stated is so."""

import re
from pathlib import Path

from lighttouch.web.surveys.effort import Effort, library_efforts, measure_effort
from lighttouch.web.surveys.models import Survey
from lighttouch.web.surveys.queries import pages_of

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "surveys.md"
ROW = re.compile(r"^\| (\w+), (\w+) \| (\d.+) \|$", re.MULTILINE)


def row(effort: Effort) -> str:
    numbers = (effort.questions, effort.screens, effort.words, effort.taps)
    return " | ".join([*map(str, numbers), f"{effort.minutes:.1f}"])


def test_the_table_of_what_each_questionnaire_takes_is_what_the_code_says() -> None:
    stated = {(one[1], one[2]): one[3] for one in ROW.finditer(PAGE.read_text(encoding="utf-8"))}
    assert stated == {key: row(effort) for key, effort in library_efforts().items()}


def test_no_questionnaire_of_the_library_takes_more_than_about_five_minutes() -> None:
    assert {key for key, one in library_efforts().items() if one.minutes > 5.5} == set()


def test_what_an_open_survey_takes_is_what_the_library_says(survey: Survey) -> None:
    assert measure_effort(pages_of(survey)) == library_efforts()["letters", "baseline"]
