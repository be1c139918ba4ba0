"""Faults of syntax and shape come in plain words, all at once, each with line, key and remedy."""

from pathlib import Path

import pytest
from protocol_cases import Case, check_case, edit, faults_of, keys_of

from lighttouch.core.errors import InputError, ProtocolError
from lighttouch.core.protocol.library import library_names, library_text
from lighttouch.core.protocol.reading import MOST_BYTES, parse_trial, read_source, read_trial

LETTERS = "letters"
WANTED = 'unit = "sum of three z-scores"'

SHAPES = {
    "unknown key": Case(
        LETTERS,
        "smallest_effect_of_interest = 0.3",
        "smalest_effect_of_interest = 0.3",
        ("outcomes[0].smalest_effect_of_interest",),
        "Did you mean smallest_effect_of_interest?",
    ),
    "key of a table above": Case(
        LETTERS,
        '[[outcomes]]\nid = "attendance"',
        'retention = { key_holder = "x" }\n\n[[outcomes]]\nid = "attendance"',
        ("outcomes[0].retention",),
        "above every [heading]",
    ),
    "key of an enclosing table": Case(
        LETTERS,
        "[analysis.house]",
        "[analysis.house]\nfamilies = []",
        ("analysis.house.families",),
        "It belongs to analysis",
    ),
    "inner name of a key": Case(
        LETTERS, "[waves.return]", "[waves.collect]", ("waves[0].collect",), "unknown here"
    ),
    "version of a later format": Case(
        LETTERS, "version = 1", "version = 2", ("version",), "Use one of: 1"
    ),
    "missing key": Case(
        LETTERS, f"{WANTED}\n", "", ("outcomes[0].unit",), "Add unit = … to this table"
    ),
    "number for text": Case(
        LETTERS, WANTED, "unit = 3", ("outcomes[0].unit",), "text in quotation"
    ),
    "text for number": Case(
        LETTERS, "sd = 1.8", 'sd = "1.8"', ("power[0].sd",), "the value must be a number"
    ),
    "fraction for whole number": Case(
        LETTERS, "participants = 920", "participants = 920.5", ("power[0].participants",), "a whole"
    ),
    "no number": Case(LETTERS, "sd = 1.8", "sd = nan", ("power[0].sd",), "an ordinary number"),
    "text for date": Case(
        LETTERS,
        "launch = 2019-10-07",
        'launch = "2019-10-07"',
        ("population.partners[1].launch",),
        "a date without quotation marks",
    ),
    "time for date": Case(
        LETTERS,
        "launch = 2019-10-07",
        "launch = 2019-10-07T12:00:00",
        ("population.partners[1].launch",),
        "a date without quotation marks",
    ),
    "text for yes or no": Case(
        LETTERS,
        "use = true",
        'use = "yes"',
        ("analysis.randomisation_inference.use",),
        "true or false",
    ),
    "text for list": Case(
        LETTERS, 'blocks = ["partner"]', 'blocks = "partner"', ("allocation.blocks",), "a list"
    ),
    "text for table": Case(
        LETTERS,
        'baseline = { wave = "baseline" }',
        'baseline = "baseline"',
        ("outcomes[0].baseline",),
        "a table",
    ),
    "list for several kinds": Case(
        LETTERS,
        "equals = false",
        "equals = [1]",
        ("population.exclusions[1].when.equals",),
        "text in quotation marks or a number or true or false",
    ),
    "choice misspelt": Case(
        LETTERS, 'role = "primary"', 'role = "primry"', ("outcomes[0].role",), "mean primary?"
    ),
    "choice inside a union": Case(
        LETTERS,
        'measure = "days_attended"',
        'measure = "days"',
        ("outcomes[1].derive.measure",),
        "Use one of: days_attended",
    ),
    "union without its tag": Case(
        LETTERS,
        '{ from = "composite", composite',
        "{ composite",
        ("outcomes[0].derive",),
        "does not say from",
    ),
    "union with a wrong tag": Case(
        LETTERS,
        '{ from = "composite", composite',
        '{ from = "composit", composite',
        ("outcomes[0].derive.from",),
        "Did you mean composite?",
    ),
    "stratum with a wrong key": Case(
        "goal_setting",
        "groups = 4",
        "groups = 4\nquantiles = 4",
        ("allocation.strata[0].quantiles",),
        "unknown here",
    ),
    "span misspelt": Case(
        LETTERS,
        'closes = "12 weeks"',
        'closes = "12 wks"',
        ("waves[1].survey.closes",),
        "a span of time is written like",
    ),
    "span of ages": Case(
        LETTERS,
        'closes = "12 weeks"',
        'closes = "101 years"',
        ("waves[1].survey.closes",),
        "at most a century",
    ),
    "identifier in capitals": Case(
        LETTERS,
        'id = "dudley"',
        'id = "Dudley"',
        ("population.partners[1].id",),
        "an identifier holds small letters",
    ),
    "identifier too long": Case(
        LETTERS,
        'id = "dudley"',
        f'id = "{"d" * 61}"',
        ("population.partners[1].id",),
        "at most 60 characters",
    ),
    "empty text": Case(
        LETTERS, 'name = "Dudley"', 'name = " "', ("population.partners[1].name",), "empty"
    ),
    "number too small": Case(LETTERS, "sd = 1.8", "sd = 0", ("power[0].sd",), "must be above 0"),
    "number too large": Case(
        LETTERS, "power = 0.8", "power = 80", ("power[0].power",), "must be below 1"
    ),
    "whole number too small": Case(
        LETTERS,
        "draws = 2000",
        "draws = 1",
        ("analysis.randomisation_inference.draws",),
        "at least 100",
    ),
    "share above one": Case(
        LETTERS, "response = 0.3", "response = 30", ("power[0].response",), "at most 1"
    ),
    "list too short": Case(
        LETTERS,
        '    { instrument = "cantril_ladder" },\n    { instrument = "affect_six" }, # affect',
        "    # affect",
        ("composites[0].components",),
        "at least 2",
    ),
    "half a character": Case(
        LETTERS,
        'name = "Dudley"',
        'name = "Dudley\ud800"',
        ("population.partners[1].name",),
        "unicode",
    ),
    "number out of all bounds": Case(
        LETTERS, "sd = 1.8", f"sd = 1{'0' * 400}", ("power[0].sd",), "number"
    ),
}

