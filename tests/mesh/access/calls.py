"""What an authentication looks at of a call."""


class Call:
    """Stands for a servicer context: metadata, and what TLS has proved of the peer."""

    def __init__(self, *bearers: str | None, spiffe_id: str | None = None, proves: bool = True) -> None:
        self._metadata = tuple(("authorization", f"Bearer {each}") for each in bearers if each is not None)
        self._proved = {"x509_pem_cert": [b"PEM"]} if proves else {}
        if spiffe_id is not None:
            self._proved["peer_uri"] = [spiffe_id.encode()]

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._metadata

    def auth_context(self) -> dict[str, list[bytes]]:
        return self._proved
