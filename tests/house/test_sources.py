"""Small files, short functions, sorted exports, nothing that unpickles, nothing of this machine."""

import ast
import importlib
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

LONGEST_FILE, MEDIAN_FILE, LONGEST_FUNCTION = 300, 120, 40
FORBIDDEN = (
    r"\bpickle\.load",
    r"joblib\.load",
    r"weights_only\s*=\s*False",
    r"allow_pickle\s*=\s*True",
    r"yaml\.load\(",
    r"shell\s*=\s*True",
    r"os\.system",
    r"(?<![\w.])eval\(",
    r"(?<![\w.])exec\(",
)
# Folders and hosts that only one machine has.
OF_A_MACHINE = (r"/home/\w", r"/root\b", r"/tmp/\w", r"/work/", r"/mnt/", r"/Users/", r"localhost:\d")
TEXTS = (".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".css", ".js", ".html", ".cff", ".json", "")


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Name and lines of code of every function; signature and docstring do not count."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            yield node.name, ((body[-1].end_lineno or 0) - body[0].lineno + 1) if body else 0


def tracked(root: Path) -> list[Path]:
    """Every text file that git knows."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    if found.returncode:
        pytest.skip("no git here: an unpacked archive")
    paths = [root / name for name in found.stdout.decode().split("\0") if name]
    return [path for path in paths if path.suffix in TEXTS and path.is_file()]


def test_files_are_short(sources: list[Path]) -> None:
    sizes = {path.name: lines_of(path) for path in sources}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}
    assert statistics.median(sizes.values()) < MEDIAN_FILE


def test_functions_are_short(root: Path, sources: list[Path]) -> None:
    long = {
        f"{path.relative_to(root)}: {name}": size
        for path in sources
        for name, size in functions(path.read_text(encoding="utf-8"))
        if size > LONGEST_FUNCTION
    }
    assert long == {}


def test_lines_of_code_of_a_function_leave_out_its_signature_and_docstring() -> None:
    text = (
        'def f(\n    a,\n):\n    """What.\n\n    More.\n    """\n    c = a\n\n    return c\ndef g():\n    """No."""\n'
    )
    assert list(functions(text)) == [("f", 3), ("g", 0)]


def test_what_is_exported_is_sorted_and_there(root: Path, sources: list[Path]) -> None:
    for path in sources:
        names = ".".join(path.relative_to(root / "src").with_suffix("").parts).removesuffix(".__init__")
        if "__all__" not in path.read_text(encoding="utf-8"):
            continue
        module = importlib.import_module(names)
        ordered = sorted(module.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))
        assert list(module.__all__) == ordered, f"{names}.__all__: CONSTANTS, Classes, functions, each sorted"
        assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_a_package_that_imports_names_exports_them(sources: list[Path]) -> None:
    for path in sources:
        if path.name == "__init__.py" and any(
            isinstance(node, ast.ImportFrom) for node in ast.parse(path.read_text(encoding="utf-8")).body
        ):
            assert "__all__" in path.read_text(encoding="utf-8"), f"{path}: no __all__"


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_nothing_unpickles_or_runs_text(root: Path, sources: list[Path], pattern: str) -> None:
    programs = [*sources, *(root / "tools").rglob("*.py"), *(root / "benchmarks").rglob("*.py")]
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in programs
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ["x = pickle.load(f)", "torch.load(f, weights_only = False)", "yaml.load(t)", "eval(t)", "os.system(c)"]
)
def test_the_patterns_find_what_they_should(line: str) -> None:
    assert any(re.search(pattern, line) for pattern in FORBIDDEN)


def test_the_patterns_leave_the_mode_of_a_network_alone() -> None:
    assert not any(re.search(pattern, "network.eval()") for pattern in FORBIDDEN)


def test_no_file_names_a_folder_of_one_machine(root: Path) -> None:
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()[:100]}"
        for path in tracked(root)
        if path.name != Path(__file__).name
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(re.search(pattern, line) for pattern in OF_A_MACHINE)
    ]
    assert found == []


def test_no_result_and_no_weights_of_a_run_are_in_the_repository(root: Path) -> None:
    found = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("no git here: an unpacked archive")
    names = found.stdout.splitlines()
    assert [name for name in names if name.endswith((".npz", ".pt", ".pth", ".ckpt", ".pkl", ".npy", ".onnx"))] == []
