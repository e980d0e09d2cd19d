"""The load: prepared bytes over kept connections, every answer read to its end and checked."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its head in lower case, its body."""

    status: int
    head: str
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, empty when it is missing."""
        for line in self.head.split("\r\n"):
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return ""


class Connection:
    """One kept connection to a server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def send(self, request: bytes) -> Answer:
        """Send a prepared request and read the whole answer; connects anew where the server has hung up."""
        for _ in range(2):
            try:
                return self._try(request)
            except (ConnectionError, EOFError):
                self.close()
        raise ConnectionError("The server hangs up at once.")

    def close(self) -> None:
        """Hang up."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def _try(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        answer = Answer(int(head[9:12]), head.decode("latin-1"), body)
        length = int(answer.header("content-length") or 0)
        while len(body) < length:
            body += self._more()
        return Answer(answer.status, answer.head, body)

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(262_144)
        if not data:
            raise EOFError
        return data


def get(path: str, cookie: str = "") -> bytes:
    """A prepared GET."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{_cookie(cookie)}\r\n".encode()


def post(path: str, form: str, cookie: str) -> bytes:
    """A prepared POST of a form."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{_cookie(cookie)}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n{form}"
    ).encode()


def requests_a_second(
    port: int, request: bytes, check: Callable[[Answer], bool], *, seconds: float, at_once: int
) -> float:
    """How many times a second this request is answered, asked by so many at once. Stops at a wrong answer."""
    ends = time.perf_counter() + seconds

    def ask(_: int) -> int:
        connection, count = Connection(port), 0
        while time.perf_counter() < ends:
            if not check(connection.send(request)):
                raise SystemExit("A wrong answer: the figures would mean nothing.")
            count += 1
        connection.close()
        return count

    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        total = sum(pool.map(ask, range(at_once)))
    return total / (time.perf_counter() - began)


def _cookie(cookie: str) -> str:
    return f"Cookie: {cookie}\r\n" if cookie else ""
