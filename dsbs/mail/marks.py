"""Marks stand in a stored mail where the secret of a signed link will be; the secret is put in as the mail leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_MARK = re.compile(r"link-(\d{1,18})-secret", re.ASCII)


def mark(link_id: int) -> str:
    """What stands in place of the secret of this link; safe in an address."""
    return f"link-{link_id}-secret"


def revealed(text: str, *, ids: Mapping[str, int], secret_of: Callable[[int], str]) -> str:
    """The text with its secrets.

    Only the links that the message itself was queued with are revealed (``link`` among its ids, or a name that ends in
    ``_link``): a mark that somebody typed into a title opens nothing.
    """
    own = {value for name, value in ids.items() if name == "link" or name.endswith("_link")}
    return _MARK.sub(lambda found: secret_of(int(found[1])) if int(found[1]) in own else found[0], text)


def hidden(text: str) -> str:
    """The text as it may be shown to those who keep the mail: where a secret goes, three dots."""
    return _MARK.sub("…", text)
