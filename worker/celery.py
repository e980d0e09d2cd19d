"""The Celery application of this installation, where ``celery -A worker`` looks for it; nothing else."""

from dsbs import create_app
from worker.application import make_app

app = make_app(create_app())
