"""Typed settings, read once from the environment.

With no configuration at all everything lives in one data folder (SQLite, an embedded broker, mails as files). Each
part grows up by naming it: ``DATABASE_URL``, ``REDIS_URL``, ``MAIL_URL``. In production no secret has a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self, cast, get_args
from urllib.parse import urlsplit

Environment = Literal["production", "demonstration", "development", "testing"]

ROOT = Path(__file__).resolve().parent


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message names the variable and says what it takes."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between two installations. Times are shown in ``time_zone``, stored in UTC."""

    environment: Environment
    data: Path
    secret_key: str
    database_url: str
    redis_url: str
    mail_url: str | None
    mail_from: str
    base_url: str
    trusted_proxies: int
    time_zone: str = "Europe/Brussels"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raise ``SettingsError`` in words that name the variable to set.

        Below the environment lies the file ``environment`` of the data folder, in which bin/run keeps how it started:
        so ``DSBS_DATA`` alone lets a ``flask`` command meet the same house.
        """
        data = Path(environ.get("DSBS_DATA") or ROOT / "data").resolve()
        environ = {**_kept_in(data / "environment"), **environ}
        environment = _environment(environ)
        return cls(
            environment=environment,
            data=data,
            secret_key=_secret_key(environ, data),
            database_url=_database_url(environ.get("DATABASE_URL") or f"sqlite:///{data / 'dsbs.sqlite3'}"),
            redis_url=environ.get("REDIS_URL") or f"unix://{data / 'broker.sock'}",
            mail_url=_mail_url(environ),
            mail_from=environ.get("MAIL_FROM") or "Doctoral School <doctoral.school@localhost>",
            base_url=(environ.get("BASE_URL") or "http://127.0.0.1:5000").rstrip("/"),
            trusted_proxies=_whole_number(environ, "TRUSTED_PROXIES"),
        )

    @property
    def in_production(self) -> bool:
        """Whether this is the real thing: no shifted clock, no style guide, no demonstration sign-ins."""
        return self.environment == "production"

    @property
    def mail_folder(self) -> Path:
        """Where messages land as files while no mail server is configured."""
        return self.data / "mail"

    def for_flask(self) -> dict[str, Any]:
        """The keys that Flask and its extensions read, derived from the settings above."""
        base = urlsplit(self.base_url)
        return {
            "SETTINGS": self,
            "SECRET_KEY": self.secret_key,
            "TESTING": self.environment == "testing",
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(self.database_url),
            "SESSION_COOKIE_NAME": "dsbs",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": base.scheme == "https",
            # One stays signed in on a device for so long after the last visit; the cookie is renewed once a day.
            "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
            "SESSION_REFRESH_EACH_REQUEST": False,
            "PREFERRED_URL_SCHEME": base.scheme,
            "BABEL_DEFAULT_LOCALE": "en",
            "BABEL_DEFAULT_TIMEZONE": self.time_zone,
            # A token lives as long as its session: a tab left open overnight must still save.
            "WTF_CSRF_TIME_LIMIT": None,
            # Pages whose address holds a secret send no referrer; the token and SameSite=Lax guard them as all others.
            "WTF_CSRF_SSL_STRICT": False,
            # An import of a whole university's people is under 2 MB; nothing larger is taken before signing in.
            "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        }


def _engine_options(database_url: str) -> dict[str, Any]:
    """On PostgreSQL pages read statement by statement; the write scope asks for its transaction.

    Where there is no transaction, none is rolled back when a connection is given back.
    """
    if database_url.startswith("sqlite"):
        return {}
    return {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}


def _kept_in(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.is_file() else []
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _environment(environ: Mapping[str, str]) -> Environment:
    name = environ.get("DSBS_ENV") or "production"
    if name not in get_args(Environment):
        raise SettingsError(f"DSBS_ENV is {name!r}; it takes one of {', '.join(get_args(Environment))}.")
    return cast(Environment, name)


def _secret_key(environ: Mapping[str, str], data: Path) -> str:
    """``SECRET_KEY``, or the key that bin/run made for this data folder; never a default."""
    key = environ.get("SECRET_KEY", "")
    kept = data / "secret_key"
    if not key and kept.is_file():
        key = kept.read_text().strip()
    if len(key) < 32:
        raise SettingsError(
            "SECRET_KEY is missing or shorter than 32 characters. Set it to a long random text, "
            "or start with bin/run, which makes one for its data folder."
        )
    return key


def _database_url(url: str) -> str:
    """Name the one PostgreSQL driver that is installed, whatever spelling the address came in."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL takes postgresql://USER:PASSWORD@HOST/NAME or sqlite:////PATH.")
    return url


def _mail_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("MAIL_URL") or None
    if url and (urlsplit(url).scheme not in ("smtp", "smtps", "smtp+starttls") or not urlsplit(url).hostname):
        raise SettingsError(
            "MAIL_URL takes smtp://, smtp+starttls:// or smtps:// followed by [USER:PASSWORD@]HOST[:PORT]."
        )
    return url


def _whole_number(environ: Mapping[str, str], name: str) -> int:
    value = environ.get(name) or "0"
    if not value.isdecimal():
        raise SettingsError(f"{name} is {value!r}; it takes a whole number.")
    return int(value)
