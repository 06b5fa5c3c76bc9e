"""Messages of the TWS socket protocol: bytes and fields, no state."""
