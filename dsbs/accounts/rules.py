"""What holds for people, roles, passwords and signed links, on plain values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from dsbs.core.refusals import N_, Refused

SIGN_IN = "sign_in"
NEW_PASSWORD = "new_password"  # noqa: S105 - the purpose of a link, not a secret

SIGN_IN_LIFETIME = timedelta(minutes=15)
NEW_PASSWORD_LIFETIME = timedelta(hours=1)
#: Printed by a command, read by whoever has a shell on the server, and often passed on by hand.
COMMAND_LIFETIME = timedelta(hours=1)
#: For so long the browser that used a link may send the same request again: a double click is one use.
SAME_CLICK = timedelta(minutes=1)
USED = N_("This link has been used. Each one works once.")

PASSWORD_SHORTEST = 12
PASSWORD_LONGEST = 200
_PATH_LONGEST = 500
_MAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\.]+")
#: Letters that Unicode does not take apart into a plain letter and its mark.
_PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})


def folded(words: str) -> str:
    """Words as they are searched and sorted: lower case, no accents, one blank between them ("Müller" is "muller")."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", words) if not unicodedata.combining(letter))
    return " ".join(bare.casefold().translate(_PLAIN_LETTERS).split())


def normal_mail(mail: str | None) -> str | None:
    """An address as it is kept: trimmed, lower case, None when there is none. Refuses what is no mail address."""
    kept = (mail or "").strip().lower()
    if not kept:
        return None
    if len(kept) > 254 or not _MAIL.fullmatch(kept):
        raise Refused(N_("This is not a mail address. Write it like name@school.example."), field="mail")
    return kept


def own_path(target: str | None) -> str | None:
    """The target when it is a page of this program; None for anything that could lead elsewhere.

    Browsers read ``//host`` and ``/\\host`` as another host, and skip tabs and line ends inside an address.
    """
    if not target or len(target) > _PATH_LONGEST or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return None
    if any(unicodedata.category(letter).startswith("C") for letter in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def check_password(password: str, *, known_words: Iterable[str]) -> None:
    """Refuse a password that is too short, or easy to guess for who knows the person's name and address."""
    if not PASSWORD_SHORTEST <= len(password) <= PASSWORD_LONGEST:
        raise Refused(
            N_("Use %(shortest)d to %(longest)d characters. Four or five words in a row are easy to keep in mind."),
            field="password",
            shortest=PASSWORD_SHORTEST,
            longest=PASSWORD_LONGEST,
        )
    rest = folded(password).replace(" ", "")
    for word in sorted((folded(word).replace(" ", "") for word in known_words), key=len, reverse=True):
        rest = rest.replace(word, "") if len(word) > 2 else rest
    if len(set(rest)) < 5:
        raise Refused(N_("This is easy to guess. Add words that have nothing to do with you."), field="password")


def check_link(
    *, now: datetime, expires_at: datetime, uses_left: int, revoked_at: datetime | None, active: bool = True
) -> None:
    """Refuse a signed link that no longer opens anything, for the one reason that its holder can act on."""
    if not active:
        raise Refused(N_("You can no longer sign in here. Ask the school if you think that you should."))
    if uses_left < 1:
        raise Refused(USED)
    if revoked_at is not None:
        raise Refused(N_("This link was withdrawn, because a newer one or a change took its place."))
    if expires_at <= now:
        raise Refused(N_("This link is too old."))


def check_period(*, since: date, until: date | None) -> None:
    """Refuse a role that would end before it begins."""
    if until is not None and until < since:
        raise Refused(N_("The last day comes before the first. Choose %(since)s or later."), field="until", since=since)
