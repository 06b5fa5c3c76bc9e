"""Files of one line each: empty lines and `#` comments pass."""

from collections.abc import Callable

from mesh.access.roles import Role, parse_role


def each_line(text: str, take: Callable[[list[str]], None]) -> None:
    """Give the words of every line to `take`.

    Raises:
        ValueError: What `take` raises, with the number of the line.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            take(words)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None


def role_word(word: str) -> Role:
    """The role that the second word of a line names.

    Raises:
        ValueError: It names none; does not quote it, as it may be a secret in the wrong place.
    """
    try:
        return parse_role(word)
    except ValueError:
        raise ValueError("the second word is no role") from None
