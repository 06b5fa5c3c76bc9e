import pytest
from hypothesis import given
from hypothesis import strategies as st

from tws_sim.wire.handshake import HandshakeError, negotiate


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        (b"v157..176", 176),  # ib_insync
        (b"v157..178", 176),  # ib_async
        (b"v100..157", 157),  # ibapi
        (b"v100..193", 176),  # @stoqey/ib
        (b"v157..176 +PACEAPI", 176),
        (b"v157..158", 157),
        (b"v157..163", 162),
        (b"v170", 170),
    ],
)
def test_settles_on_the_highest_version_both_speak(asked: bytes, version: int) -> None:
    assert negotiate(asked) == version


@pytest.mark.parametrize(
    "asked", [b"", b"v", b"157..176", b"v100..156", b"v177..190", b"v163..163", b"\xff\xfe"]
)
def test_refuses_what_it_does_not_speak(asked: bytes) -> None:
    with pytest.raises(HandshakeError):
        negotiate(asked)


@given(st.integers(0, 300), st.integers(0, 300))
def test_never_settles_outside_of_the_client_s_range(low: int, high: int) -> None:
    try:
        version = negotiate(f"v{low}..{high}".encode())
    except HandshakeError:
        return
    assert max(low, 157) <= version <= min(high, 176)
    assert version not in {158, 163}
