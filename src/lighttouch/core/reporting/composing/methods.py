"""Deviations, methods, choices the sources left open, and how to check it all."""

from lighttouch.core.reporting.composing.verdicts import quote_level
from lighttouch.core.reporting.document import (
    Block,
    Column,
    Facts,
    Heading,
    Items,
    Paragraph,
    Row,
    Runs,
    Table,
    Words,
)
from lighttouch.core.reporting.sourcing import DASH, At, Source, join, say, strong


def write_quotes(source: Source) -> tuple[Block, ...]:
    """Write what people said, theme by theme; nothing where nothing was cleared."""
    if not source.results.quotes:
        return ()
    rows = tuple(
        Row(tuple(_text(at / key) for key in ("theme", "quote", "role", "cleared_by")))
        for at in source.top / "quotes"
    )
    heads = ("Theme", "In their words", "Role", "Cleared by")
    return (
        Heading(1, say("What people said"), "quotes"),
        Table(
            "quotes",
            say("Extracts from interviews and comments, cleared for printing"),
            tuple(Column(say(head)) for head in heads),
            rows,
            widths=(1.6, 4, 1.4, 1.2),
        ),
    )


def write_deviations(source: Source) -> tuple[Block, ...]:
    """Write every difference between the registered plan and what was done."""
    heading = Heading(1, say("Deviations from the registered protocol"), "deviations")
    unregistered: tuple[Block, ...] = ()
    if not source.results.trial.registered_at:
        unregistered = (
            Paragraph(
                say("Nothing was registered, so what was done cannot be compared with a plan.")
            ),
        )
    if not source.results.deviations:
        none = "None was declared." if unregistered else "None was found and none was declared."
        return heading, *unregistered, Paragraph(say(none))
    rows = []
    for at in source.top / "deviations":
        texts = [_text(at / key) for key in ("scope", "decision", "planned", "done", "reason")]
        found = "compared" if at.value["computed"] else "declared"
        rows.append(Row((*texts, say(found))))
    heads = ("Scope", "Decision", "Planned", "Done", "Reason", "How known")
    return (
        heading,
        *unregistered,
        Table(
            "deviations",
            say("Deviations, with their reasons"),
            tuple(Column(say(head)) for head in heads),
            tuple(rows),
            (say("Compared: found by comparing the registered protocol with the archive. "
                 "Declared: stated by those who ran the trial."),),
            dense=True,
            widths=(1.6, 2.6, 2, 2, 3.4, 1.5),
        ),
    )  # fmt: skip


def _text(at: At) -> Runs:
    return (at.name(),) if at.value else (DASH,)


def write_methods(source: Source) -> tuple[Block, ...]:
    """Write how the trial was allocated and analysed."""
    analysis = source.top / "analysis"
    pairs: list[tuple[Runs, Runs]] = [
        (say("Allocation"), _allocation(source)),
        (say("Estimand"), _text(analysis / "estimand")),
        (say("Estimator"), _text(analysis / "estimator")),
        (say("Standard errors"), _text(analysis / "variance")),
    ]
    for key, title in (("terms", "Terms"), ("covariates", "Covariates"), ("families", "Families")):
        if analysis.value[key]:
            listed = join([(at.name(),) for at in analysis / key])
            pairs.append((say(title), listed))
    pairs += _thresholds(analysis)
    if analysis / "randomisation_draws":
        draws = (analysis / "randomisation_draws").whole()
        pairs.append((
            say("Randomisation inference"),
            say("up to {d} allocations drawn again from the declared design", d=draws),
        ))  # fmt: skip
    if analysis.value["house"]:
        pairs.append((say("House specification"), ((analysis / "house").name(),)))
    blocks: list[Block] = [Heading(1, say("Methods"), "methods"), Facts(tuple(pairs))]
    if analysis.value["missing"]:
        rules = tuple((at.name(),) for at in analysis / "missing")
        blocks += [Heading(2, say("Missing data"), "missing"), Items(rules)]
    return (*blocks, *_assumptions(source))


def _allocation(source: Source) -> Runs:
    how = {
        "drawn": "drawn by Lighttouch",
        "given": "randomised elsewhere",
        "none": "none: a single arm",
    }
    trial = source.top / "trial"
    method = how.get(trial.value["allocation_method"])
    return (Words(method) if method else (trial / "allocation_method").name(),)


def _thresholds(analysis: At) -> list[tuple[Runs, Runs]]:
    level: Runs = (quote_level(analysis / "confidence_level"),)
    pairs = [(say("Confidence level"), level)]
    for key, title in (
        ("thresholds", "Significance thresholds"),
        ("indicative_thresholds", "Indicative thresholds"),
    ):
        levels: list[Runs] = [(quote_level(at),) for at in analysis / key]
        pairs.append((say(title), join(levels) if levels else say("none registered")))
    return pairs


def _assumptions(source: Source) -> tuple[Block, ...]:
    places = list(source.top / "trial" / "assumptions")
    if not places:
        return ()
    rows = tuple(Row((((at / 0).name("code"),), ((at / 1).name(),))) for at in places)
    return (
        Heading(2, say("Choices the sources left open"), "assumptions"),
        Table(
            "assumptions",
            say("Choices made where the sources of the protocol say nothing, or disagree"),
            (Column(say("Key of the trial file")), Column(say("Choice and reason"))),
            rows,
            dense=True,
            widths=(3, 4),
        ),
    )


def write_data_note(source: Source) -> tuple[Block, ...]:
    """Write where the data are, who holds the key, and how to run everything again."""
    at = source.top / "data_note"
    verified = {True: "yes: drawn again with the same result", False: "no: it does not replay",
                None: "not applicable"}  # fmt: skip
    pairs: list[tuple[Runs, Runs]] = [
        (say("Files in the archive"), ((at / "files").whole(),)),
        (say("Advisory findings in the returns"), ((at / "findings_advisory").whole(),)),
        (say("Blocking findings in the returns"), ((at / "findings_blocking").whole(),)),
        (say("Allocation replayed"), say(verified[at.value["allocation_verified"]])),
    ]
    for key, title, code in (
        ("allocation_algorithm", "Allocation algorithm", True),
        ("allocation_seed_source", "Seed of the allocation", False),
        ("roster_sha256", "Fingerprint of the roster", True),
        ("secret_commitment", "Commitment to the secret", True),
        ("controller", "Data controller", False),
        ("key_holder", "Key to the staff codes", False),
        ("retention", "Retention", False),
    ):
        if at.value[key]:
            pairs.append((say(title), ((at / key).name("code" if code else ""),)))
    again = say(
        "Every number above is a value of {file}, which holds all results of the trial. With the "
        "archive, {command} computes it again and makes this report anew, to the same bytes; it "
        "first checks the fingerprint of every file in the archive.",
        file=Words("results.json", "code"),
        command=Words("lighttouch report ARCHIVE", "code"),
    )
    small = say(
        "{t}Counts of people fewer than 5 are not printed where they describe a category of "
        "people or one partner’s answers, nor are counts that would give them away.",
        t=strong("Small numbers. "),
    )
    heading = Heading(1, say("Data, and how to check this report"), "data")
    return heading, Facts(tuple(pairs)), Paragraph(again), Paragraph(small)
