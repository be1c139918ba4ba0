"""The archive that leaves the site is the core's, whole, and comes in again only whole."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lighttouch.core.archive.allocating import verify_allocation
from lighttouch.core.archive.reading import read_archive
from lighttouch.core.errors import ArchiveError, InputError
from lighttouch.core.progress import no_progress
from lighttouch.core.reporting.pipeline import check_results, rebuild_report
from lighttouch.web.analysis import actions, packing, queries
from lighttouch.web.analysis.commands import export_archive
from lighttouch.web.analysis.models import Build, Collected
from lighttouch.web.audit.actors import OPERATOR
from lighttouch.web.audit.models import Event
from lighttouch.web.programmes.models import Programme, Trial
from tests.web.analysis.conftest import unblind
from tests.web.cast import NOW, Cast, make_programme
from tests.web.conftest import SignIn

HOME = "/trials/letters"


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_archive_before_unblinding_holds_data_and_no_results(cast: Cast, tmp_path: Path) -> None:
    build = actions.build_archive(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    packing.unpack(bytes(build.file.content), tmp_path / "archive")
    names = files_of(tmp_path / "archive")
    assert not build.with_results
    assert "results.json" not in names
    assert not [name for name in names if name.startswith("report/")]
    assert read_archive(tmp_path / "archive").record is not None


def test_exported_archive_replays_its_draw_and_its_results(exported: Path) -> None:
    _, same = check_results(exported, progress=no_progress)
    assert same is True
    assert verify_allocation(exported).confirmed


def test_report_of_the_export_is_the_report_on_the_site_to_the_byte(
    exported: Path, cast: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    actions.build_archive(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    browser = sign_in("researcher")
    rebuild_report(exported, out=tmp_path / "again", progress=no_progress)
    for name in ("report.html", "report.pdf"):
        shown = browser.get(f"{HOME}/report/{name}").content
        assert shown == (tmp_path / "again" / name).read_bytes()
        assert shown == (exported / "report" / name).read_bytes()


def test_building_twice_gives_the_same_bytes(cast: Cast) -> None:
    by = cast["trial_manager"]
    one = actions.build_archive(trial=cast.trial, by=by, now=NOW)
    two = actions.build_archive(trial=cast.trial, by=by, now=NOW)
    assert one.file_id == two.file_id


def test_results_stay_closed_until_unblinding(cast: Cast, sign_in: SignIn) -> None:
    for person in ("researcher", "trial_manager"):
        assert sign_in(person).get(f"{HOME}/report/").status_code == 403
    unblind(cast.trial)
    assert sign_in("researcher").get(f"{HOME}/report/").status_code == 200


def test_download_is_a_zip_of_the_archive_and_is_noted(cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in("trial_manager")
    assert browser.post(f"{HOME}/archive/file/").status_code == 404
    build = actions.build_archive(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    answer = browser.post(f"{HOME}/archive/file/")
    assert "MANIFEST.toml" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    event = Event.objects.get(act="archive.exported")
    assert event.details == {"manifest": build.manifest_sha256}


def test_report_runs_no_script_and_sits_in_a_sandbox(
    exported: Path, cast: Cast, sign_in: SignIn
) -> None:
    actions.build_archive(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    answer = sign_in("researcher").get(f"{HOME}/report/report.html")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'none'" in policy
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


def empty_instance() -> None:
    """Stand in for another instance: nothing is known of the trial."""
    Trial.objects.filter(slug="letters").update(slug="elsewhere")


def test_import_brings_the_same_archive_to_another_instance(exported: Path, tmp_path: Path) -> None:
    empty_instance()
    trial = actions.import_folder(folder=exported, by=OPERATOR, now=NOW)
    export_archive(trial.slug, tmp_path / "again", say=lambda _line: None)
    assert files_of(tmp_path / "again") == files_of(exported)
    assert queries.is_imported(trial)


def test_pages_of_an_imported_trial_open(exported: Path, cast: Cast, sign_in: SignIn) -> None:
    empty_instance()
    trial = actions.import_folder(folder=exported, by=OPERATOR, now=NOW)
    Trial.objects.filter(pk=trial.pk).update(programme=cast.programme)
    browser = sign_in("trial_manager")
    for page in ("/", "/archive/", "/report/", "/report/report.html"):
        assert browser.get(f"/trials/letters{page}").status_code == 200


def test_import_refuses_an_altered_archive_and_keeps_nothing(
    exported: Path, tmp_path: Path
) -> None:
    empty_instance()
    shutil.copytree(exported, tmp_path / "altered")
    roster = tmp_path / "altered" / "roster.csv"
    roster.write_bytes(roster.read_bytes().replace(b"dudley", b"dudleY", 1))
    with pytest.raises(ArchiveError, match="altered"):
        actions.import_folder(folder=tmp_path / "altered", by=OPERATOR, now=NOW)
    assert not Trial.objects.filter(slug="letters").exists()


def test_import_refuses_results_that_the_data_do_not_give(exported: Path, tmp_path: Path) -> None:
    empty_instance()
    shutil.copytree(exported, tmp_path / "altered")
    results = tmp_path / "altered" / "results.json"
    results.write_bytes(results.read_bytes() + b" ")
    with pytest.raises(ArchiveError, match="not what the data give"):
        actions.import_folder(folder=tmp_path / "altered", by=OPERATOR, now=NOW)


def test_import_refuses_a_trial_that_is_here_already(exported: Path) -> None:
    with pytest.raises(ArchiveError, match="already"):
        actions.import_folder(folder=exported, by=OPERATOR, now=NOW)
    assert not Programme.objects.filter(slug="imported").exists()


def test_export_of_an_unknown_trial_names_the_known_ones(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="letters"):
        export_archive("lettres", tmp_path / "out")


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil"])
def test_a_zip_cannot_write_outside_its_folder(name: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(name, "x")
    with pytest.raises(ArchiveError, match="out of its folder"):
        packing.unpack(buffer.getvalue(), tmp_path / "in")
    assert not list(tmp_path.glob("**/evil"))


def test_table_with_unknown_people_is_refused_by_row(cast: Cast, sign_in: SignIn) -> None:
    content = b"participant,wave,item,value\ndudley/NOBODY,baseline,life_happiness_1,6\n"
    form = {"name": "responses.csv", "file": SimpleUploadedFile("r.csv", content)}
    answer = sign_in("trial_manager").post(f"{HOME}/archive/tables/", form)
    assert answer.status_code == 422
    assert "responses.csv, row 2" in answer.content.decode().lower()
    assert not Collected.objects.exists()


def test_answers_collected_elsewhere_reach_the_archive(cast: Cast, tmp_path: Path) -> None:
    from lighttouch.web.enrolment.models import Participant

    someone = Participant.objects.filter(excluded_because="", partner=cast.dudley).first()
    assert someone is not None
    row = f"dudley/{someone.staff_id},baseline,life_happiness_1,6\n"
    actions.attach_table(
        trial=cast.trial,
        name="responses.csv",
        content=b"participant,wave,item,value\n" + row.encode(),
        by=cast["trial_manager"],
        now=NOW,
    )
    build = actions.build_archive(trial=cast.trial, by=cast["trial_manager"], now=NOW)
    assert row.encode() in (queries.read_from(build, "responses.csv") or b"")


def test_database_refuses_a_table_of_another_name(cast: Cast) -> None:
    with pytest.raises(ArchiveError, match="no such table"):
        actions.attach_table(
            trial=cast.trial, name="roster.csv", content=b"", by=cast["trial_manager"], now=NOW
        )


@pytest.mark.django_db
def test_archive_page_of_a_trial_not_drawn_says_what_comes_first() -> None:
    other = make_programme("other", "coffee")
    assert not Build.objects.filter(trial=other.trial).exists()
    assert queries.newest_build(other.trial) is None
