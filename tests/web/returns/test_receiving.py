"""What becomes of a file."""

import pytest
from django.db import IntegrityError, transaction

from lighttouch.core.errors import ReturnError
from lighttouch.core.protocol.reading import parse_trial
from lighttouch.core.returns.checking import check_return
from lighttouch.core.returns.reading import read_return
from lighttouch.web.audit.models import Event
from lighttouch.web.programmes.models import Stage
from lighttouch.web.returns import actions, queries
from lighttouch.web.returns.checking import suffix_of
from lighttouch.web.returns.convert import findings_of, frame_of
from lighttouch.web.returns.keeping import MovedOnError
from lighttouch.web.returns.models import Return, State, Version
from lighttouch.web.returns.queries import Progress
from lighttouch.web.returns.resting import resting
from lighttouch.web.storage.models import StoredFile
from tests.web.cast import NOW, Cast
from tests.web.returns import cases
from tests.web.returns.cases import send


def test_every_recruited_partner_is_asked_for_every_wave(asked: Cast) -> None:
    rows = Return.objects.values_list("partner__code", "wave")
    partners = ("dudley", "shropshire", "bracknell_forest")
    assert set(rows) == {(p, w) for p in partners for w in ("baseline", "endline")}
    assert queries.must_find(asked.trial, asked.dudley, "baseline").due_on == cases.DUE


def test_asking_again_changes_nothing(asked: Cast) -> None:
    assert actions.open_wave_returns(trial=asked.trial, by=asked["second"], now=NOW) == 0


def test_the_site_finds_what_the_command_line_finds(asked: Cast) -> None:
    version = send(asked)
    with resting(cases.good_file(), ".xlsx") as path:
        trial = parse_trial(cases.letters_text())
        raw = read_return(path, trial, "baseline")
        checked = check_return(raw, trial=trial, partner_id="dudley", wave_id="baseline")
    assert findings_of(version) == checked.findings
    assert frame_of(version, trial).equals(checked.frame)


def test_file_without_findings_is_ready_to_sign_off(asked: Cast) -> None:
    version = send(asked, cases.clean_file())
    assert (version.state, queries.kinds_of(version)) == (State.CLEAN, ())
    assert version.people == 152
    assert queries.standing_of(version.for_return, NOW).progress == Progress.READY


def test_faulty_file_is_sent_back_and_kept(asked: Cast) -> None:
    version = send(asked, cases.faulty_file())
    assert version.state == State.BLOCKED
    assert [k.code for k in queries.kinds_of(version) if k.blocks] == ["illness_exceeds_absence"]
    assert version.original is not None
    assert version.canonical is None


def test_nothing_of_the_name_of_a_file_is_used_but_its_ending(asked: Cast) -> None:
    assert suffix_of("../../etc/passwd") == ""
    assert suffix_of("..\\..\\Anna Smith.XLSX ") == ".xlsx"
    assert suffix_of("a.xlsx/../../b.sh") == ""
    version = send(asked, filename="../../etc/Anna Smith.xlsx")
    assert version.filename_suffix == ".xlsx"


def test_file_sent_again_becomes_a_version_of_its_own(asked: Cast) -> None:
    first, second = send(asked), send(asked)
    assert (first.number, second.number) == (1, 2)
    assert first.original == second.original  # the bytes are held once
    assert queries.current_version(first.for_return) == second


def test_explained_findings_make_a_return_ready(asked: Cast) -> None:
    version = send(asked)
    assert version.kinds_to_explain == 3
    assert queries.standing_of(version.for_return, NOW).unexplained == 3
    cases.explain_all(asked, version)
    assert queries.standing_of(version.for_return, NOW).progress == Progress.READY


def test_explanation_with_a_name_is_refused(asked: Cast) -> None:
    version = send(asked)
    kind = queries.unexplained_kinds(version)[0].id
    with pytest.raises(ReturnError, match="looks like it holds the name of a person"):
        actions.explain(
            version=version, kind=kind, text="Sarah Jones knows why.", by=asked["coordinator"],
            now=NOW,
        )  # fmt: skip
    assert not version.explanations.exists()


def test_explanation_stays_while_as_many_findings_of_its_kind_remain(asked: Cast) -> None:
    cases.explain_all(asked, send(asked))
    again = send(asked)
    assert queries.unexplained_kinds(again) == ()
    fewer = send(asked, cases.edited(cases.good_file(), _fill_one_gap))
    assert len(queries.unexplained_kinds(fewer)) == 1


def _fill_one_gap(sheet: object) -> None:
    cell = cases.find_cell(sheet, "sex")
    while cell.value is not None:
        cell = cell.offset(1)
    cell.value = "Female"


def test_unexplained_return_cannot_be_signed_off(asked: Cast) -> None:
    version = send(asked)
    with pytest.raises(ReturnError, match="Explain it"):
        actions.sign_off(sent=version.for_return, number=1, by=asked["coordinator"], now=NOW)


def test_blocked_return_cannot_be_signed_off(asked: Cast) -> None:
    version = send(asked, cases.faulty_file())
    with pytest.raises(ReturnError, match="did not pass"):
        actions.sign_off(sent=version.for_return, number=1, by=asked["coordinator"], now=NOW)


def test_older_version_cannot_be_signed_off(asked: Cast) -> None:
    first = send(asked, cases.clean_file())
    send(asked, cases.faulty_file())
    with pytest.raises(MovedOnError, match="version 2 came since"):
        actions.sign_off(sent=first.for_return, number=1, by=asked["coordinator"], now=NOW)


