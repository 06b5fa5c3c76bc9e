"""No message, however wrong, gets more than a status out of the order services; a short run of the fuzzer."""

import asyncio

import grpc
import pytest

from ibkr_server.rpc import order_requests
from tests.ibkr_server.rpc.order_fuzz import ALLOWED, INSIDE, REAL_SECONDS, fuzz, fuzz_all
from tests.ibkr_server.rpc.order_mutations import Mutations
from tests.ibkr_server.rpc.order_samples import METHODS
from tests.ibkr_server.rpc.order_transport import KEY, channelled

SEED = 20_000


def test_twenty_thousand_messages():
    found = fuzz_all(20_000, SEED)
    assert found.total() == 20_000
    answered = {name for name, code in found if code == "OK"}
    assert answered == set(METHODS) - {"EndLease"}, "sound messages are among them; leases have secret names"
    assert {name for name, code in found if code == "INVALID_ARGUMENT"} == set(METHODS)
    assert {code for _, code in found} >= {code.name for code in ALLOWED - {grpc.StatusCode.UNAVAILABLE}}


def test_some_of_them_over_a_channel():
    assert asyncio.run(fuzz(Mutations(SEED), 300, channelled, REAL_SECONDS)).total() == 300


def test_equal_seeds_make_equal_messages():
    one, two = Mutations(1), Mutations(1)
    assert [one.next() for _ in range(100)] == [two.next() for _ in range(100)]


def test_a_failure_inside_is_found(monkeypatch):
    def fail(_: object) -> str:
        raise KeyError("reason")

    monkeypatch.setattr(order_requests, "halt_reason", fail)
    with pytest.raises(AssertionError, match=r"Halt [0-9a-f]*: StatusCode\.INTERNAL"):
        fuzz_all(2_000, SEED)


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last)",
        "KeyError: 'x'",
        f"no such file {__file__}",
        KEY,
        "<object at 0x7f>",
        "grpc.RpcException",
    ],
)
def test_words_from_the_inside_are_known(text):
    assert INSIDE.search(text)


def test_no_failure_of_the_server_is_allowed():
    inside = {grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNIMPLEMENTED}
    assert not ALLOWED & (inside | {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED})
