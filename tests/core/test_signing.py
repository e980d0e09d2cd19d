"""Signed text: the same as itsdangerous writes, from one signer that is kept."""

from __future__ import annotations

import pytest
from itsdangerous import BadSignature, URLSafeTimedSerializer

from dsbs.core.signing import KeptSerializer

KEY, OLD = "k" * 40, "o" * 40
VALUE = {"seen_on": "2026-11-23", "words": "long enough to be compressed " * 5}


def usual(key: str, salt: str = "salt", derivation: str = "hmac") -> URLSafeTimedSerializer[str]:
    return URLSafeTimedSerializer(key, salt=salt, signer_kwargs={"key_derivation": derivation})


@pytest.mark.parametrize("derivation", ["hmac", "django-concat"])
def test_each_reads_what_the_other_has_signed(derivation: str) -> None:
    ours, theirs = KeptSerializer(KEY, salt="salt", key_derivation=derivation), usual(KEY, derivation=derivation)

    assert ours.loads(theirs.dumps(VALUE)) == VALUE
    assert theirs.loads(ours.dumps(VALUE)) == VALUE


def test_what_an_older_key_signed_is_read_and_signed_anew_with_the_newest() -> None:
    ours = KeptSerializer([OLD.encode(), KEY.encode()], salt="salt", key_derivation="hmac")

    assert ours.loads(usual(OLD).dumps(VALUE)) == VALUE
    assert usual(KEY).loads(ours.dumps(VALUE)) == VALUE


@pytest.mark.parametrize("forged", [usual("f" * 40).dumps(VALUE), usual(KEY, salt="other").dumps(VALUE), "a.b.c", ""])
def test_what_was_signed_with_another_key_or_salt_is_refused(forged: str) -> None:
    with pytest.raises(BadSignature):
        KeptSerializer(KEY, salt="salt", key_derivation="hmac").loads(forged)


def test_a_changed_text_is_refused() -> None:
    ours = KeptSerializer(KEY, salt="salt", key_derivation="hmac")
    signed = ours.dumps({"id": 1})

    with pytest.raises(BadSignature):
        ours.loads(ours.dumps({"id": 2}).partition(".")[0] + "." + signed.partition(".")[2])


def test_another_salt_may_be_asked_for() -> None:
    ours = KeptSerializer(KEY, salt="salt", key_derivation="hmac")

    assert usual(KEY, salt="other").loads(ours.dumps(VALUE, salt="other")) == VALUE
