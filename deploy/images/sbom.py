"""Print the bill of materials of an image: sbom.py IMAGE PYTHON DPKG_STATUS.

CycloneDX 1.6 as JSON, checked against its schema: the packages of a Python environment, as `cyclonedx-py`
finds them, and Debian's, by the format of dpkg's status file.
"""

import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

VERSION: Final = SchemaVersion.V1_6


def python_bill(python: str) -> dict[str, Any]:
    """What is installed in an environment.

    Raises:
        CalledProcessError: It can't be read.
    """
    program = str(Path(sys.executable).with_name("cyclonedx-py"))
    options = ["--spec-version", VERSION.to_version(), "--output-reproducible", "--no-validate"]
    done = subprocess.run(  # noqa: S603 - a program of this environment
        [program, "environment", *options, python], check=True, stdout=subprocess.PIPE, text=True
    )
    bill: dict[str, Any] = json.loads(done.stdout)
    return bill


def installed_debs(status: str) -> list[dict[str, str]]:
    """The fields of each installed package, out of dpkg's status file."""
    stanzas = [
        dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
        for stanza in status.split("\n\n")
    ]
    return [fields for fields in stanzas if fields.get("Status", "").endswith(" installed")]


def deb_component(fields: dict[str, str], distribution: str) -> dict[str, str]:
    """A Debian package as CycloneDX has it."""
    name, version = fields["Package"], fields["Version"]
    qualifiers = {"arch": fields["Architecture"], "distro": distribution}
    purl = PackageURL("deb", "debian", name, version, qualifiers).to_string()
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def main() -> None:
    """Read, join, check, print."""
    image, python, status = sys.argv[1:]
    system = platform.freedesktop_os_release()
    distribution = f"{system['ID']}-{system.get('VERSION_ID', '')}"
    debs = installed_debs(Path(status).read_text())
    bill = python_bill(python)
    bill["metadata"]["component"] = {"type": "container", "bom-ref": image, "name": image}
    bill["components"] += [deb_component(fields, distribution) for fields in debs]
    text = json.dumps(bill, indent=1, sort_keys=True)
    if error := JsonStrictValidator(VERSION).validate_str(text):
        sys.exit(f"not CycloneDX {VERSION.to_version()}: {error}")
    print(text)


if __name__ == "__main__":
    main()
