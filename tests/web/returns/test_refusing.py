"""Files that cannot be a return, each with what to do about it."""

import pytest

from lighttouch.web.returns import queries
from lighttouch.web.returns.models import State, Version
from lighttouch.web.storage.models import StoredFile
from tests.web.cast import Cast
from tests.web.returns import cases, files
from tests.web.returns.cases import send

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def refusal(version: Version) -> tuple[str, str]:
    """What is wrong with a file that could not be opened, and the remedy."""
    ((kind,)) = queries.kinds_of(version)
    assert version.state == State.BLOCKED
    return kind.fault, kind.remedy


@pytest.mark.parametrize(
    ("content", "filename", "fault", "remedy"),
    [
        (files.with_macros, "r.xlsx", "has macros", "Excel Workbook (.xlsx)"),
        (cases.good_file, "r.xlsm", "with macros", "Excel Workbook (.xlsx)"),
        (lambda: OLE, "r.xls", "old .xls format", "Excel Workbook (.xlsx)"),
        (lambda: OLE, "r.xlsx", "protected by a password", "Remove the password"),
        (files.bomb, "r.xlsx", "unpacks to far more", "new workbook"),
        (lambda: cases.good_file()[:5000], "r.xlsx", "damaged", "save it again"),
        (lambda: b"%PDF-1.7 x", "r.pdf", "not a spreadsheet", ".xlsx, .ods or .csv"),
        (lambda: b"%PDF-1.7 x", "r.csv", "not a spreadsheet", ".xlsx"),
        (lambda: b"", "r.csv", "empty", "save it again"),
        (lambda: b"hello,you\n1,2\n", "r.csv", "no row of headings", "template"),
        (cases.good_file, "r.csv", "named .csv", "Rename"),
    ],
)
def test_file_that_cannot_be_a_return_is_refused_with_a_remedy(
    asked: Cast, content: object, filename: str, fault: str, remedy: str
) -> None:
    before = StoredFile.objects.count()
    version = send(asked, content(), filename=filename)  # type: ignore[operator]
    said, mend = refusal(version)
    assert fault in said
    assert remedy in mend
    assert StoredFile.objects.count() == before


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt"])
def test_text_is_taken_under_any_of_its_endings(asked: Cast, suffix: str) -> None:
    content = cases.good_file("bracknell_forest")
    partner = asked.trial.participations.get(partner__code="bracknell_forest").partner
    version = send(asked, content, partner=partner, filename=f"r{suffix}")
    assert (version.state, version.filename_suffix) == (State.TO_EXPLAIN, ".csv")


def test_any_bytes_end_in_a_finding_and_never_in_an_error(asked: Cast) -> None:
    good = cases.good_file()
    for cut in range(0, len(good), len(good) // 12):
        broken = good[:cut] + bytes(64) + good[cut + 64 :]
        version = send(asked, broken)
        assert version.state in State.values
