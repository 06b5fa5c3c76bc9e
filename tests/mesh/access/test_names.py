"""Names own orders: those of tokens and certificates are stable, safe, and never another's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.access.names import checked_name, derived_name


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ("ann", "oidc/ann"),
        ("2f4e8e5c-7d0a-4f6e-9d7a-0c8a4f5b6d7e", "oidc/2f4e8e5c-7d0a-4f6e-9d7a-0c8a4f5b6d7e"),
        ("auth0|64af", "oidc/auth0-64af~9181ab9c8a54d3c4deae1c3d76bd3bac"),
        ("ann@example.com", "oidc/ann-example.com~71d4f55f72fa128dfb468a1a3901507c"),
    ],
)
def test_a_name_is_the_same_for_ever(identity, name):
    assert derived_name("oidc", identity) == name


@given(st.text(max_size=300))
def test_a_name_is_short_and_safe_and_in_no_file(identity):
    name = derived_name("oidc", identity)
    assert re.fullmatch(r"oidc/[A-Za-z0-9._~-]+", name)
    assert len(name) <= 64
    with pytest.raises(ValueError, match="a name has"):
        checked_name(name)


@given(st.text(max_size=100), st.text(max_size=100))
def test_two_have_two_names(one, other):
    assert (derived_name("oidc", one) == derived_name("oidc", other)) == (one == other)
    assert derived_name("spiffe", one) != derived_name("oidc", one)


@given(st.from_regex(r"[A-Za-z0-9._~-]{1,70}", fullmatch=True))
def test_nobody_can_ask_for_the_name_of_one_that_was_digested(identity):
    digested = derived_name("oidc", "auth0|64af").removeprefix("oidc/")
    assert derived_name("oidc", identity) != f"oidc/{digested}"
    assert derived_name("oidc", digested) != f"oidc/{digested}"
