"""buf.gen.yaml generates the stubs as they are committed, and buf.yaml notices breaking changes."""

import shutil
import subprocess
from filecmp import dircmp
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUF = ROOT / ".tools" / "bin" / "buf"
FIELD = "  // Best ask, currency per share, positive.\n  repeated double ask = 12;\n"

pytestmark = pytest.mark.tools


def buf(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{BUF.parent}:/usr/bin:/bin", "HOME": str(ROOT / ".tools" / "cache")}
    return subprocess.run(
        [BUF, *arguments],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A copy of the contracts in which QuoteBatch has lost a field."""
    shutil.copytree(ROOT / "protos", tmp_path / "protos")
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    quotes = tmp_path / "protos/spreadmesh/market/v1/quotes.proto"
    text = quotes.read_text()
    assert FIELD in text
    quotes.write_text(text.replace(FIELD, ""))
    return tmp_path


def differences(ours: Path, fresh: Path) -> list[str]:
    """Files that are not the same in both trees."""
    found, pending = [], [dircmp(ours, fresh, ignore=["__pycache__"])]
    while pending:
        compared = pending.pop()
        found += [*compared.left_only, *compared.right_only, *compared.diff_files]
        pending += compared.subdirs.values()
    return sorted(found)


def test_stubs_are_what_the_contracts_generate(tmp_path: Path) -> None:
    result = buf("generate", "--output", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert differences(ROOT / "stubs", tmp_path / "stubs") == []


def test_stale_stubs_are_noticed(tmp_path: Path, changed: Path) -> None:
    result = buf("generate", str(changed / "protos"), "--output", str(tmp_path / "fresh"))
    assert result.returncode == 0, result.stderr
    assert differences(ROOT / "stubs", tmp_path / "fresh" / "stubs") == ["quotes_pb2.py", "quotes_pb2.pyi"]


def test_only_services_get_grpc_modules() -> None:
    services = {path.name.removesuffix("_pb2_grpc.py") for path in (ROOT / "stubs").rglob("*_pb2_grpc.py")}
    protos = (ROOT / "protos").rglob("*.proto")
    assert services == {path.stem for path in protos if "\nservice " in path.read_text()}


def test_a_lost_field_is_a_breaking_change(changed: Path) -> None:
    assert buf("breaking", "--against", str(ROOT), folder=ROOT).returncode == 0
    result = buf("breaking", "--against", str(ROOT), folder=changed)
    assert result.returncode != 0
    assert '"12"' in result.stdout
    assert "ask" in result.stdout
