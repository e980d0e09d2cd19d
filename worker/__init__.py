"""The Celery application: ``celery -A worker worker --beat``. Tasks are doors; the rooms are in ``dsbs``."""

from worker.application import app

__all__ = ["app"]
