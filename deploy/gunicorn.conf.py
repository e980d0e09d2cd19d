"""The web server, for bin/run and for an installation of your own alike. Arguments and WEB_CONCURRENCY come on top."""

from __future__ import annotations

import gc
import os
from pathlib import Path

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Pages are processor time: more threads would only take turns. The second one serves while the first waits.
threads = 2
keepalive = 5

# A request that takes longer has lost its reader; the threads beside it go on until they are done.
timeout = 60
graceful_timeout = 10

# The heartbeat of a worker must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a heartbeat, no data

# Nothing is controlled from outside: signals suffice, and no socket lands in somebody's home.
control_socket_disable = True

# No access log: addresses of signed links carry their secret. The errors go to standard error.
accesslog = None


def post_worker_init(worker: object) -> None:
    """What the program is made of stays: the garbage collector need not look through it again and again.

    What a page leaves behind is small, and mostly gone by itself: it looks for circles every few pages, not in each.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
