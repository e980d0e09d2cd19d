"""Signed text for cookies and forms, as itsdangerous writes it, with a signer that is kept."""

from __future__ import annotations

import hmac
from functools import cache
from typing import Any

from itsdangerous import Serializer, Signer, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from itsdangerous.signer import SigningAlgorithm


class _AtOnce(SigningAlgorithm):
    """The usual HMAC with SHA-1, in one step in C instead of an object for each signature."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """The signature of this value."""
        return hmac.digest(key, value, "sha1")


class KeptSerializer(URLSafeTimedSerializer):
    """Reads what itsdangerous's own wrote under the same keys and salt, and the other way round.

    That one puts a signer together for each text, which derives its key anew, and tries to compress each, which took
    longer than all the rest and saved some fifty bytes; what is compressed is still read.
    """

    def __init__(self, secret_key: str | list[bytes], *, salt: str, **signer: Any) -> None:
        super().__init__(secret_key, salt=salt, signer_kwargs={**signer, "algorithm": _AtOnce()})
        self._kept = super().make_signer()
        self._kept.derive_key = cache(self._kept.derive_key)  # type: ignore[method-assign]

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        """The signer, the same each time unless another salt is asked for."""
        return self._kept if salt is None or salt == self.salt else super().make_signer(salt)

    def dump_payload(self, obj: Any) -> bytes:
        """The value as JSON, fit for an address or a cookie."""
        return base64_encode(Serializer.dump_payload(self, obj))
