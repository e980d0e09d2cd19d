"""Where the web listens, and what to call it."""

from __future__ import annotations

import contextlib
import errno
import http.client
import ipaddress
import socket
from dataclasses import dataclass

from .words import Trouble


@dataclass(frozen=True, kw_only=True)
class Address:
    """A checked place to listen on; ``host`` is a numeric address."""

    host: str
    port: int

    @property
    def bind(self) -> str:
        """As servers take it."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """As people type it: this machine's name where it listens on every address."""
        anywhere = ipaddress.ip_address(self.host).is_unspecified
        return f"http://{socket.gethostname() if anywhere else _bracketed(self.host)}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return ipaddress.ip_address(self.host).is_loopback

    def answers(self) -> bool:
        """Whether the web answers on it, without an error of its own."""
        here = "localhost" if ipaddress.ip_address(self.host).is_unspecified else self.host
        with contextlib.closing(http.client.HTTPConnection(here, self.port, timeout=3)) as connection:
            try:
                connection.request("GET", "/")
                return connection.getresponse().status < 500
            except (OSError, http.client.HTTPException):
                return False


def resolve(host: str, port: int) -> Address:
    """Find the numeric address of a host of this machine."""
    try:
        found = socket.getaddrinfo(host or "127.0.0.1", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise Trouble(f"--host {host} is not an address that this machine knows.") from None
    return Address(host=str(found[0][4][0]).partition("%")[0], port=port)


def take_free(address: Address) -> Address:
    """The same address with its port known to be free (0: any free one); raise ``Trouble`` when it is not."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        # As the web does it: connections of the last run that are still being closed do not count.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address.host, address.port))
            trial.listen()
        except OSError as error:
            option = "--host" if error.errno == errno.EADDRNOTAVAIL else "--port"
            raise Trouble(f"{address.bind} cannot be used: {error.strerror}. Choose another with {option}.") from None
        return Address(host=address.host, port=trial.getsockname()[1])


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
