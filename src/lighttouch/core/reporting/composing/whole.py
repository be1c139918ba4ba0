"""The whole report, in reading order."""

from lighttouch.core.reporting.composing.findings import write_findings
from lighttouch.core.reporting.composing.methods import (
    write_data_note,
    write_deviations,
    write_methods,
    write_quotes,
)
from lighttouch.core.reporting.composing.opening import (
    write_kind,
    write_opening,
    write_title,
    write_trial,
)
from lighttouch.core.reporting.composing.pictures import draw_forest
from lighttouch.core.reporting.composing.recruitment import write_recruitment
from lighttouch.core.reporting.composing.sample import (
    write_balance,
    write_collection,
    write_dates,
    write_flow,
    write_sample,
)
from lighttouch.core.reporting.composing.tables import (
    write_multiplicity,
    write_regressions,
    write_summary_table,
    write_uptake,
)
from lighttouch.core.reporting.document import Block, Document, Heading
from lighttouch.core.reporting.sourcing import Source, say


def compose_document(source: Source) -> Document:
    """Write the report of a trial as a document.

    Parameters
    ----------
    source
        The results, opened by ``open_source``.
    """
    return Document(
        ((source.top / "trial" / "title").name(),),
        write_kind(source),
        write_title(source),
        (
            *write_opening(source),
            *write_trial(source),
            *write_recruitment(source),
            *write_flow(source),
            *write_collection(source),
            *write_sample(source),
            *write_balance(source),
            *_write_results(source),
            *write_multiplicity(source),
            *write_uptake(source),
            *write_quotes(source),
            *write_deviations(source),
            *write_methods(source),
            *write_data_note(source),
            *write_regressions(source),
            *write_dates(source),
        ),
    )


def _write_results(source: Source) -> tuple[Block, ...]:
    forest = draw_forest(source)
    return (
        Heading(1, say("Results"), "results"),
        *write_summary_table(source),
        *((forest,) if forest else ()),
        *write_findings(source),
    )
