"""Fetching a file from an address that somebody typed, from a real server: what is let through and what is not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from dsbs.core.refusals import Refused
from dsbs.exchange import fetching
from dsbs.exchange.fetching import check_address, fetch, is_public


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/here":
            self.send_response(302)
            self.send_header("Location", "/calendar.ics?a=b")
            self.end_headers()
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
        elif self.path == "/inside":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1/secret")
            self.end_headers()
        elif self.path == "/nowhere":
            self.send_response(302)
            self.send_header("Location", "https://[x")
            self.end_headers()
        elif self.path == "/drip-head":
            self.drip(b"HTTP/1.0 200 OK\r\nX-Slow: ")
        elif self.path == "/drip-body":
            self.drip(b"HTTP/1.0 200 OK\r\n\r\n")
        elif self.path == "/large":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):  # nobody listens to the end
                self.wfile.write(b"x" * (fetching.MOST_BYTES + 1))
        elif self.path == "/calendar.ics?a=b":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"BEGIN:VCALENDAR")
        else:
            self.send_error(404)

    def drip(self, first: bytes) -> None:
        """Say a byte now and then, for longer than anybody should listen."""
        self.wfile.write(first)
        with contextlib.suppress(OSError):
            for _byte in range(40):
                self.wfile.write(b"x")
                time.sleep(0.1)

    def handle(self) -> None:
        """Answer, unless nobody trusts us enough to ask."""
        with contextlib.suppress(OSError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Who trusts nobody hangs up; that is what the test wants."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ssl.SSLContext]]:
    """A server with a certificate of its own on this machine, and who trusts it."""
    folder: Path = tmp_path_factory.mktemp("server")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "3650",
    ]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made, *named, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    speaks = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    speaks.load_cert_chain(certificate, key)
    running = Server(("127.0.0.1", 0), Handler)
    running.socket = speaks.wrap_socket(running.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"https://localhost:{running.server_port}", ssl.create_default_context(cafile=str(certificate))
    running.shutdown()
    thread.join()
    running.server_close()


def everything(address: str) -> bool:
    """Lets this machine count as public, for once."""
    return True


@pytest.mark.parametrize("path", ["/calendar.ics?a=b", "/here"])
def test_a_file_is_fetched_also_where_a_redirect_leads(server: tuple[str, ssl.SSLContext], path: str) -> None:
    address, trust = server

    assert fetch(address + path, allowed=everything, trust=trust) == b"BEGIN:VCALENDAR"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/nothing", fetching.NO_FILE),
        ("/round", fetching.NO_FILE),
        ("/large", fetching.TOO_LARGE),
        ("/inside", fetching.NO_ADDRESS),
        ("/nowhere", fetching.NO_FILE),
    ],
)
def test_what_is_no_small_file_is_refused(server: tuple[str, ssl.SSLContext], path: str, sentence: str) -> None:
    address, trust = server

    with pytest.raises(Refused) as refused:
        fetch(address + path, allowed=everything, trust=trust)

    assert refused.value.sentence == sentence


@pytest.mark.parametrize("path", ["/drip-head", "/drip-body"])
def test_who_answers_a_byte_now_and_then_is_hung_up_on_in_time(
    server: tuple[str, ssl.SSLContext], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, trust = server
    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    began = time.monotonic()

    with pytest.raises(Refused) as refused:
        fetch(address + path, allowed=everything, trust=trust)

    assert refused.value.sentence == fetching.TOO_SLOW
    assert time.monotonic() - began < 3


def test_who_drips_before_anything_is_agreed_is_hung_up_on_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    began = time.monotonic()

    with dripping() as port, pytest.raises(Refused) as refused:
        fetch(f"https://localhost:{port}/calendar.ics", allowed=everything)

    assert refused.value.sentence == fetching.TOO_SLOW
    assert time.monotonic() - began < 3


@contextlib.contextmanager
def dripping() -> Iterator[int]:
    """The port of a server that begins a long record of TLS and then says a byte now and then."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with contextlib.suppress(OSError), listening.accept()[0] as line:
                line.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                for _byte in range(40):
                    line.sendall(b"\x03")
                    time.sleep(0.1)

        thread = threading.Thread(target=drip)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def test_this_machine_itself_is_never_asked(server: tuple[str, ssl.SSLContext]) -> None:
    address, trust = server

    with pytest.raises(Refused) as refused:
        fetch(f"{address}/calendar.ics?a=b", trust=trust)

    assert refused.value.sentence == fetching.NOT_PUBLIC


def test_a_server_without_a_certificate_that_is_trusted_is_refused(server: tuple[str, ssl.SSLContext]) -> None:
    with pytest.raises(Refused) as refused:
        fetch(f"{server[0]}/calendar.ics?a=b", allowed=everything)

    assert refused.value.sentence == fetching.NO_ANSWER


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_what_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["193.191.245.1", "2a00:1450:400e:80e::200e"])
def test_what_is_public_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://hall.example/a.ics",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@hall.example/a.ics",
        "https://hall.example:99999/a.ics",
        "https://hall.example/a b.ics",
        "https://hall.example/a\r\nHost: x",
        "hall.example/a.ics",
    ],
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        check_address(url)

    assert refused.value.sentence == fetching.NO_ADDRESS


def test_an_address_as_calendar_programs_write_it_is_read_by_https() -> None:
    assert check_address("webcal://hall.example/a.ics").scheme == "https"