SYNTAX = {
    "id = letters": ("line 1, column 6", "the value cannot be read"),
    "a = 1\na = 2\n": ("line 2, column 6", "the key is written twice"),
    "a = 1\na = 2": ("line 2", "the key is written twice"),
    "[a]\n[a]\n": ("line 2, column 3", "the table is written twice"),
    'a = ["x"]\n[[a]]\n': ("line 2, column 4", "the table is already complete"),
    "a = { b = 1, b = 2 }": ("line 1, column 19", "the key is written twice"),
    'a = "x': ("line 1", "the quotation marks are not closed"),
    'a = "x\n': ("line 1, column 7", "the quotation marks are not closed"),
    "a = 'x": ("line 1", "the quotation marks are not closed"),
    'b = 1\na = """x\ny\n': ("line 2", "the quotation marks are not closed"),
    'a = "\x01"': ("line 1, column 6", "a character no file may hold"),
    'a = "\\q"': ("line 1, column 8", "a backslash stands alone"),
    'a = "\\u12"': ("line 1, column 8", "not complete"),
    'a = "\\uD800"': ("line 1, column 12", "names no character"),
    "a\n": ("line 1, column 2", "there is no = after the key"),
    "a = [1,\n": ("line 2", "the file ends inside a value"),
    "a = [1\nb = 2": ("line 2, column 1", "the list is not closed"),
    "a = { b = 1": ("line 1", "the table is not closed"),
    "[a": ("line 1", "the heading is not closed"),
    "a. = 1": ("line 1, column 4", "no key stands here"),
    "= 1": ("line 1, column 1", "neither key = value nor a [heading]"),
    "a = 2019-02-30": ("line 1, column 5", "the date does not exist"),
    "a = 1 2": ("line 1, column 7", "something follows the value"),
    "# \x01": ("line 1, column 3", "not TOML here"),
    f"a = {'1' * 5000}": ("line 1", "not TOML here"),
    f"a = {'[' * 5000}": ("line 1", "nested too deep"),
    "a = 1\n" + "b." * 40 + "c = 1": ("line 2", "nested too deep"),
    '"b\\"" . ' * 40 + "c = 1": ("line 1", "nested too deep"),
    "['b'" + ".'b'" * 40 + "]": ("line 1", "nested too deep"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_each_fault_of_shape_is_put_in_plain_words_at_its_key(name: str) -> None:
    check_case(SHAPES[name])


@pytest.mark.parametrize("text", SYNTAX, ids=range(len(SYNTAX)))
def test_each_fault_of_syntax_is_put_in_plain_words_with_its_line(text: str) -> None:
    (fault,) = faults_of(text)
    where, words = SYNTAX[text]
    assert (fault.where, words in fault.what) == (where, True), fault
    assert fault.remedy


@pytest.mark.parametrize("name", library_names())
def test_every_trial_file_of_the_library_is_valid_and_bears_its_name(name: str) -> None:
    assert parse_trial(library_text(name)).id == name


def test_several_faults_are_reported_at_once_with_their_lines() -> None:
    text = edit(
        LETTERS,
        ('role = "primary"', 'role = "first"'),
        ("sd = 1.8", "sd = 0"),
        ('name = "Dudley"', "name = 3"),
    )
    faults = faults_of(text)
    assert keys_of(faults) == ("population.partners[1].name", "outcomes[0].role", "power[0].sd")
    numbers = [int(fault.where.split(",")[0].removeprefix("line ")) for fault in faults]
    assert [text.splitlines()[n - 1] for n in numbers] == ["name = 3", 'role = "first"', "sd = 0"]


def test_the_source_is_named_before_the_line() -> None:
    with pytest.raises(ProtocolError, match=r"^mine\.toml, line 1, column 1: "):
        parse_trial("= 1", source="mine.toml")


def test_an_empty_file_lacks_every_needed_key_on_its_first_line() -> None:
    faults = faults_of("")
    assert {"line 1, version", "line 1, outcomes"} <= {fault.where for fault in faults}


def test_a_byte_order_mark_is_no_fault_and_moves_no_line() -> None:
    assert faults_of("\ufeff" + library_text(LETTERS)) == ()
    assert faults_of("\ufeff= 1")[0].where == "line 1, column 1"


def test_a_text_over_a_million_characters_is_refused_before_it_is_parsed() -> None:
    assert "over a million" in faults_of("#" * (MOST_BYTES + 1))[0].what
    assert faults_of("#" * MOST_BYTES)[0].what == "the key is missing"
    with pytest.raises(ProtocolError, match=r"^big, line 1: "):
        parse_trial("#" * (MOST_BYTES + 1), source="big")


def test_a_trial_is_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "trial.toml"
    path.write_text(library_text("coffee"), encoding="utf-8")
    assert read_trial(path) == parse_trial(library_text("coffee"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be opened"),
        ('title = "café"'.encode("cp1252"), "not UTF-8"),
        (b"#" * (MOST_BYTES + 1), "over a million bytes"),
    ],
)
def test_a_file_that_cannot_be_read_as_text_is_named(
    content: bytes | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "trial.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words) as raised:
        read_source(path)
    assert raised.value.faults[0].where == str(path)
    assert raised.value.faults[0].remedy


def test_a_folder_is_no_trial_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        read_source(tmp_path)


def test_a_nest_of_tables_deeper_than_the_parser_goes_names_its_source() -> None:
    with pytest.raises(ProtocolError, match=r"^deep, line 1: lists or tables are nested too deep"):
        parse_trial(f"a = {'[' * 5000}", source="deep")


def test_a_key_of_thousands_of_parts_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(ProtocolError, match="nested too deep"):
        parse_trial("a." * 100_000 + "a = 1")


def test_sentences_full_of_stops_are_no_long_key() -> None:
    prose = "A. B. C. ... www.example.org/a.b.c e.g. this. " * 20
    text = edit("letters", ('consent = """\n', f'consent = """\n{prose}'))
    assert prose.strip() in parse_trial(text).registration.consent
