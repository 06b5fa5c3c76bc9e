"""The audit of dependencies, by the real pip-audit against an advisory service of our own."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.tools

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".tools" / "venv" / "bin" / "python"
LOCK = """\
numpy==2.4.6 ; python_version < '3.12' \\
    --hash=sha256:00
numpy==2.5.5 ; python_version >= '3.12' \\
    --hash=sha256:00
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:00
"""
BAD = {("numpy", "2.4.6"): "OSV-1", ("colorama", "0.4.6"): "OSV-2"}


class Advisories(BaseHTTPRequestHandler):
    """Speaks the protocol of OSV."""

    asked: list[tuple[str, str]]

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        pin = (query["package"]["name"], query["version"])
        self.asked.append(pin)
        fixed = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}
        affected = [{"package": query["package"], "ranges": [fixed]}]
        found = [{"id": BAD[pin], "summary": "bad", "affected": affected}] if pin in BAD else []
        body = json.dumps({"vulns": found} if found else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not in the tests' output."""


@pytest.fixture
def service() -> Iterator[str]:
    Advisories.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()
        thread.join()


def audit(folder: Path, service: str, accepted: str = "", *more: str) -> tuple[int, str]:
    script, lock = folder / "audit.py", folder / "some.lock"
    shutil.copy(ROOT / "tools" / "audit.py", script)
    (folder / "audit_accepted.txt").write_text(f"# ID reason\n{accepted}")
    lock.write_text(LOCK)
    command = [str(PYTHON), str(script), str(lock), "-s", "osv", "--osv-url", service, *more]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout + run.stderr


def test_what_is_pinned_for_any_platform_is_audited_once(tmp_path, service):
    status, said = audit(tmp_path, service)
    assert status == 1
    assert "OSV-1: numpy 2.4.6, fixed in 99" in said
    assert "OSV-2: colorama 0.4.6" in said
    assert sorted(Advisories.asked) == [("colorama", "0.4.6"), ("numpy", "2.4.6"), ("numpy", "2.5.5")]


def test_a_finding_with_a_reason_passes(tmp_path, service):
    status, said = audit(tmp_path, service, "OSV-1 not called\nOSV-2 not on Windows\n")
    assert status == 0
    assert "3 audited, 2 findings, 0 new" in said


def test_a_reason_for_nothing_must_go_and_an_entry_without_one_never_counts(tmp_path, service):
    status, said = audit(tmp_path, service, "OSV-1 a\nOSV-2 b\nOSV-3 c\n")
    assert (status, "OSV-3: accepted, and found no more" in said) == (1, True)
    status, said = audit(tmp_path, service, "OSV-1\n")
    assert (status, "OSV-1 has no reason" in said) == (1, True)


def test_a_service_that_is_out_of_reach_is_never_passed_over_in_silence(tmp_path):
    nobody = "http://127.0.0.1:9/"
    assert audit(tmp_path, nobody)[0] == 2
    status, said = audit(tmp_path, nobody, "", "--unreachable-is-told")
    assert (status, "NOT AUDITED" in said) == (0, True)
