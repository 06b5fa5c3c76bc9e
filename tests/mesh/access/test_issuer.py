"""Fetching the keys of an issuer from a real web server, with all that one can do wrong."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mesh.access import issuer as fetching
from mesh.access.issuer import fetch_key_set
from tests.certificates import LOCAL, Authority, Mounted, issue
from tests.token_issuer import TokenIssuer

JSON = {"Content-Type": "application/json"}


async def test_the_issuer_says_where_its_keys_are(served_issuer):
    assert await fetch_key_set(served_issuer.url, None) == served_issuer.key_set
    assert served_issuer.asked == ["/realm/.well-known/openid-configuration", "/realm/keys"]


async def test_an_issuer_with_a_slash_at_its_end_is_another_one(served_issuer):
    with pytest.raises(ValueError, match="another issuer"):
        await fetch_key_set(served_issuer.url + "/", None)
    assert served_issuer.asked == ["/realm/.well-known/openid-configuration"]


async def test_an_address_that_was_given_is_taken(served_issuer):
    url = f"{served_issuer.url}/keys"
    assert await fetch_key_set("https://issuer.example", url) == served_issuer.key_set
    assert served_issuer.asked == ["/realm/keys"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, {}, b""), "500"),
        ((200, JSON, b""), "Expecting"),
        ((200, JSON, b"[]"), "another issuer"),
        ((200, JSON, b'{"issuer": "https://evil.example"}'), "another issuer"),
        ((200, JSON, b" " * (fetching.MOST_BYTES + 1)), "longer"),
    ],
)
async def test_an_answer_that_is_none_is_an_error(served_issuer, monkeypatch, answer, reason):
    monkeypatch.setattr(served_issuer, "answer", lambda _path: answer)
    with pytest.raises((OSError, ValueError), match=reason):
        await fetch_key_set(served_issuer.url, None)


@pytest.mark.parametrize("elsewhere", ["http://evil.example/keys", "file:///etc/passwd", None])
async def test_keys_are_only_fetched_from_where_nobody_can_change_them(served_issuer, monkeypatch, elsewhere):
    told = json.dumps({"issuer": served_issuer.url, "jwks_uri": elsewhere}).encode()
    monkeypatch.setattr(served_issuer, "answer", lambda _path: (200, JSON, told))
    with pytest.raises(ValueError, match="must be"):
        await fetch_key_set(served_issuer.url, None)
    assert len(served_issuer.asked) == 1


async def test_no_redirect_is_followed_not_even_to_the_right_place(served_issuer, monkeypatch):
    answer, moved = served_issuer.answer, f"{served_issuer.url}/moved"
    monkeypatch.setattr(
        served_issuer,
        "answer",
        lambda path: answer("/realm/keys") if path == "/realm/moved" else (302, {"Location": moved}, b""),
    )
    with pytest.raises(OSError, match="302"):
        await fetch_key_set(served_issuer.url, f"{served_issuer.url}/keys")
    assert served_issuer.asked == ["/realm/keys"]


async def test_a_server_is_who_it_says_by_the_authorities_of_the_machine(authority, tmp_path, monkeypatch):
    issuer, trusted = TokenIssuer(), tmp_path / "ca.crt"
    trusted.write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    for signer, known in ((authority, True), (Authority(), False)):
        files = Mounted.at(tmp_path / f"issuer-{known}", issue(signer, dns=LOCAL))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(files.certificate, files.key)
        with issuer.serving(context):
            assert issuer.url.startswith("https://")
            if known:
                assert await fetch_key_set(issuer.url, None) == issuer.key_set
            else:
                with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
                    await fetch_key_set(issuer.url, None)


async def test_nobody_there_is_an_error():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(OSError, match="refused"):
            await fetch_key_set(f"http://127.0.0.1:{held.getsockname()[1]}", None)


@contextmanager
def speaking(text: bytes) -> Iterator[str]:
    """A server that says this, and then nothing more, but stays."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(text)
                over.wait(10)

        thread = threading.Thread(target=speak)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("text", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
async def test_a_server_that_falls_silent_is_not_waited_for(text, monkeypatch):
    monkeypatch.setattr(fetching, "SOCKET_SECONDS", 0.1)
    with speaking(text) as url, pytest.raises(TimeoutError):
        await fetch_key_set(url, None)


async def test_no_http_is_an_error():
    with speaking(b"220 mail.example ESMTP\r\n\r\n") as url, pytest.raises(OSError, match="BadStatusLine"):
        await fetch_key_set(url, None)
