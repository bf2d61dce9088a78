"""Seeded faults of addresses and HTTP that data cannot say: cookies, other spellings, other schemes, other bytes.

Named by mutants (``python: "conformance.reference.oparl.faults_http:…"``). Each takes a request and asks the genuine
platform.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from conformance.model import Request, Response
from conformance.session.mutant import Forward, MutantResponse

HOST = "//musterstadt.example"
_SESSION = ";jsessionid=9A41C07E"
_REDIRECTS = (301, 302)


# --- Sessions -------------------------------------------------------------------------------------------------


def cookie_first(request: Request, forward: Forward) -> MutantResponse:
    """Nothing comes before the client has brought back the cookie that it is given."""
    if any(name.lower() == "cookie" for name, _ in request.headers):
        return forward(request)
    headers = (("Location", request.url), ("Set-Cookie", "SESSION=9a41c07e; Path=/; Secure"))
    return Response(302, "Found", headers, b"")


def session_in_address(request: Request, forward: Forward) -> MutantResponse:
    """The address of the list of persons carries a session."""
    plain = replace(request, url=request.url.replace(_SESSION, ""))
    return _text(forward(plain), rf'({HOST}/oparl/body/1/person)"', rf'\1{_SESSION}"')


# --- Addresses that change or say too much ----------------------------------------------------------------------


def renumbered(request: Request, forward: Forward) -> MutantResponse:
    """Papers have other numbers whenever they are asked for again."""
    answer = forward(request)
    return _text(answer, r'/paper/(\d+)"', r'/paper/9\1"') if request.repeat else answer


def named_after_title(request: Request, forward: Forward) -> MutantResponse:
    """The address of an organization is made of its name."""
    name = "/oparl/body/1/organization/stadtverordnetenversammlung"
    return _moved(request, forward, "/oparl/body/1/organization/1", name)


def written_in_php(request: Request, forward: Forward) -> MutantResponse:
    """Meetings are found below meeting.php."""
    plain = replace(request, url=request.url.replace("/meeting.php/", "/meeting/"))
    return _text(forward(plain), r'(/oparl/body/1/meeting)(/\d+")', r"\1.php\2")


def _moved(request: Request, forward: Forward, path: str, other: str) -> MutantResponse:
    """One address is another one, in what is asked for and in what is answered."""
    parts = urlsplit(request.url)
    if parts.path == other:
        request = replace(request, url=urlunsplit(parts._replace(path=path)))
    return _text(forward(request), rf'{HOST}{path}"', f'{HOST}{other}"')


# --- Other spellings --------------------------------------------------------------------------------------------


def case_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Under another letter case comes the object, with that spelling as its id."""
    return _echoed(request, forward, same_case=False)


def zeros_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Under other zeros and slashes comes the object, with that spelling as its id."""
    return _echoed(request, forward, same_case=True)


def _echoed(request: Request, forward: Forward, *, same_case: bool) -> MutantResponse:
    found = _redirected(request, forward)
    if found is None:
        return forward(request)
    target, answer = found
    differs = target.lower() != request.url.lower()
    data = _object(answer)
    if data is None or differs is not same_case or not isinstance(answer, Response):
        return forward(request)
    return _with_body(answer, _json(data | {"id": request.url}))


def spelling_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Under any spelling comes the object, with its right id."""
    found = _redirected(request, forward)
    return forward(request) if found is None else found[1]


def _redirected(request: Request, forward: Forward) -> tuple[str, MutantResponse] | None:
    """Where a request for another spelling is redirected to, and the answer there."""
    answer = forward(request)
    if not isinstance(answer, Response) or answer.status not in _REDIRECTS:
        return None
    target = answer.header("location") or ""
    if not request.url.startswith("https://") or "/oparl/" not in target:
        return None
    return target, forward(replace(request, url=target))


