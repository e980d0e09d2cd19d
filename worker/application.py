"""Celery, each setting with its reason."""

from __future__ import annotations

from celery import Celery

from config import Settings


def broker_address(redis_url: str) -> str:
    """The broker's address as kombu spells it; redis-py says ``unix://`` where kombu says ``redis+socket://``."""
    if redis_url.startswith("unix://"):
        return "redis+socket://" + redis_url.removeprefix("unix://")
    return redis_url


def make_app(settings: Settings) -> Celery:
    """The Celery application for these settings."""
    celery = Celery("dsbs", broker=broker_address(settings.redis_url))
    celery.conf.update(
        # Tasks carry nothing but names and numbers; JSON keeps it so.
        task_serializer="json",
        accept_content=["json"],
        # What a task did stands in the database; nobody asks the broker.
        task_ignore_result=True,
        # A tick that dies with its worker is tried again, and every tick is safe to run twice.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # A tick works in small steps and stops by itself; these end one that hangs.
        task_soft_time_limit=240,
        task_time_limit=300,
        # Redelivery of what a killed worker held: minutes, not the hour that is the default.
        broker_transport_options={"visibility_timeout": 600, "unacked_restore_throttle": 1},
        broker_connection_retry_on_startup=True,
        timezone=settings.time_zone,
        enable_utc=True,
        worker_hijack_root_logger=False,
    )
    return celery
