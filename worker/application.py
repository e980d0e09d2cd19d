"""Celery, each setting with its reason."""

from __future__ import annotations

from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_init
from flask import Flask
from kombu import Queue

from config import Settings
from dsbs.core.db import db
from worker import tasks
from worker.schedule import SCHEDULE


def broker_address(redis_url: str) -> str:
    """The broker's address as kombu spells it: for a socket ``redis+socket://`` and ``virtual_host``.

    redis-py, which the rest of the program uses, says ``unix://`` and ``db``.
    """
    if not redis_url.startswith("unix://"):
        return redis_url
    return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")


def make_app(flask_app: Flask) -> Celery:
    """The Celery application whose tasks run inside this Flask application."""
    settings: Settings = flask_app.config["SETTINGS"]
    celery = Celery(
        "dsbs", broker=broker_address(settings.redis_url), task_cls=_inside(flask_app), set_as_current=False
    )
    celery.conf.update(
        # Tasks carry nothing but names and numbers; JSON keeps it so.
        task_serializer="json",
        accept_content=["json"],
        # What a task did stands in the database; nobody asks the broker.
        task_ignore_result=True,
        # A tick that is taken is gone; when its worker dies, the next one finds the same work in the database. A worker
        # with ticks to give back ends itself when it loses its broker (docs/decisions/0010-delivery.md).
        task_queues=[Queue("celery", no_ack=True)],
        # Most of a tick is waiting for the database or the mail server: while one waits the other goes on.
        worker_concurrency=2,
        # A tick works in small steps and stops by itself; this ends one that hangs, from outside: an exception thrown
        # into a delivery would be taken for a defect of the letter that it was about.
        task_time_limit=300,
        # The broker may be away for as long as it likes, at the start and later; the worker waits for it.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # The schedule holds intervals only: there is nothing to keep in a file that a kill could damage.
        beat_scheduler="celery.beat:Scheduler",
        beat_schedule=SCHEDULE,
        timezone=settings.time_zone,
        enable_utc=True,
        worker_hijack_root_logger=False,
    )
    for name, door in tasks.DOORS.items():
        celery.task(name=name)(door)
    worker_process_init.connect(_leave_connections(flask_app), weak=False)
    return celery


def _inside(flask_app: Flask) -> type[Task[..., Any]]:
    class InsideFlask(Task):  # type: ignore[type-arg]  # celery's classes are generic for the type checker only
        """A task with the application around it, and a database session of its own."""

        abstract = True

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with flask_app.app_context():
                return super().__call__(*args, **kwargs)

    return InsideFlask


def _leave_connections(flask_app: Flask) -> Any:
    def leave(**kwargs: Any) -> None:
        """A forked process must not speak through its parent's connections; it opens its own."""
        with flask_app.app_context():
            db.engine.dispose(close=False)

    return leave