def order_as_asked(request: Request, forward: Forward) -> MutantResponse:
    """Links repeat the parameters in the order in which the client gave them."""
    names = [pair.partition("=")[0] for pair in urlsplit(request.url).query.split("&")]
    answer = forward(request)
    data = _object(answer)
    if data is None or not isinstance(data.get("links"), dict) or not isinstance(answer, Response):
        return answer

    def place(pair: str) -> int:
        name = pair.partition("=")[0]
        return names.index(name) if name in names else len(names)

    for name, url in data["links"].items():
        parts = urlsplit(url)
        query = "&".join(sorted(parts.query.split("&"), key=place))
        data["links"][name] = urlunsplit(parts._replace(query=query))
    return _with_body(answer, _json(data))


# --- Schemes --------------------------------------------------------------------------------------------------------


def without_encryption(request: Request, forward: Forward) -> MutantResponse:
    """The interface gives out and answers addresses with http:// only."""
    answer = forward(_by_https(request))
    answer = _text(answer, f"https:{HOST}", f"http:{HOST}")
    if not isinstance(answer, Response):
        return answer
    headers = tuple((n, v.replace(f"https:{HOST}", f"http:{HOST}")) for n, v in answer.headers)
    return replace(answer, headers=headers)


def to_home_page(request: Request, forward: Forward) -> MutantResponse:
    """Whoever asks by http:// is sent to the home page for the time being."""
    if request.url.startswith("http://"):
        return Response(302, "Found", (("Location", f"https:{HOST}/ris"),), b"")
    return forward(request)


def downgraded(request: Request, forward: Forward) -> MutantResponse:
    """Whoever asks by https:// is sent to http://."""
    if request.url.startswith("https://"):
        location = request.url.replace("https://", "http://", 1)
        return Response(301, "Moved Permanently", (("Location", location),), b"")
    return forward(_by_https(request))


def _by_https(request: Request) -> Request:
    return replace(request, url=request.url.replace("http://", "https://", 1))


# --- Bytes ----------------------------------------------------------------------------------------------------------


def latin_1(request: Request, forward: Forward) -> MutantResponse:
    """The answer is encoded in ISO 8859-1."""
    answer = forward(request)
    if not isinstance(answer, Response):
        return answer
    return _with_body(answer, answer.body.decode("utf-8", "replace").encode("latin-1", "replace"))


def part_from_the_end(request: Request, forward: Forward) -> MutantResponse:
    """Whoever asks for the first bytes gets the last ones."""
    answer = forward(request)
    if not isinstance(answer, Response) or answer.status != 206:
        return answer
    headers = tuple((name, value) for name, value in request.headers if name.lower() != "range")
    whole = forward(replace(request, headers=headers))
    tail = whole.body[-len(answer.body) :] if isinstance(whole, Response) else b""
    return replace(answer, body=tail)


def weak_tags(request: Request, forward: Forward) -> MutantResponse:
    """Entity tags are weak."""
    answer = forward(request)
    if not isinstance(answer, Response):
        return answer
    headers = tuple((n, f"W/{v}" if n == "ETag" and v.startswith('"') else v) for n, v in answer.headers)
    return replace(answer, headers=headers)


# --- Changing an answer -----------------------------------------------------------------------------------------------


def _text(answer: MutantResponse, pattern: str, replacement: str) -> MutantResponse:
    if not isinstance(answer, Response) or answer.media_type != "application/json":
        return answer
    text = answer.body.decode("utf-8", "surrogateescape")
    changed = re.sub(pattern, replacement, text)
    return answer if changed == text else _with_body(answer, changed.encode("utf-8", "surrogateescape"))


def _with_body(answer: Response, body: bytes) -> Response:
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in answer.headers)
    return replace(answer, headers=headers, body=body)


def _object(answer: MutantResponse) -> dict[str, Any] | None:
    if not isinstance(answer, Response) or answer.media_type != "application/json":
        return None
    data = json.loads(answer.body)
    return data if isinstance(data, dict) else None


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
