"""Recruitment of partners: how many were left at each stage, and where they were lost."""

from lighttouch.core.reporting.document import (
    Block,
    Column,
    Figure,
    FunnelDrawing,
    Heading,
    Paragraph,
    Reference,
    Row,
    Runs,
    Table,
)
from lighttouch.core.reporting.sourcing import DASH, At, Source, join, say


def write_recruitment(source: Source) -> tuple[Block, ...]:
    """Write the funnel; nothing where none was recorded."""
    if not source.results.funnel:
        return ()
    stages = list(source.top / "funnel")
    return (
        Heading(1, say("Recruitment of partners"), "recruitment"),
        Paragraph(_summary(stages)),
        _figure(stages),
        _table(stages),
    )


def _summary(stages: list[At]) -> Runs:
    first, last = stages[0], stages[-1]
    noun = "partner" if first.value["partners"] == 1 else "partners"
    start = say(
        f"Recruitment began with {{n}} {noun} ({{stage}})",
        n=(first / "partners").whole(),
        stage=(first / "stage").inline(),
    )
    if len(stages) == 1:
        return (*start, *say("."))
    share = say(", {s} of those at the start", s=_share(last)) if last / "share" else ()
    return (
        *start,
        *say(
            " and ended with {n} ({stage}){share}.",
            n=(last / "partners").whole(),
            stage=(last / "stage").inline(),
            share=share,
        ),
    )


def _share(at: At) -> Runs:
    return ((at / "share").as_form("percent", 1),) if at / "share" else (DASH,)


def _value(at: At) -> Runs:
    share = say(" ({s})", s=_share(at)) if at / "share" else ()
    return say("{n}{s}", n=(at / "partners").whole(), s=share)


def _figure(stages: list[At]) -> Figure:
    drawing = FunnelDrawing(
        tuple((((at / "stage").name(),), _value(at), at.value["partners"]) for at in stages)
    )
    listed = join([say("{l} {v}", l=stage, v=value) for stage, value, _ in drawing.rows])
    return Figure(
        "funnel",
        say("Partners left at each stage of recruitment, with their share of the first stage; the "
            "numbers are in {t}.", t=Reference("funnel-stages")),
        say("Bars of the partners left at each stage of recruitment: {l}.", l=listed),
        drawing,
    )  # fmt: skip


def _table(stages: list[At]) -> Table:
    noted = any(at.value["note"] for at in stages)
    columns = (
        Column(say("Stage")),
        *(
            Column(say(head), "right")
            for head in ("Partners", "Share of the first stage", "Lost since the stage before")
        ),
        *([Column(say("Note"))] if noted else []),
    )
    return Table(
        "funnel-stages",
        say("Partners left at each stage of recruitment, in the order of the stages"),
        columns,
        tuple(Row((*_cells(at), *([_note(at)] if noted else []))) for at in stages),
        (say("Counts are of organisations and not of people, so none is withheld."),),
        widths=(3, 1.3, 1.6, 1.7, *([3.4] if noted else [])),
    )


def _cells(at: At) -> tuple[Runs, ...]:
    lost: Runs = ((at / "lost").whole(),) if at / "lost" else (DASH,)
    return ((at / "stage").name(),), ((at / "partners").whole(),), _share(at), lost


def _note(at: At) -> Runs:
    return ((at / "note").name(),) if at.value["note"] else (DASH,)
