"""The rules of the house that no linter knows: lengths, purity, what may not be committed."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "lighttouch"
LONGEST_FUNCTION = 60
LONGEST_FILE = 500
IMPURE_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("os", "environ"),
    ("os", "getenv"),
    ("secrets", "token_bytes"),
    ("uuid", "uuid4"),
}
UNSEEDED = re.compile(r"default_rng\(\s*\)|np\.random\.(seed|rand|normal|uniform|choice)\(")


def python_files(folder: Path) -> list[Path]:
    """List our own Python files; migrations are generated."""
    generated = {"__pycache__", "migrations"}
    return sorted(path for path in folder.rglob("*.py") if not generated & set(path.parts))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of code in the body: a long docstring is a virtue."""
    body = (
        node.body[1:] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body
    )
    return (node.end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "examples"])
def test_no_function_is_longer_than_sixty_lines(folder: str) -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in python_files(ROOT / folder)
        for node in functions(path)
        if body_length(node) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "examples"])
def test_no_file_is_longer_than_five_hundred_lines(folder: str) -> None:
    long = [
        str(path.relative_to(ROOT))
        for path in python_files(ROOT / folder)
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE
    ]
    assert long == []


def test_core_reads_neither_clock_nor_environment_nor_chance() -> None:
    found = []
    for path in python_files(SOURCE / "core"):
        text = path.read_text(encoding="utf-8")
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in IMPURE_CALLS
        ]
        found += [str(path.relative_to(ROOT)) for _ in UNSEEDED.finditer(text)]
    assert found == []


def test_command_line_imports_core_only_inside_functions() -> None:
    eager = []
    for path in python_files(SOURCE / "cli"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            heavy = ("lighttouch.core", "polars", "numpy", "pydantic", "matplotlib", "scipy")
            eager += [f"{path.name}: {name}" for name in modules if name.startswith(heavy)]
    assert eager == []


def test_no_public_function_of_core_is_named_like_a_test() -> None:
    named = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in python_files(SOURCE / "core")
        for node in functions(path)
        if node.name.startswith("test")
    ]
    assert named == []


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def test_lock_files_carry_hashes_and_no_host() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    machine = re.compile(r"(?<![A-Za-z0-9_.])/" + r"(?:work|home|root|Users)/[a-z]")
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if machine.search(text):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_base_requirements_do_without_django() -> None:
    base = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8").lower()
    web = (ROOT / "requirements" / "web.txt").read_text(encoding="utf-8").lower()
    assert "django==" not in base
    assert "django==" in web
