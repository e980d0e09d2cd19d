"""The worker: ``celery -A worker worker --beat``. Tasks are doors; the rooms are in ``dsbs``."""
