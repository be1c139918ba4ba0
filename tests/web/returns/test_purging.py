"""No name stays on the server: not in a database, not in the temporary folder."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from lighttouch.web.audit.models import Event
from lighttouch.web.returns import actions, queries
from lighttouch.web.returns.models import State
from lighttouch.web.returns.privacy import find_personal, without_properties
from lighttouch.web.returns.queries import Progress
from lighttouch.web.storage.models import StoredFile
from lighttouch.web.storage.queries import read_bytes
from tests.web.cast import NOW, Cast
from tests.web.returns import cases, files, stored
from tests.web.returns.cases import PLANTED, send

BOTH = pytest.mark.django_db(databases=["default", "contacts"])
SURNAME = PLANTED.split()[1]


@BOTH
@pytest.mark.parametrize("plant", files.NAMES, ids=lambda f: f.__name__)
def test_file_with_a_name_is_purged_and_the_place_is_said(
    asked: Cast, plant: Callable[[Any], None]
) -> None:
    before = StoredFile.objects.count()
    version = send(asked, files.book(plant), filename=f"{PLANTED}.xlsx")
    assert version.state == State.PURGED
    assert StoredFile.objects.count() == before
    assert not stored.holds(SURNAME)
    blocking = [kind for kind in queries.kinds_of(version) if kind.blocks]
    assert blocking
    assert all(kind.remedy for kind in blocking)
    event = Event.objects.last()
    assert event is not None
    assert event.act == "return.purged"


@BOTH
def test_name_in_a_sealed_file_is_purged_with_it(asked: Cast) -> None:
    version = actions.receive_sealed(
        trial=asked.trial, partner=asked.dudley, wave="baseline", filename="r.xlsx",
        content=cases.file_with_name(), by=asked["coordinator"], now=NOW,
    )  # fmt: skip
    assert not stored.holds(SURNAME)
    sealed = version.sealed_id
    assert sealed is not None
    checked = actions.check_sealed(version=version, now=NOW)
    assert (checked.state, checked.sealed) == (State.PURGED, None)
    assert not StoredFile.objects.filter(pk=sealed).exists()
    assert not stored.holds(SURNAME)


def test_the_dump_would_find_a_name(asked: Cast) -> None:
    from lighttouch.web.storage.actions import keep

    keep(cases.file_with_name(), now=NOW)
    assert any(SURNAME.encode() in cell for cell in stored.every_cell())


@pytest.mark.parametrize("part", files.HIDDEN)
def test_workbook_with_a_hidden_copy_is_not_kept(asked: Cast, part: str) -> None:
    content = f'<x displayName="{PLANTED}"/>'.encode()
    version = send(asked, files.with_parts({part: content}))
    assert version.state == State.PURGED
    assert version.original is None


def test_names_in_the_properties_of_a_workbook_are_taken_out(asked: Cast) -> None:
    def sign(book: Any) -> None:
        book.properties.creator = book.properties.lastModifiedBy = PLANTED

    content = files.book(sign)
    version = send(asked, content)
    assert version.original is not None
    kept = read_bytes(version.original)
    assert SURNAME.encode() not in kept + b"".join(_parts(kept).values())
    assert _sheets(kept) == _sheets(content)


def test_properties_of_an_open_document_are_taken_out() -> None:
    content = files.with_parts(
        {"meta.xml": f"<dc:creator>{PLANTED}</dc:creator>".encode()},
        cases.good_file("shropshire"),
    )
    kept = without_properties(content)
    assert SURNAME.encode() not in b"".join(_parts(kept).values())
    assert _parts(kept)["content.xml"] == _parts(content)["content.xml"]


def test_marks_of_ours_do_not_count_as_names(asked: Cast) -> None:
    from openpyxl.comments import Comment

    def mark(book: Any) -> None:
        cell = cases.find_cell(book["Return"], cases.STAFF)
        cell.comment = Comment("Another row has the same staff code.", "Lighttouch")

    assert send(asked, files.book(mark)).state == State.TO_EXPLAIN


def test_template_filled_in_passes(asked: Cast) -> None:
    from lighttouch.core.returns.template import write_template
    from lighttouch.web.protocols.queries import declared
    from lighttouch.web.returns.resting import empty_folder

    with empty_folder() as folder:
        path = folder / "t.xlsx"
        write_template(declared(asked.trial), partner_id="dudley", wave_id="baseline", path=path)
        version = send(asked, path.read_bytes())
    assert version.state == State.BLOCKED
    assert [k.code for k in queries.kinds_of(version) if k.blocks] == ["no_rows"]


def test_purged_return_waits_for_another_file(asked: Cast) -> None:
    version = send(asked, cases.file_with_name())
    assert queries.standing_of(version.for_return, NOW).progress == Progress.SENT_BACK
    assert send(asked).number == 2


def test_file_whose_check_never_ended_is_deleted(asked: Cast) -> None:
    version = actions.receive_sealed(
        trial=asked.trial, partner=asked.dudley, wave="baseline", filename="r.xlsx",
        content=cases.file_with_name(), by=asked["coordinator"], now=NOW,
    )  # fmt: skip
    by = asked["trial_manager"]
    assert actions.give_up_checking(before=NOW, by=by, now=cases.later(hours=1)) == 0
    assert actions.give_up_checking(before=cases.later(hours=1), by=by, now=NOW) == 1
    version.refresh_from_db()
    assert (version.state, version.sealed, version.original) == (State.BLOCKED, None, None)
    assert actions.check_sealed(version=version, now=NOW).state == State.BLOCKED


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two teams were merged in May.", ""),
        ("Sarah Jones left in May.", "the name of a person"),
        ("ask anne.smith@example.org", "an e-mail address"),
        ("ring 07700 900123", "a telephone number"),
        ("QQ 12 34 56 C is right", "a National Insurance number"),
        ("As held by human resources; S014 is on leave.", ""),
    ],
)
def test_what_people_write_is_looked_at_for_names(text: str, found: str) -> None:
    assert find_personal(text) == found


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _sheets(content: bytes) -> dict[str, bytes]:
    return {n: part for n, part in _parts(content).items() if not n.startswith("docProps/")}
