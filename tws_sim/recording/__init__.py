"""Sessions between a client and a gateway, recorded through a proxy and played back as a market."""
