"""Start real servers on loopback with real data, and stop them again."""

import contextlib
import os
import shutil
import signal
import socket
import string
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from .cache import HERE, PIP_OPTIONS, Unavailable, digest, locked, make_venv, once, run
from .cgi_server import cgi_host
from .data import data_folder

PYGEOAPI_REQUIREMENTS = HERE / "pygeoapi.requirements.txt"
READY_SECONDS = 60
GRACE_SECONDS = 5
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def install_pygeoapi() -> Path:
    """The virtual environment of pygeoapi, created on first use."""
    return once(f"pygeoapi-{digest(PYGEOAPI_REQUIREMENTS)}", fill_pygeoapi)


def fill_pygeoapi(folder: Path) -> None:
    """Create the environment and install the pinned packages into it."""
    make_venv(folder)
    python = folder / "bin" / "python"
    run(
        "installation of pygeoapi",
        [str(python), "-m", "pip", "install", "--quiet", *PIP_OPTIONS],
        ["--requirement", str(PYGEOAPI_REQUIREMENTS)],
    )


@contextlib.contextmanager
def pygeoapi() -> Iterator[str]:
    """A running pygeoapi with five collections; yields its base URL."""
    environment = install_pygeoapi()
    data = data_folder()
    with tempfile.TemporaryDirectory(prefix="pygeoapi-") as scratch:
        process, url = start_pygeoapi(environment / "bin" / "python", data, Path(scratch))
        try:
            yield url
        finally:
            stop(process)


def start_pygeoapi(
    python: Path, data: Path, scratch: Path, more: dict[str, str] | None = None
) -> tuple[subprocess.Popen[bytes], str]:
    """Start on a free port. We bind it and hand it over, so nobody else can take it meanwhile.

    ``more`` are further variables, such as another configuration.
    """
    log = scratch / "server.log"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        env = pygeoapi_environment(url, data, scratch) | (more or {})
        run(
            "OpenAPI document of pygeoapi",
            [str(python.with_name("pygeoapi")), "openapi", "generate", env["PYGEOAPI_CONFIG"]],
            ["--output-file", env["PYGEOAPI_OPENAPI"]],
            env,
        )
        handle = listener.fileno()
        process = spawn(
            gunicorn(python, f"fd://{handle}"),
            env,
            log,
            handle,
        )
    if not wait_until_ready(process, f"{url}/conformance?f=json"):
        stop(process)
        raise Unavailable(f"pygeoapi does not start: {tail(log)}")
    return process, url


def gunicorn(python: Path, bind: str) -> list[str]:
    """The command line of the web server."""
    settings = ["--config", str(HERE / "gunicorn.conf.py"), "--bind", bind]
    return [str(python), "-m", "gunicorn", *settings, "pygeoapi.flask_app:APP"]


def pygeoapi_environment(url: str, data: Path, scratch: Path) -> dict[str, str]:
    """The variables pygeoapi and its configuration file read; nothing of ours leaks in."""
    return {
        "PATH": os.defpath,
        "HOME": str(scratch),
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYGEOAPI_CONFIG": str(HERE / "pygeoapi.config.yml"),
        "PYGEOAPI_OPENAPI": str(scratch / "openapi.yml"),
        "REAL_BASE_URL": url,
        "REAL_DATA": str(data),
    }


def spawn(command: list[str], env: dict[str, str], log: Path, listener: int) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own; it ends when our end of stdin closes."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env=env,
            pass_fds=[listener],
            cwd=log.parent,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_until_ready(process: subprocess.Popen[bytes], address: str) -> bool:
    """Poll until this address answers 200; False if the server died or took too long."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with DIRECT.open(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask by process id, wait, then kill the process group we created."""
    if process.stdin:
        process.stdin.close()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tail(log: Path) -> str:
    """The last lines a server wrote."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return " | ".join(lines[-5:]) or "no output"


def find_mapserv() -> Path | None:
    """The MapServer program, where Debian or the path has it."""
    found = shutil.which("mapserv", path=f"/usr/lib/cgi-bin{os.pathsep}{os.defpath}")
    return Path(found) if found else None


def pygeoapi_version() -> str:
    """The pinned version of pygeoapi."""
    pins = PYGEOAPI_REQUIREMENTS.read_text(encoding="utf-8").split()
    return next(pin.removeprefix("pygeoapi==") for pin in pins if pin.startswith("pygeoapi=="))


def mapserver_version() -> str | None:
    """What the installed MapServer calls itself, for example 8.0.0."""
    program = find_mapserv()
    if not program:
        return None
    said = subprocess.run([str(program), "-v"], capture_output=True, text=True, timeout=30).stdout
    return said.removeprefix("MapServer version ").split(" ", 1)[0]


def install_mapserver() -> Path:
    """MapServer from the distribution; installs it only where it is missing and we are root."""
    program = find_mapserv()
    if program:
        return program
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise Unavailable("MapServer is missing: install the Debian package cgi-mapserver")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with locked("apt"):
        run("update of the package lists", ["apt-get", "update"], [], env)
        run(
            "installation of MapServer",
            ["apt-get", "install", "--yes", "--no-install-recommends"],
            ["cgi-mapserver"],
            env,
        )
    program = find_mapserv()
    if not program:
        raise Unavailable("MapServer is installed, but its program mapserv is not where expected")
    return program


@contextlib.contextmanager
def mapserver() -> Iterator[str]:
    """A running MapServer with two collections; yields its base URL. Never installs."""
    program = find_mapserv()
    if not program:
        raise Unavailable("MapServer is missing: run `python -m tests.real`")
    data = data_folder()
    with tempfile.TemporaryDirectory(prefix="mapserver-") as scratch, cgi_host(program) as host:
        url = f"http://127.0.0.1:{host.server_address[1]}/naturalearth/ogcapi"
        configuration = write_mapserver_files(Path(scratch), url, data)
        host.environment = {"MAPSERVER_CONFIG_FILE": str(configuration), "LC_ALL": "C.UTF-8"}
        try:
            DIRECT.open(f"{url}/conformance?f=json", timeout=READY_SECONDS).close()
        except OSError as error:
            raise Unavailable(f"MapServer does not answer: {error}") from error
        yield url


def write_mapserver_files(scratch: Path, url: str, data: Path) -> Path:
    """The map file and the configuration file that names it; returns the latter."""
    mapfile, configuration = scratch / "naturalearth.map", scratch / "mapserver.conf"
    fill(HERE / "mapserver.map", mapfile, base_url=url, data=data)
    fill(HERE / "mapserver.conf", configuration, mapfile=mapfile)
    return configuration


def fill(template: Path, target: Path, **values: object) -> None:
    """Write a template with its $names replaced."""
    text = string.Template(template.read_text(encoding="utf-8")).substitute(values)
    target.write_text(text, encoding="utf-8")
