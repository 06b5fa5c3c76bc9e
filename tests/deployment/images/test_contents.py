"""What is in each image: what its lock names, a bill of it, and nothing of the machine that built it."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

from tests.deployment.images.conftest import ROOT, TARGETS
from tests.deployment.images.podman import image_name, podman

pytestmark = pytest.mark.images

PIN = re.compile(r"^(\S+)==(\S+)(?: ; (.+?))? \\$", re.MULTILINE)
# As the images have it.
ENVIRONMENT = {"python_version": "3.11", "python_full_version": "3.11.2", "sys_platform": "linux"}


def pinned(target: str) -> dict[str, str]:
    """Versions by name, as the lock has them for the images' Python."""
    pins = PIN.findall((ROOT / "deploy/images" / f"{target}.lock").read_text())
    return {
        canonicalize_name(name): version
        for name, version, marker in pins
        if not marker or Marker(marker).evaluate(ENVIRONMENT)
    }


@pytest.fixture(scope="module")
def bills(images: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sbom")
    subprocess.run([ROOT / "tools/extract_sboms", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.mark.parametrize("target", TARGETS)
def test_the_bill_has_all_that_is_locked_and_installed(bills: Path, target: str) -> None:
    bill = json.loads((bills / f"{target}.cdx.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    purls = [component["purl"] for component in bill["components"] if "purl" in component]
    pythons = dict(re.fullmatch(r"pkg:pypi/(.+)@(.+)", purl).groups() for purl in purls if ":pypi/" in purl)
    named = {canonicalize_name(name): version for name, version in pythons.items()}
    assert pinned(target).items() <= named.items()
    assert named.keys() - pinned(target).keys() <= {"spreadmesh"}
    debs = {unquote(re.match(r"pkg:deb/debian/([^@]+)@", purl)[1]) for purl in purls if ":deb/" in purl}
    listed = podman("run", "--rm", "--entrypoint=dpkg-query", image_name(target), "-f", "${Package}\n", "-W")
    assert debs == set(listed.splitlines())


@pytest.mark.parametrize("target", TARGETS)
def test_the_image_locks_are_what_users_run_on(target: str) -> None:
    users = set(PIN.findall((ROOT / "requirements.lock").read_text()))
    ours = PIN.findall((ROOT / "deploy/images" / f"{target}.lock").read_text())
    assert ours
    assert {(name, version) for name, version, _ in ours} <= {(name, version) for name, version, _ in users}


@pytest.mark.parametrize("target", TARGETS)
def test_every_pin_has_a_wheel_for_arm64(target: str) -> None:
    uv = ROOT / ".tools/venv/bin/uv"
    wanted = [
        "--python-version",
        "3.11",
        "--python-platform",
        "aarch64-manylinux_2_36",
        "--only-binary",
        ":all:",
    ]
    lock = ROOT / "deploy/images" / f"{target}.lock"
    done = subprocess.run(
        [uv, "pip", "compile", "--no-deps", "--no-header", "--no-annotate", *wanted, lock],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert dict(line.split("==") for line in done.stdout.split()) == pinned(target)


@pytest.fixture
def root(target: str, images: tuple[str, ...]) -> Iterator[Path]:
    """The files of an image."""
    yield Path(podman("image", "mount", image_name(target)))
    podman("image", "unmount", image_name(target))


def certificates(bundle: Path) -> set[str]:
    return set(re.findall(r"-----BEGIN.+?-----END", bundle.read_text(), re.DOTALL))


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_of_the_machine_that_built_it_is_left(root: Path, target: str) -> None:
    """Neither its settings of pip nor its own certificates, in no file and no step."""
    settings = subprocess.run(
        [ROOT / ".venv/bin/pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    lent = re.findall(r"(?:index-url|find-links|proxy|trusted-host)='(.+)'", settings)
    history = podman("history", "--no-trunc", "--format", "{{.CreatedBy}}", image_name(target))
    texts = {"history": history.encode()} | {
        str(path): path.read_bytes()
        for folder in ("etc", "opt/spreadmesh/bin", "var", "run", "root", "tmp", "usr/share/spreadmesh")
        for path in (root / folder).rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    assert len(texts) > 100
    assert [(value, name) for value in lent for name, text in texts.items() if value.encode() in text] == []
    lent_folders = ("opt/build", "run/secrets", "source", "var/cache/pip", "wheel")
    assert [path for name in lent_folders for path in (root / name).rglob("*") if path.stat().st_size] == []
    debian = {
        text for path in (root / "usr/share/ca-certificates").rglob("*.crt") for text in certificates(path)
    }
    assert certificates(root / "etc/ssl/certs/ca-certificates.crt") == debian
