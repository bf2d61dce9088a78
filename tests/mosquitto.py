"""A real MQTT broker on loopback for tests: Eclipse Mosquitto, if it is installed."""

from __future__ import annotations

import base64
import contextlib
import email
import hashlib
import os
import shutil
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PATHS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
PROGRAM = shutil.which("mosquitto", path=PATHS)
MISSING = "Mosquitto is not installed (Debian: mosquitto)"


@contextlib.contextmanager
def broker(folder: Path, *lines: str) -> Iterator[str]:
    """Run a broker with these lines of configuration; gives its endpoint ``mqtt://127.0.0.1:port``."""
    assert PROGRAM is not None
    port = _free_port()
    settings = folder / "mosquitto.conf"
    lines = lines or ("allow_anonymous true",)
    settings.write_text("\n".join([f"listener {port} 127.0.0.1", *lines, ""]), encoding="utf-8")
    running = subprocess.Popen([PROGRAM, "-c", str(settings)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"mqtt://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("Mosquitto does not answer")


class _Bridge(socketserver.BaseRequestHandler):
    """One MQTT connection over WebSocket (RFC 6455), passed on to a broker over TCP."""

    def handle(self) -> None:
        """Shake hands, then pass frames on in both directions until one side leaves."""
        stream = self.request.makefile("rb")
        head = email.message_from_bytes(b"".join(iter(stream.readline, b"\r\n")).partition(b"\r\n")[2])
        key = head["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Accept: {accept}", "Sec-WebSocket-Protocol: mqtt", "", ""]
        self.request.sendall("\r\n".join(lines).encode())
        with socket.create_connection(("127.0.0.1", self.server.behind)) as behind:  # type: ignore[attr-defined]
            threading.Thread(target=self._back, args=(behind,), daemon=True).start()
            while payload := _frame(stream):
                behind.sendall(payload)

    def _back(self, behind: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := behind.recv(100):
                self.request.sendall(bytes([0x82, len(data)]) + data)


def _frame(stream: BinaryIO) -> bytes:
    """The payload of one masked frame; empty at the end or at a closing frame."""
    first = stream.read(2)
    if len(first) < 2 or first[0] & 0x0F == 8:
        return b""
    length = first[1] & 0x7F
    length = int.from_bytes(stream.read(2), "big") if length == 126 else length
    mask, masked = stream.read(4), stream.read(length)
    return bytes(octet ^ mask[i % 4] for i, octet in enumerate(masked))


@contextlib.contextmanager
def over_websocket(endpoint: str) -> Iterator[str]:
    """The broker at ``endpoint``, reachable over WebSocket; Mosquitto's own listener does not start everywhere."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Bridge)
    server.behind = int(endpoint.rpartition(":")[2])  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"ws://127.0.0.1:{server.server_address[1]}/mqtt"
    finally:
        server.shutdown()
        server.server_close()
