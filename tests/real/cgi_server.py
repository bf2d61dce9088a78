"""A small CGI host (RFC 3875) on loopback: one program, one process per request.

Not for production: no TLS, no logging, no limits but a body size and a time-out.
"""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

MAX_BODY = 1_000_000
SECONDS = 60
NOT_FROM_CLIENT = {"HTTP_PROXY", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"}


class Host(ThreadingHTTPServer):
    """The server, with the program it runs and the environment it gives it."""

    daemon_threads = True
    block_on_close = False
    program: Path
    environment: dict[str, str]


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the program and its answer back."""

    server: Host
    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    def answer(self) -> None:
        """Run the program for this request, whatever the method."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            return self.reply(413, [], b"")
        try:
            done = subprocess.run(
                [str(self.server.program)],
                input=self.rfile.read(length),
                env=self.variables(length),
                capture_output=True,
                timeout=SECONDS,
            )
        except (ValueError, OSError):
            return self.reply(400, [], b"")
        except subprocess.TimeoutExpired:
            return self.reply(504, [], b"")
        return self.reply(*parse(done.stdout))

    do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def variables(self, length: int) -> dict[str, str]:
        """The CGI variables of this request."""
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        given = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in self.headers.items()}
        return {
            **{name: value for name, value in given.items() if name not in NOT_FROM_CLIENT},
            **self.server.environment,
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": self.request_version,
            "SERVER_SOFTWARE": "fixture",
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "REMOTE_ADDR": str(self.client_address[0]),
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(length) if length else "",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
        }

    def reply(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send the answer; the length is ours to state, the body not for HEAD."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Be quiet."""


def parse(output: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body from what a CGI program wrote; 502 if it makes no sense."""
    ends = [(output.find(mark), mark) for mark in (b"\r\n\r\n", b"\n\n") if mark in output]
    if not ends:
        return 502, [], output
    at, mark = min(ends)
    status, headers = 200, []
    for line in output[:at].decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        elif name.lower() != "content-length":
            headers.append((name, value.strip()))
    return status, headers, output[at + len(mark) :]


@contextlib.contextmanager
def cgi_host(program: Path) -> Iterator[Host]:
    """A host on a free port of loopback; add to its `environment`, then use it."""
    with Host(("127.0.0.1", 0), Handler) as host:
        host.program = program
        host.environment = {}
        thread = threading.Thread(target=host.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()
