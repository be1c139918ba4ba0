"""Every command in the documents is run, in order, in an empty folder, as a newcomer would."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "examples" / "README.md",
    *sorted((ROOT / "docs" / "howto").glob("*.md")),
]
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"^```(?:toml|csv) (\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""A block named after a file is that file."""
NOT_RUN_HERE = ("make ", "git ", "cd ")
"""Building the environment is what runs this test; it is not built again inside it."""
LONGEST_SECONDS = 180


def commands(document: Path) -> list[str]:
    blocks = CONSOLE.findall(document.read_text(encoding="utf-8"))
    joined = "".join(blocks).replace("\\\n", " ")
    return [line[2:].strip() for line in joined.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_the_document_run_in_order(document: Path, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for name, content in FILE.findall(document.read_text(encoding="utf-8")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO", "LIGHTTOUCH"))}
    place = {**ours, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in commands(document):
        if command.startswith(NOT_RUN_HERE):
            continue
        words = shlex.split(command)
        words[0] = sys.executable if words[0] == "python" else words[0]
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env=place,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_SECONDS,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_every_shell_command_in_the_documents_is_in_a_block_that_is_run() -> None:
    stray = []
    for document in DOCUMENTS:
        text = CONSOLE.sub("", document.read_text(encoding="utf-8"))
        stray += [
            f"{document.name}: {line}"
            for line in text.splitlines()
            if re.match(r"^\$? ?lighttouch [a-z]", line)
        ]
    assert stray == []


def test_the_readme_takes_a_newcomer_to_a_report() -> None:
    said = " ".join(commands(ROOT / "README.md"))
    for word in ("new", "check", "power", "register", "template", "check-return", "run", "report"):
        assert f"lighttouch {word}" in said


def test_links_between_documents_lead_somewhere() -> None:
    lost = []
    for document in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("examples/**/*.md"),
    ]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            if not (document.parent / target).exists():
                lost.append(f"{document.relative_to(ROOT)}: {target}")
    assert lost == []


@pytest.mark.parametrize("folder", ["methods", "adr"])
def test_every_page_is_in_the_index_of_its_folder(folder: str) -> None:
    index = (ROOT / "docs" / folder / "README.md").read_text(encoding="utf-8")
    pages = [
        page.name for page in (ROOT / "docs" / folder).glob("*.md") if page.name != "README.md"
    ]
    assert [page for page in pages if f"({page})" not in index] == []
