"""Fetching a file from an address that somebody typed: public servers only, by https, small, and soon or not at all.

Never called in a request or inside a write scope.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

from dsbs.core.refusals import N_, Refused

MOST_BYTES = 2 * 1024 * 1024
#: For all of it together, and for each word that the server makes us wait for.
SECONDS, SECONDS_OF_SILENCE = 30.0, 10.0
_MOST_REDIRECTS = 3
_CHUNK = 64 * 1024
#: Addresses of the other family that stand for any address of the old one.
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))

NO_ADDRESS = N_("This is no address that can be read. Write one that begins with https://.")
NOT_PUBLIC = N_("This address is not on the public internet. Write one that everybody can reach.")
NO_ANSWER = N_("The server did not answer. Check the address; it is tried again.")
NO_FILE = N_("The server gave no file at this address. Check it with those who run the venue.")
TOO_LARGE = N_("The file is larger than 2 MB. Ask for a calendar without the past.")
TOO_SLOW = N_("The server was too slow. It is tried again.")

Allowed = Callable[[str], bool]


def check_address(url: str) -> SplitResult:
    """The parts of an address that may be read, as far as the address itself tells. Refused otherwise."""
    try:
        parts = urlsplit(url.replace("webcal://", "https://", 1) if url.startswith("webcal://") else url)
        port = parts.port
    except ValueError:
        raise Refused(NO_ADDRESS, field="calendar_url") from None
    is_plain = parts.username is None and parts.password is None and port != 0 and url.isascii() and url.isprintable()
    if parts.scheme != "https" or not parts.hostname or not is_plain or " " in url:
        raise Refused(NO_ADDRESS, field="calendar_url")
    return parts


def is_public(address: str) -> bool:
    """Whether an internet address is one of the public internet: not ours, nor a machine's own, nor made to look so."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.sixtofour or found.teredo or any(found in network for network in _TRANSLATED):
            return False
        found = found.ipv4_mapped or found
    return found.is_global and not found.is_multicast


def fetch(url: str, *, allowed: Allowed = is_public, trust: ssl.SSLContext | None = None) -> bytes:
    """What stands at an address. The name is looked up once and that very server is spoken to.

    Refused, with a sentence for who typed the address, when it is not public (also where a redirect leads), the
    server does not answer, answers with no file, or with too large a one, or takes longer than half a minute.
    """
    deadline = time.monotonic() + SECONDS
    for _hop in range(_MOST_REDIRECTS + 1):
        try:
            answer = _ask(check_address(url), allowed, trust or ssl.create_default_context(), deadline)
        except TimeoutError:
            raise Refused(TOO_SLOW) from None
        except (OSError, http.client.HTTPException, UnicodeError):
            raise Refused(NO_ANSWER if time.monotonic() < deadline else TOO_SLOW) from None
        if isinstance(answer, bytes):
            return answer
        try:
            url = urljoin(url, answer)
        except ValueError:
            raise Refused(NO_FILE) from None
    raise Refused(NO_FILE)


class _Pinned(http.client.HTTPSConnection):
    """A connection to the one internet address that was looked at; the certificate is still that of the name.

    At the ``deadline`` it is hung up whatever was said until then: a server that sends a byte now and then is never
    silent for long.
    """

    def __init__(self, host: str, port: int, address: str, trust: ssl.SSLContext, deadline: float) -> None:
        self._left = deadline - time.monotonic()
        if self._left <= 0:
            raise TimeoutError
        super().__init__(host, port, timeout=min(SECONDS_OF_SILENCE, self._left), context=trust)
        self._address, self._trust = address, trust
        self._end: threading.Timer | None = None

    def connect(self) -> None:
        """Speak to the address, not to whatever the name means by now."""
        bare = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._trust.wrap_socket(bare, server_hostname=self.host, do_handshake_on_connect=False)
        self._end = threading.Timer(self._left, _hang_up, [self.sock])
        self._end.daemon = True
        self._end.start()
        self.sock.do_handshake()

    def leave(self) -> None:
        """Close it for good."""
        if self._end is not None:
            self._end.cancel()
        self.close()


def _hang_up(line: socket.socket) -> None:
    """Wake whoever waits for a word on this line, below the encryption: that is not made for two threads."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _ask(parts: SplitResult, allowed: Allowed, trust: ssl.SSLContext, deadline: float) -> bytes | str:
    """The file, or where it is instead."""
    host, port = parts.hostname or "", parts.port or 443
    addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not addresses or not all(map(allowed, addresses)):
        raise Refused(NOT_PUBLIC, field="calendar_url")
    connection = _Pinned(host, port, addresses[0], trust, deadline)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept": "text/calendar", "User-Agent": "dsbs"})
        with connection.getresponse() as response:
            if response.status in (301, 302, 303, 307, 308) and response.headers.get("Location"):
                return str(response.headers["Location"])
            if response.status != 200:
                raise Refused(NO_FILE)
            return _body(response, deadline)
    finally:
        connection.leave()


def _body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise Refused(TOO_LARGE)
    if time.monotonic() >= deadline:
        raise TimeoutError  # hung up before the end, which looks like one
    return bytes(body)
