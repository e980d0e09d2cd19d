"""Settings of an application under test."""

from __future__ import annotations

from pathlib import Path

from config import Settings


def settings_for(
    data: Path,
    *,
    database_url: str,
    redis_url: str | None = None,
    mail_url: str | None = None,
    base_url: str = "http://localhost",
) -> Settings:
    """Settings that touch nothing but this data folder and the servers that are named."""
    return Settings(
        environment="testing",
        data=data,
        secret_key="for tests only, at least 32 characters",
        database_url=database_url,
        redis_url=redis_url or f"unix://{data / 'no-broker.sock'}",
        mail_url=mail_url,
        mail_from="Doctoral School <doctoral.school@school.example>",
        base_url=base_url,
        trusted_proxies=0,
    )
