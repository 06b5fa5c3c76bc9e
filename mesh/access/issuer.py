"""Fetching an issuer's public keys: OpenID Connect Discovery 1.0, section 4, and the key set it names.

By the standard library, in a thread: twice in five minutes are no reason for an HTTP client. It trusts the
machine's authorities, or those of SSL_CERT_FILE, and obeys HTTPS_PROXY.
"""

import asyncio
import json
import ssl
import urllib.request
from http.client import HTTPException
from typing import Any, Final

from mesh.access.addresses import checked_url

DISCOVERY: Final = "/.well-known/openid-configuration"
SOCKET_SECONDS: Final = 3.0
DEADLINE_SECONDS: Final = 5.0
MOST_BYTES: Final = 512 * 1024


async def fetch_key_set(issuer: str, jwks_url: str | None) -> bytes:
    """The issuer's key set, at the address that is given or that the issuer names.

    Raises:
        OSError, ValueError: It could not be had; TimeoutError is an OSError.
    """
    async with asyncio.timeout(DEADLINE_SECONDS):
        url = jwks_url or await _discovered(issuer)
        return await asyncio.to_thread(_get, url)


async def _discovered(issuer: str) -> str:
    text = await asyncio.to_thread(_get, issuer.rstrip("/") + DISCOVERY)
    told: Any = json.loads(text)
    if not isinstance(told, dict) or told.get("issuer") != issuer:
        raise ValueError("its discovery document is that of another issuer")
    return checked_url(str(told.get("jwks_uri")))


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the address was checked, and where it sends us was not."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _get(url: str) -> bytes:
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(_Straight, secure)
    request = urllib.request.Request(checked_url(url), headers={"Accept": "application/json"})  # noqa: S310 - checked
    try:
        with opener.open(request, timeout=SOCKET_SECONDS) as answer:
            content: bytes = answer.read(MOST_BYTES + 1)
    except HTTPException as error:
        raise OSError(f"no answer of HTTP: {type(error).__name__}") from None
    if len(content) > MOST_BYTES:
        raise ValueError(f"its answer is longer than {MOST_BYTES} bytes")
    return content
