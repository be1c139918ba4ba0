"""The build of styles and scripts: locked, without hosts, without what is not ours to use."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUILT = ROOT / "src" / "lighttouch" / "web" / "ui" / "static" / "ui"
CSS = BUILT / "lighttouch.css"

needs_build = pytest.mark.skipif(
    not CSS.is_file(), reason="the pages' styles are not built; make builds them"
)


def test_lock_carries_a_hash_for_every_package_and_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    unlocked = [name for name, entry in packages.items() if name and "integrity" not in entry]
    assert unlocked == []
    assert not re.search(r"https?://", text)


def test_built_files_are_not_kept_in_the_repository() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", str(BUILT)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [Path(name).name for name in tracked if name.endswith((".css", ".min.js"))] == []
    assert "node_modules" not in " ".join(tracked)


@needs_build
def test_styles_carry_no_typeface_crown_or_crest() -> None:
    text = CSS.read_text(encoding="utf-8")
    assert not re.search(r"@font-face|GDS Transport|crown|crest|url\((?!\"?data:)", text)


@needs_build
def test_styles_are_small_enough_for_a_phone() -> None:
    assert CSS.stat().st_size < 150_000


def test_nothing_is_built_again_when_nothing_changed() -> None:
    stamp = ROOT / "node_modules" / ".lighttouch-built"
    if not stamp.is_file():
        pytest.skip("the pages' styles are not built; make builds them")
    before = CSS.stat().st_mtime_ns
    subprocess.run(["sh", "src/lighttouch/web/ui/build.sh"], cwd=ROOT, check=True)
    assert CSS.stat().st_mtime_ns == before
