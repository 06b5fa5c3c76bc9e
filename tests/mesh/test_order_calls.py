"""Calls about orders have an end that their caller has thought of."""

import grpc
import pytest

from mesh.errors import MeshError
from mesh.interceptors.order_calls import MAX_ORDER_BYTES, check_deadline, short


@pytest.mark.parametrize("seconds", [None, 0.0, 0.001, -1.0, 62.1, 3600.0])
def test_a_deadline_that_is_missing_over_or_far(seconds):
    with pytest.raises(MeshError) as caught:
        check_deadline(seconds)
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details[0].field_violations[0].field == "grpc-timeout"


@pytest.mark.parametrize("seconds", [0.0011, 1.0, 60.0, 61.9])
def test_a_deadline_of_a_minute_at_most_as_grpc_rounds_it(seconds):
    check_deadline(seconds)


def test_what_is_too_long_is_not_even_parsed():
    parsed = []
    deserialize = short(parsed.append)
    deserialize(bytes(MAX_ORDER_BYTES))
    assert len(parsed) == 1
    refused = deserialize(bytes(MAX_ORDER_BYTES + 1))
    assert isinstance(refused, MeshError)
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(parsed) == 1
