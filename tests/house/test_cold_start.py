"""What a user waits for: `--help` comes at once, because nothing heavy is imported."""

import subprocess
import sys
import time

import pytest

HEAVY = (
    "torch",
    "numpy",
    "onnxruntime",
    "sklearn",
    "scipy",
    "pyarrow",
    "av",
    "soundfile",
    "pydantic",
    "yaml",
    "jinja2",
)
TORCHLESS = ("clips", "encoders", "media", "metrics", "predictions", "report", "store", "taxonomy")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)


def test_the_command_line_imports_nothing_heavy() -> None:
    program = f"import sys, heterophony.cli; print(sorted(set({HEAVY}) & set(sys.modules)))"
    assert run("-c", program).stdout.strip() == "[]"


@pytest.mark.parametrize(
    "room", ["taxonomy", "clips", "media", "predictions", "metrics", "report", "store", "encoders"]
)
def test_what_is_measured_told_or_embedded_needs_no_torch(room: str) -> None:
    program = f"import sys, heterophony.{room}; print('torch' in sys.modules)"
    assert run("-c", program).stdout.strip() == "False"


def test_help_is_quick() -> None:
    """The bar is wide, the machine may be shared: importing torch alone takes longer than this."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        said = run("-m", "heterophony", "--help").stdout
        best = min(best, time.perf_counter() - start)
    assert "classify" in said
    assert best < 1.0


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert run("-m", "heterophony", "--version").stdout.strip() == version("heterophony")
