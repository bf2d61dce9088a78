"""Start django-ogc-sensorthings on loopback with data of our own, and stop it again."""

import contextlib
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .cache import HERE, PIP_OPTIONS, Unavailable, digest, make_venv, once, run
from .platforms import spawn, stop, tail, wait_until_ready
from .sensorthings_data import fill_service

REQUIREMENTS = HERE / "sensorthings.requirements.txt"
PRODUCT = "django-ogc-sensorthings"


def install_sensorthings() -> Path:
    """The virtual environment of the server, created on first use."""
    return once(f"sensorthings-{digest(REQUIREMENTS)}", fill_environment)


def fill_environment(folder: Path) -> None:
    """Create the environment and install the pinned packages into it."""
    make_venv(folder)
    source = ["--no-binary", "sly"]  # odata-query wants sly 0.4, which has no wheel
    run(
        f"installation of {PRODUCT}",
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *PIP_OPTIONS, *source],
        ["--requirement", str(REQUIREMENTS)],
    )


def sensorthings_version() -> str:
    """The pinned version of the server."""
    pins = REQUIREMENTS.read_text(encoding="utf-8").split()
    return next(pin.removeprefix(f"{PRODUCT}==") for pin in pins if pin.startswith(f"{PRODUCT}=="))


@contextlib.contextmanager
def sensorthings() -> Iterator[str]:
    """A running server with six things and 134 observations; yields the address of its service root."""
    environment = install_sensorthings()
    with tempfile.TemporaryDirectory(prefix="sensorthings-") as scratch:
        process, base = start_sensorthings(environment / "bin" / "python", Path(scratch))
        try:
            fill_service(base)
            yield base
        finally:
            stop(process)


def start_sensorthings(python: Path, scratch: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start on a free port. We bind it and hand it over, so nobody else can take it meanwhile."""
    log = scratch / "server.log"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url, handle = f"http://127.0.0.1:{listener.getsockname()[1]}", listener.fileno()
        site = [str(HERE / "sensorthings_site.py"), url, str(scratch / "db.sqlite3"), str(handle)]
        env = {"PATH": os.defpath, "HOME": str(scratch), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        process = spawn([str(python), *site], env, log, handle)
    if not wait_until_ready(process, f"{url}/v1.1/"):
        stop(process)
        raise Unavailable(f"{PRODUCT} does not start: {tail(log)}")
    return process, f"{url}/v1.1"
