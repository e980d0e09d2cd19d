"""Passwords as they are kept."""

from __future__ import annotations

import statistics
import time

import pytest

from dsbs.accounts import passwords


def test_a_password_is_kept_as_an_argon2_hash_that_only_it_matches() -> None:
    kept = passwords.hashed("kettle orbit basil tram")
    assert (kept.startswith("$argon2id$"), passwords.matches("kettle orbit basil tram", kept)) == (True, True)
    assert passwords.matches("kettle orbit basil trams", kept) is False


@pytest.mark.parametrize("kept", [None, "", "not a hash", "$argon2id$broken"])
def test_nothing_matches_what_is_no_hash(kept: str | None) -> None:
    assert passwords.matches("nobody's password", kept) is False


def test_checking_somebody_without_a_password_takes_as_long_as_checking_one() -> None:
    kept = passwords.hashed("kettle orbit basil tram")
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(3):
        for known in times:
            began = time.process_time()
            passwords.matches("wrong", kept if known else None)
            times[known].append(time.process_time() - began)
    known, unknown = (statistics.median(taken) for taken in times.values())
    assert 0.5 < known / unknown < 2
