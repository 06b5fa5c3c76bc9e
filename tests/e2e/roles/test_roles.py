"""Every method of both servers, with every kind of credential: let in, or refused for the right reason.

What is expected stands in docs/security.md; which methods there are is asked of the servers by reflection. A
message that no server can read tells the two apart without doing anything: whoever is let in hears that it is
INVALID_ARGUMENT.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from mesh.access.keys import key_line
from mesh.access.roles import Role
from tests.certificates import LOCAL, SPIFFE, Authority, Mounted, issue
from tests.e2e.roles.asking import Found, ask
from tests.e2e.roles.credentials import BOT, KEYS, SCANNER, UNLISTED, credentials
from tests.processes import ServerProcess, free_port
from tests.token_issuer import AUDIENCE, TokenIssuer

PAGE: Final = Path(__file__).parents[3] / "docs" / "security.md"


def least_ranks() -> dict[str, str]:
    """`package.Service/Method` and its least role, from the page's table."""
    found: dict[str, str] = {}
    for rank, cell in re.findall(r"^\| `(\w+)` and above \| (.+) \|$", PAGE.read_text(), re.MULTILINE):
        for service, names in re.findall(r"`(\w+\.v1\.\w+)`: ([^;]+)", cell):
            for name in re.findall(r"`(\w+)`", names):
                assert found.setdefault(f"spreadmesh.{service}/{name}", rank) == rank, name
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    folder = tmp_path_factory.mktemp("roles")
    authority, issuer = Authority(), TokenIssuer()
    (folder / "keys").write_text(
        "\n".join(key_line(f"a-{rank}", Role[rank.upper()], key) for rank, key in KEYS.items())
    )
    (folder / "identities").write_text(f"{SCANNER} viewer\n{BOT} trader desk-1\n")
    files = Mounted.at(folder / "tls", issue(authority, f"{SPIFFE}/server", LOCAL))
    certificates = {uri: issue(authority, uri) for uri in (SCANNER, BOT, UNLISTED)}
    with ExitStack() as stack:
        stack.enter_context(issuer.serving())
        settings = files.server() | {
            "API_KEYS_FILE": str(folder / "keys"),
            "IDENTITIES_FILE": str(folder / "identities"),
            "OIDC_ISSUER": issuer.url,
            "OIDC_AUDIENCE": AUDIENCE,
            "METHOD_ROLES": "",
        }
        servers = [
            stack.enter_context(ServerProcess(name, settings | {"HEALTH_PORT": str(free_port())}))
            for name in ("ibkr_server", "scanner_server")
        ]
        yield asyncio.run(ask([server.address for server in servers], certificates, credentials(issuer)))


def test_the_page_names_every_method_of_both_servers_and_no_other(found: Found) -> None:
    assert found.methods == set(least_ranks())
    assert len(found.methods) > 30


def test_every_credential_comes_as_far_as_the_page_says_and_no_further(found: Found) -> None:
    least = least_ranks()
    wrong = {
        f"{method} with {kind}": f"{answer}, not {expected}"
        for (method, kind), answer in found.answers.items()
        if answer != (expected := found.credentials[kind].expected(least[method]))
    }
    assert not wrong
    assert len(found.answers) == len(found.methods) * len(found.credentials) > 2000


def test_the_scanner_can_never_place_an_order_whatever_it_is_sent(found: Found) -> None:
    over_it = [kind for kind, shown in found.credentials.items() if shown.certificate == SCANNER]
    writes = [
        method
        for method in found.methods
        if re.search(r"/(Place|Replace|Cancel|Preview|Renew|End|Halt|Resume|Save|Delete)", method)
    ]
    assert len(over_it) > 20
    assert len(writes) == 11
    for kind in over_it:
        answers = {found.answers[method, kind].split()[0] for method in writes}
        assert answers <= {"PERMISSION_DENIED", "UNAUTHENTICATED"}, kind
