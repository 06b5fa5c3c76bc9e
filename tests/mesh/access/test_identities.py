"""The file of identities: what a slip of the pen can do, and what it can not."""

import pytest

from mesh.access.identities import parse_identities
from mesh.access.roles import Caller, Role

SCANNER = "spiffe://mesh.test/ns/spreadmesh/sa/scanner"
BOT = "spiffe://mesh.test/ns/bots/sa/desk-1"


def test_a_line_names_a_workload_and_its_role():
    text = f"# workloads\n\n{SCANNER} viewer # reads\n{BOT} trader desk-1\n"
    scanner, bot = parse_identities(text)[SCANNER], parse_identities(text)[BOT]
    assert scanner.role is Role.VIEWER
    assert scanner.name.startswith("spiffe/mesh.test-ns-spreadmesh-sa-scanner"[-20:]) or "~" in scanner.name
    assert bot == Caller("desk-1", Role.TRADER)


@pytest.mark.parametrize("role", ["trader", "operator"])
def test_whoever_places_orders_has_a_name_for_them_so_that_a_wrong_word_alone_gives_nobody_the_right(role):
    with pytest.raises(ValueError, match=r"^line 1: .*third word must be the name"):
        parse_identities(f"{SCANNER} {role}")
    assert parse_identities(f"{BOT} {role} desk-1")[BOT].name == "desk-1"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (SCANNER, "must be a SPIFFE ID"),
        (f"{BOT} trader desk-1 more", "must be a SPIFFE ID"),
        (f"{SCANNER} root", "no role"),
        (f"{SCANNER} VIEWER", "no role"),
        (f"viewer {SCANNER}", "no role"),
        ("scanner viewer", "no SPIFFE ID"),
        ("https://mesh.test/scanner viewer", "no SPIFFE ID"),
        ("spiffe://mesh.test viewer", "no SPIFFE ID"),
        ("spiffe://mesh.test/ viewer", "no SPIFFE ID"),
        ("spiffe://mesh.test/a//b viewer", "no SPIFFE ID"),
        ("spiffe://mesh.test/* viewer", "no SPIFFE ID"),
        ("spiffe://Mesh.test/a viewer", "no SPIFFE ID"),
        (f"spiffe://mesh.test/{'a' * 2048} viewer", "no SPIFFE ID"),
        (f"{BOT} trader two,words", "a name has"),
        (f"{BOT} trader anonymous", "reserved"),
        (f"{BOT} trader oidc/ann", "a name has"),
        (f"{SCANNER} viewer\n{SCANNER} viewer", "in a line before"),
    ],
)
def test_a_line_that_can_not_be_read_is_named_by_its_number(line, reason):
    with pytest.raises(ValueError, match=rf"^line {2 + line.count(chr(10))}: .*{reason}"):
        parse_identities("# workloads\n" + line)
