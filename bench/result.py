"""What a benchmark says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """One figure against one baseline.

    Attributes:
        name: benchmark, and the baseline where it has several.
        value: ours, in `unit`.
        unit: of `value` and `baseline`: "ticks/s", "ms", "error" …
        baseline: the same of the baseline.
        ratio: how many times better than the baseline, above 1 = better.
        goal: what was hoped for, in words.
        met: whether it was reached.
    """

    name: str
    value: float
    unit: str
    baseline: float
    ratio: float
    goal: str
    met: bool


def faster(name: str, seconds: float, baseline: float, *, goal: float) -> Result:
    """A time against the time of a baseline; `goal` is the least speed-up."""
    ratio = baseline / seconds
    return Result(name, seconds * 1e3, "ms", baseline * 1e3, ratio, f"ratio ≥ {goal:g}", ratio >= goal)


def younger(name: str, age: float, baseline: float, *, goal: float) -> Result:
    """An age in milliseconds against the age of a baseline; `goal` is the least ratio."""
    ratio = baseline / age
    return Result(name, age, "ms", baseline, ratio, f"ratio ≥ {goal:g}", ratio >= goal)


def more(name: str, rate: float, unit: str, baseline: float, *, goal: float) -> Result:
    """A rate against the rate of a baseline; `goal` is the least ratio."""
    ratio = rate / baseline
    return Result(name, rate, unit, baseline, ratio, f"ratio ≥ {goal:g}", ratio >= goal)


def at_most(name: str, value: float, unit: str, limit: float) -> Result:
    """A value that must stay below a limit, which stands in for the baseline."""
    ratio = limit / value if value else float("inf")
    return Result(name, value, unit, limit, ratio, f"≤ {limit:g} {unit}", value <= limit)
