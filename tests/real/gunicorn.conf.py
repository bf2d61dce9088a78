"""Settings of the web server in front of pygeoapi."""

import os
import signal
import sys
import threading
from typing import Any

workers = 1
threads = 4
graceful_timeout = 3


def post_worker_init(worker: Any) -> None:
    """Stop the server when whoever started it is gone: its end of our stdin then closes."""
    threading.Thread(target=stop_at_end_of_input, args=(os.getppid(),), daemon=True).start()


def stop_at_end_of_input(master: int) -> None:
    """Wait for the end of stdin, then ask the master process to stop."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(master, signal.SIGTERM)
