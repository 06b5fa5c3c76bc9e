"""The rule of tests/conftest.py: no skip passes unseen in CI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RULE = Path(__file__).parents[1] / "conftest.py"


def run(folder: Path, test: str, *, ci: str) -> str:
    """Outcome line of pytest in a folder that holds the rule and one test file."""
    (folder / "conftest.py").write_text(RULE.read_text())
    (folder / "test_it.py").write_text(f"import pytest\n{test}\n")
    options = ["-q", "--rootdir", str(folder), "-p", "no:cacheprovider", "-c", os.devnull]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        env={**os.environ, "CI": ci},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return result.stdout


SKIPS = {
    "mark": "@pytest.mark.skip(reason='tired')\ndef test_it(): pass",
    "call": "def test_it(): pytest.skip('tired')",
    "module": "pytest.skip('tired', allow_module_level=True)",
}


@pytest.mark.parametrize("kind", SKIPS)
def test_a_skip_fails_in_ci(tmp_path: Path, kind: str) -> None:
    out = run(tmp_path, SKIPS[kind], ci="true")
    assert "skipped, which CI does not allow" in out
    assert "1 failed" in out or "1 error" in out


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path) -> None:
    assert "1 skipped" in run(tmp_path, SKIPS["call"], ci="")


def test_a_test_that_needs_hardware_may_be_skipped(tmp_path: Path) -> None:
    assert "1 skipped" in run(tmp_path, "@pytest.mark.hardware\n" + SKIPS["call"], ci="true")


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    out = run(tmp_path, "@pytest.mark.xfail(strict=True)\ndef test_it(): assert False", ci="true")
    assert "1 xfailed" in out
