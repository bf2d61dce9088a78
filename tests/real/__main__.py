"""Set up the real platforms, or keep them running to look at them.

python -m tests.real          install what is missing (idempotent), say what it took
python -m tests.real serve    start all, print their base URLs, stop at Ctrl-C

Measured on two cores with a fast network: data 1 s and 3 MB, pygeoapi 24 s and 360 MB,
MapServer 13 s, django-ogc-sensorthings 27 s; each starts in 2 s or less and stops within 1 s.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .cache import Unavailable
from .data import data_folder
from .gdal import install_gdal
from .platforms import install_mapserver, install_pygeoapi, mapserver, pygeoapi
from .sensorthings_server import install_sensorthings, sensorthings


def main(arguments: list[str]) -> int:
    """Do what the command line says; 0 if every platform is there."""
    if arguments == ["serve"]:
        return serve()
    if arguments:
        print(__doc__)
        return 2
    steps = {
        "data": data_folder,
        "pygeoapi": install_pygeoapi,
        "MapServer": install_mapserver,
        "django-ogc-sensorthings": install_sensorthings,
        "GDAL": install_gdal,
    }
    return max([report(name, step) for name, step in steps.items()])


def report(name: str, step: Callable[[], Path]) -> int:
    """Take one step and say how it went."""
    begin = time.monotonic()
    try:
        where = step()
    except Unavailable as reason:
        print(f"{name}: not available: {reason}")
        return 1
    print(f"{name}: {where} ({time.monotonic() - begin:.1f} s)")
    return 0


def serve() -> int:
    """Run all platforms until interrupted."""
    platforms = {"pygeoapi": pygeoapi, "MapServer": mapserver, "django-ogc-sensorthings": sensorthings}
    with contextlib.ExitStack() as running, contextlib.suppress(KeyboardInterrupt):
        for name, platform in platforms.items():
            print(f"{name}: {running.enter_context(platform())}", flush=True)
        threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
