"""Which addresses only this machine reaches, and which nobody on the way can answer for."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_url(url: str) -> str:
    """The address, if nobody on the way can change what comes from it.

    Raises:
        ValueError: It is not https, nor http on this machine.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be an address, https://host/path")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise ValueError("must begin with https://, or everybody on the way could forge tokens")
    return url
