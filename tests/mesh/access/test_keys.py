"""Keys are random, their file holds hashes, and nothing that is wrong with a line shows what it holds."""

import hashlib

import pytest

from mesh.access.keys import key_hash, key_line, new_key, parse_keys
from mesh.access.roles import Caller, Role

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1


def test_a_key_has_256_random_bits():
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(len(key.removeprefix("smk_")) * 6 >= 256 for key in keys)


def test_a_hash_is_the_sha_256():
    assert key_hash("abc") == ABC
    assert key_hash("abc") == hashlib.sha256(b"abc").hexdigest()


def test_a_line_lets_its_key_in_and_does_not_hold_it():
    key = new_key()
    line = key_line("desk-1", Role.TRADER, key)
    assert key not in line
    assert parse_keys(line) == {key_hash(key): Caller("desk-1", Role.TRADER)}


def test_comments_and_empty_lines_pass_and_a_caller_may_have_two_keys():
    text = f"# keys\n\n  ann  operator {ABC}  # the first\nann operator {ABC[::-1]}\n"
    assert parse_keys(text) == dict.fromkeys((ABC, ABC[::-1]), Caller("ann", Role.OPERATOR))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ann operator", "3 words|must be a name"),
        (f"ann operator {ABC} more", "must be a name"),
        (f"ann root {ABC}", "no role"),
        (f"ann OPERATOR {ABC}", "no role"),
        (f"ann operator {ABC[:-1]}", "no SHA-256"),
        (f"ann operator {ABC.upper()}", "no SHA-256"),
        (f"a,n operator {ABC}", "a name has"),
        (f"{'a' * 65} operator {ABC}", "a name has"),
        (f"anonymous operator {ABC}", "reserved"),
        (f"alert operator {ABC}", "reserved"),
        (f"eve viewer {ABC[::-1]}\neve trader {ABC}", "another role"),
        (f"eve viewer {ABC}\neva viewer {ABC}", "in a line before"),
    ],
)
def test_a_line_that_can_not_be_read_is_named_by_its_number(line, reason):
    number = 2 + line.count("\n")
    with pytest.raises(ValueError, match=rf"^line {number}: .*({reason})"):
        parse_keys("# keys\n" + line)


@pytest.mark.parametrize(
    "words", ["{key} trader", "ann {key}", "ann {key} " + ABC, "{key} trader x", "{key}"]
)
def test_a_key_that_was_pasted_into_the_file_is_not_repeated(words):
    key = new_key()
    with pytest.raises(ValueError, match="line 1") as caught:
        parse_keys(words.format(key=key))
    assert key not in str(caught.value)


def test_a_name_that_can_not_be_kept_gets_no_line():
    with pytest.raises(ValueError, match="a name has"):
        key_line("two words", Role.VIEWER, new_key())
