"""The circuits of one channel."""

from mesh.resilience.circuit_breaker import DEFAULT_POLICY, BreakerPolicy, CircuitBreaker


class Circuits:
    """A circuit breaker for each method that was called, so that one that fails does not close the others."""

    def __init__(self, policy: BreakerPolicy = DEFAULT_POLICY) -> None:
        self._policy = policy
        self._breakers: dict[str, CircuitBreaker] = {}

    def __repr__(self) -> str:
        return f"<Circuits {self._breakers}>"

    def of(self, method: str) -> CircuitBreaker:
        """The circuit of `package.Service/Method`."""
        return self._breakers.setdefault(method, CircuitBreaker(self._policy))
