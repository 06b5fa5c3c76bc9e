"""Hold what the locks pin against known vulnerabilities: tools/audit.py LOCK... [--unreachable-is-told].

Runs pip-audit on every version that any lock pins, for whatever platform. A finding fails, exit status 1,
unless tools/audit_accepted.txt has its id and a reason; an entry there that nothing has any more fails too.
Where the advisory service can't be reached nothing was audited: that fails as well, with 2, unless it may be
told.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ACCEPTED = Path(__file__).with_name("audit_accepted.txt")
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
UNREACHED = re.compile(r"ConnectionError|ServiceError|Could not connect|Timeout")
FOUND, UNREACHABLE = 1, 2


@dataclass
class Report:
    """What pip-audit says."""

    audited: int = 0
    findings: dict[str, str] = field(default_factory=dict)
    """Who has it, by id."""
    left_out: list[str] = field(default_factory=list)
    """Of which the service knows nothing, not even that it is there."""


def pinned(texts: Iterable[str]) -> Iterator[list[str]]:
    """All pins, in lists that have each name once, as pip-audit asks for."""
    versions: dict[str, list[str]] = {}
    for name, version in PIN.findall("\n".join(texts)):
        known = versions.setdefault(name, [])
        if version not in known:
            known.append(version)
    for turn in range(max(map(len, versions.values()), default=0)):
        yield [f"{name}=={known[turn]}" for name, known in versions.items() if turn < len(known)]


def accepted(text: str) -> dict[str, str]:
    """Reasons by id, from lines `ID reason`."""
    entries = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    for name, _, reason in entries:
        if not reason.strip():
            sys.exit(f"{ACCEPTED.name}: {name} has no reason")
    return {name: reason for name, _, reason in entries}


def ask(pins: list[str], arguments: list[str], report: Report) -> bool:
    """Run pip-audit on pins; False where it could not reach the service."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pins))
        file.flush()
        command = [sys.executable, "-m", "pip_audit", "-r", file.name, "--no-deps", "--disable-pip"]
        command += ["--format", "json", "--progress-spinner", "off", *arguments]
        run = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    if not run.stdout:
        if not UNREACHED.search(run.stderr):
            sys.exit(f"pip-audit failed:\n{run.stderr}")
        return False
    for each in json.loads(run.stdout)["dependencies"]:
        name = f"{each['name']} {each.get('version', '')}".strip()
        if "skip_reason" in each:
            report.left_out.append(each["skip_reason"])
            continue
        report.audited += 1
        for found in each["vulns"]:
            fixed = ", ".join(found["fix_versions"]) or "no version"
            report.findings[found["id"]] = f"{name}, fixed in {fixed}"
    return True


def verdict(report: Report, reasons: dict[str, str], *, reached: bool, told: bool) -> int:
    """The exit status, and what is to be said for it."""
    if not reached or not report.audited:
        print("NOT AUDITED: the advisory service can't be reached from here")
        return 0 if told else UNREACHABLE
    new = {name: who for name, who in report.findings.items() if name not in reasons}
    stale = reasons.keys() - report.findings.keys()
    lines = [
        *(f"{name}: {who}" for name, who in new.items()),
        *(f"{name}: accepted, and found no more: take it out of {ACCEPTED.name}" for name in sorted(stale)),
        *report.left_out,
    ]
    print("\n".join([*lines, f"{report.audited} audited, {len(report.findings)} findings, {len(new)} new"]))
    return FOUND if lines else 0


def main() -> int:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("locks", nargs="+", type=Path)
    parser.add_argument("--unreachable-is-told", action="store_true")
    options, arguments = parser.parse_known_args()
    report, reached = Report(), True
    for pins in pinned(lock.read_text() for lock in options.locks):
        reached = reached and ask(pins, arguments, report)
    reasons = accepted(ACCEPTED.read_text())
    return verdict(report, reasons, reached=reached, told=options.unreachable_is_told)


if __name__ == "__main__":
    sys.exit(main())
