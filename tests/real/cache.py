"""Where downloaded platforms and data live, and how they get there exactly once."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
DONE = ".complete"
PIP_OPTIONS = ("--no-deps", "--only-binary", ":all:", "--retries", "2")


class Unavailable(Exception):
    """A platform or its data cannot be had here; the text says why and what would help."""


def cache_root() -> Path:
    """The folder named by CONFORMANCE_CACHE, else ~/.cache/conformance."""
    named = os.environ.get("CONFORMANCE_CACHE")
    root = Path(named) if named else Path.home() / ".cache" / "conformance"
    root.mkdir(parents=True, exist_ok=True)
    return root.resolve()


def digest(*files: Path) -> str:
    """Eight hex digits that change when one of the files or the Python version changes."""
    seed = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for file in files:
        seed.update(file.read_bytes())
    return seed.hexdigest()[:8]


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process at a time work on `name`; the lock dies with its holder."""
    with (cache_root() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The cache folder `name`, filled by `make` unless an earlier call completed it."""
    folder = cache_root() / name
    with locked(name):
        if not (folder / DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            (folder / DONE).touch()
    return folder


def run(what: str, command: list[str], options: list[str], env: dict[str, str] | None = None) -> None:
    """Run a command to its end; its last words become the reason if it fails."""
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=900, env=env)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{what}: {error}") from error
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise Unavailable(f"{what}: exit code {done.returncode}: {' | '.join(words)}")


def make_venv(folder: Path) -> None:
    """A bare virtual environment with pip."""
    venv.create(folder, with_pip=True)


def pip() -> list[str]:
    """A pip to download with: this interpreter's, else one in an environment of its own."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    tools = once(f"tools-{digest()}", make_venv)
    return [str(tools / "bin" / "python"), "-m", "pip"]
