"""A Django site with nothing but django-ogc-sensorthings; runs in an environment of its own.

    python sensorthings_site.py BASE_URL DATABASE LISTENER

LISTENER is the number of an open socket. It ends when its standard input does: then whoever started it is gone.
"""

# ruff: noqa: E402 - Django reads its settings on import of what follows

import os
import signal
import sys
import threading
from uuid import UUID

from django.conf import settings  # type: ignore[import-not-found]

BASE_URL, DATABASE, LISTENER = sys.argv[1], sys.argv[2], int(sys.argv[3])
settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="loopback only",
    ALLOWED_HOSTS=["127.0.0.1"],
    USE_TZ=True,
    TIME_ZONE="UTC",  # Django's own default is Chicago
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
    INSTALLED_APPS=[
        "sensorthings.versions.v1_1",
        "sensorthings.versions.v1_1.backends.django",
        "sensorthings.versions.v1_1.extensions.dataarray",
    ],
    SENSORTHINGS_V1_1_SERVICE_URL=BASE_URL,
    SENSORTHINGS_V1_1_BACKEND_ADAPTER="sensorthings.versions.v1_1.backends.django.adapter.DjangoBackendAdapter",
    SENSORTHINGS_V1_1_ID_TYPE=UUID,
    SENSORTHINGS_V1_1_ID_DELIMITER="'",
)

import django  # type: ignore[import-not-found]

django.setup()

import uvicorn  # type: ignore[import-not-found]
from django.core.asgi import get_asgi_application  # type: ignore[import-not-found]
from django.core.management import call_command  # type: ignore[import-not-found]
from django.urls import include, path  # type: ignore[import-not-found]

urlpatterns = [path("", include("sensorthings.versions.v1_1.urls"))]


def stop_at_end_of_input() -> None:
    """Wait for the end of stdin, then ask ourselves to stop."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    uvicorn.run(get_asgi_application(), fd=LISTENER, log_level="warning", lifespan="off")