def test_signed_off_return_says_who_and_when_and_takes_no_file(asked: Cast) -> None:
    sent = cases.signed_off(asked)
    assert (sent.signed_off_by, sent.signed_off_at) == (asked["coordinator"], NOW)
    with pytest.raises(ReturnError, match="is signed off"):
        send(asked)
    assert sent.versions.count() == 1


def test_signed_off_files_are_handed_on(asked: Cast) -> None:
    send(asked, partner=asked.shropshire, by=asked["stranger"], filename="r.ods",
         content=cases.good_file("shropshire"))  # fmt: skip
    assert queries.accepted_files(asked.trial) == {}
    version = cases.signed_off(asked).accepted
    assert version is not None
    ((key, (suffix, content)),) = queries.accepted_files(asked.trial).items()
    assert (key, suffix) == (("dudley", "baseline"), ".xlsx")
    with resting(content, suffix) as path:
        frame = read_return(path, parse_trial(cases.letters_text()), "baseline").frame
    assert frame.height == version.people


def test_endline_is_compared_with_the_baseline_signed_off(asked: Cast) -> None:
    cases.signed_off(asked)
    version = send(asked, cases.good_file(wave="endline"), wave="endline", now=cases.ENDLINE_NOW)
    found = queries.difference_from_earlier(version)
    assert found is not None
    wave, change = found
    assert wave == "baseline"
    assert change.left_count > 0
    assert version.counts["since"]["left"] == change.left_count
    assert any(kind.code == "vanished_id" for kind in queries.kinds_of(version))


def test_file_checked_before_the_baseline_changed_must_be_checked_again(asked: Cast) -> None:
    version = send(asked, cases.good_file(wave="endline"), wave="endline", now=cases.ENDLINE_NOW)
    cases.signed_off(asked)
    cases.explain_all(asked, version)
    with pytest.raises(ReturnError, match="since this file was checked"):
        actions.sign_off(sent=version.for_return, number=1, by=asked["coordinator"], now=NOW)


def test_two_partners_cannot_sign_off_the_same_rows(asked: Cast) -> None:
    other = cases.edited(cases.clean_file(), _say_shropshire)
    theirs = send(asked, other, partner=asked.shropshire, by=asked["stranger"])
    assert theirs.state == State.CLEAN
    cases.signed_off(asked)
    with pytest.raises(ReturnError, match="another partner"):
        actions.sign_off(sent=theirs.for_return, number=1, by=asked["stranger"], now=NOW)


def _say_shropshire(sheet: object) -> None:
    cases.find_cell(sheet, "local authority", below=0).offset(0, 1).value = "Shropshire"


def test_trial_manager_opens_a_return_again_with_a_reason(asked: Cast) -> None:
    sent = cases.signed_off(asked)
    actions.reopen(sent=sent, reason="Two teams missing.", by=asked["trial_manager"], now=NOW)
    sent.refresh_from_db()
    assert sent.accepted is None
    assert Event.objects.last().details["reason"] == "Two teams missing."  # type: ignore[union-attr]
    assert send(asked).number == 2


@pytest.mark.parametrize(
    ("stage", "wave", "opens"),
    [
        (Stage.ENROLLED, "baseline", False),
        (Stage.ENROLLED, "endline", True),
        (Stage.LOCKED, "endline", False),
    ],
)
def test_return_opens_again_until_what_rests_on_it_is_settled(
    asked: Cast, stage: Stage, wave: str, opens: bool
) -> None:
    sent = cases.signed_off(asked, wave=wave)
    asked.trial.stage = stage
    asked.trial.save()
    if opens:
        actions.reopen(sent=sent, reason="A mistake.", by=asked["trial_manager"], now=NOW)
        return
    with pytest.raises(ReturnError, match="cannot be opened again"):
        actions.reopen(sent=sent, reason="A mistake.", by=asked["trial_manager"], now=NOW)


def test_baseline_takes_no_file_once_the_roster_is_frozen(asked: Cast) -> None:
    asked.trial.stage = Stage.ENROLLED
    asked.trial.save()
    with pytest.raises(ReturnError, match="the roster is frozen"):
        send(asked)


def test_act_cut_off_half_way_leaves_nothing(asked: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    files, events = StoredFile.objects.count(), Event.objects.count()

    def die(**_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("lighttouch.web.returns.keeping.record", die)
    with pytest.raises(SystemExit), transaction.atomic():
        send(asked)
    assert Version.objects.count() == 0
    assert (StoredFile.objects.count(), Event.objects.count()) == (files, events)


def test_events_hold_counts_and_no_code(asked: Cast) -> None:
    send(asked, cases.faulty_file())
    event = Event.objects.last()
    assert event is not None
    assert event.act == "return.received"
    assert event.details == {
        "version": 1, "state": "blocked", "people": 0, "to_put_right": 1, "to_look_at": 10,
        "wave": "baseline",
    }  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        {"number": 0},
        {"state": "lost"},
        {"state": "purged"},
        {"state": "checking"},
        {"state": "clean", "original": None},
        {"filename_suffix": ".exe"},
        {"kinds_to_explain": 3},
    ],
)
def test_database_refuses_a_version_that_cannot_be(asked: Cast, broken: dict[str, object]) -> None:
    version = send(asked, cases.clean_file())
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(**broken)


def test_database_refuses_two_versions_of_one_number(asked: Cast) -> None:
    send(asked)
    second = send(asked)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=second.pk).update(number=1)


def test_database_refuses_half_a_signature(asked: Cast) -> None:
    sent = cases.signed_off(asked)
    with pytest.raises(IntegrityError), transaction.atomic():
        Return.objects.filter(pk=sent.pk).update(signed_off_by=None)
