"""A platform whose pages never end: the run does, within its limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cli_tools import conformance, report_of

from conformance.reference import ogcapi_features

SUBJECT = """
url: {url}
profile: ogcapi-features
allow_private: true
parameters: {{collections: [spielplaetze]}}
limits: {{rate: 1000, budget: 400}}
"""


def endless(app: Callable[..., Any]) -> Callable[..., Any]:
    """The platform, but each page of features has a next link, always to an address never seen before."""
    numbers = count(1)

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = [(k, v) for k, v in parse_qsl(environ["QUERY_STRING"], keep_blank_values=True) if k != "page"]
        environ["QUERY_STRING"] = urlencode(query)
        answer: list[Any] = []
        body = b"".join(app(environ, lambda status, headers, *_: answer.extend((status, headers))))
        if environ["PATH_INFO"].endswith("/items") and body.startswith(b"{") and b'"features"' in body:
            data = json.loads(body)
            links = [link for link in data["links"] if link["rel"] != "next"]
            href = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}?page={next(numbers)}"
            data["links"] = [*links, {"rel": "next", "type": "application/geo+json", "href": href}]
            body = json.dumps(data).encode()
        kept = [(k, v) for k, v in answer[1] if k.lower() not in ("content-length", "etag")]
        start_response(answer[0], [*kept, ("Content-Length", str(len(body)))])
        return [body]

    return wrapped


def test_an_endless_chain_of_pages_ends_within_the_limits(tmp_path: Path) -> None:
    with ogcapi_features.serve(endless(ogcapi_features.application())) as server:
        subject = tmp_path / "subject.yaml"
        subject.write_text(SUBJECT.format(url=server.url), encoding="utf-8")
        ended = conformance("run", subject, "--out", tmp_path / "run")
    report = report_of(tmp_path / "run")
    assert ended.code == 1
    assert report["run"]["complete"]
    assert report["run"]["requests"] <= 400
    failing = {v["requirement"] for v in report["verdicts"] if v["outcome"] == "failed"}
    assert "ogcapi-features.paging.next-progresses" in failing
    assert conformance("verify", tmp_path / "run").code == 0
