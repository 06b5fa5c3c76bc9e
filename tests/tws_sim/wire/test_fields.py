import pytest

from tws_sim.wire.fields import FieldError, FieldReader


def test_reads_fields_in_their_order() -> None:
    fields = FieldReader(["9", "", "2.5", "", "1", "", "x"])
    assert (fields.integer(), fields.integer()) == (9, 0)
    assert (fields.number(), fields.number()) == (2.5, 0.0)
    assert (fields.boolean(), fields.boolean()) == (True, False)
    assert not fields.exhausted
    assert fields.string() == "x"
    assert fields.exhausted


@pytest.mark.parametrize("method", ["integer", "number", "boolean"])
def test_names_the_field_that_cannot_be_read(method: str) -> None:
    fields = FieldReader(["1", "abc"])
    fields.skip()
    with pytest.raises(FieldError, match=r"field 2 .*abc"):
        getattr(fields, method)()


def test_a_missing_field_is_an_error() -> None:
    with pytest.raises(FieldError, match="field 1 is missing"):
        FieldReader([]).string()
