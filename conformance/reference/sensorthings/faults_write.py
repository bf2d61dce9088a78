"""Faults of writing that no change of an answer can describe: what is sent is changed, forgotten, or done otherwise."""

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from conformance.model import Failure, Request, Response
from conformance.session.mutant import Forward, MutantResponse

_JSON = (("Content-Type", "application/json"),)


# --- forgotten, or said to be done ---------------------------------------------------------------


def forgotten(_request: Request, _forward: Forward) -> MutantResponse:
    """What was asked for is said to be done, and is not."""
    return Response(200, "OK", _JSON, b"")


def dropped(_request: Request, _forward: Forward) -> MutantResponse:
    """A message is confirmed and thrown away."""
    return Response(204, "No Content", (), b"")


def refused(request: Request, _forward: Forward) -> MutantResponse:
    """What was asked for is refused, and not done."""
    return Response(403 if request.method == "PUBLISH" else 405, "", _JSON, b"")


def kept_in_part(request: Request, forward: Forward) -> MutantResponse:
    """Of a deep insert that fails the outermost entity stays."""
    outer = {name: value for name, value in _sent(request).items() if not isinstance(value, list)}
    forward(_sending(request, outer))
    return forward(request)


def kept_of_change_set(request: Request, forward: Forward) -> MutantResponse:
    """The first request of a change set that fails stays carried out."""
    first = re.search(rb'\{"name": "[^"]*Sensor, der nicht bleiben darf".*?\}\r\n', request.body, re.DOTALL)
    if first is not None:
        sensors = request.url.replace("%24batch", "$batch").replace("$batch", "Sensors")
        forward(replace(request, url=sensors, headers=_JSON, body=first[0].strip()))
    return forward(request)


# --- what is sent is something else --------------------------------------------------------------


def description_filled_in(request: Request, forward: Forward) -> MutantResponse:
    """A missing description is invented."""
    return forward(_sending(request, _sent(request) | {"description": ""}))


def result_filled_in(request: Request, forward: Forward) -> MutantResponse:
    """A missing result is invented."""
    return forward(_sending(request, _sent(request) | {"result": 0}))


def first_thing_for_missing(request: Request, forward: Forward) -> MutantResponse:
    """A Datastream without Thing is given to the first one."""
    return forward(_sending(request, _sent(request) | {"Thing": {"@iot.id": 1}}))


def first_sensor_for_unknown(request: Request, forward: Forward) -> MutantResponse:
    """A link to a Sensor that does not exist is taken for the first one."""
    return forward(_sending(request, _sent(request) | {"Sensor": {"@iot.id": 1}}))


def first_property_for_new(request: Request, forward: Forward) -> MutantResponse:
    """Instead of creating an ObservedProperty the first one is linked."""
    return forward(_sending(request, _sent(request) | {"ObservedProperty": {"@iot.id": 1}}))


def first_feature_for_new(request: Request, forward: Forward) -> MutantResponse:
    """Instead of creating a FeatureOfInterest the first one is linked."""
    return forward(_sending(request, _sent(request) | {"FeatureOfInterest": {"@iot.id": 1}}))


def without_observations(request: Request, forward: Forward) -> MutantResponse:
    """Observations within Datastreams within a Thing are left out."""
    body = _sent(request)
    streams = [{n: v for n, v in each.items() if n != "Observations"} for each in body.get("Datastreams", [])]
    return forward(_sending(request, body | {"Datastreams": streams}))


def first_feature_for_rows(request: Request, forward: Forward) -> MutantResponse:
    """The column FeatureOfInterest/id counts as 1 in every row."""
    groups = json.loads(request.body)
    for group in groups:
        for row in group["dataArray"]:
            row[-1] = 1
    return forward(replace(request, body=json.dumps(groups).encode()))


def first_sensor_for_reference(request: Request, forward: Forward) -> MutantResponse:
    """A reference by Content-ID is taken for the first Sensor."""
    return forward(replace(request, body=_shortened(request.body.replace(b'"$neuer"', b"1"))))


def _shortened(body: bytes) -> bytes:
    """A batch without the lengths of its parts, which no longer hold."""
    return re.sub(rb"Content-Length: \d+\r\n", b"", body)


# --- done otherwise ------------------------------------------------------------------------------


def replaced(request: Request, forward: Forward) -> MutantResponse:
    """PATCH is carried out as PUT: what is not sent is lost."""
    before = _read(forward(replace(request, method="GET", headers=(), body=b"")))
    kept = {name: before[name] for name in ("name", "description") if name in before}
    return forward(replace(_sending(request, kept | _sent(request)), method="PUT"))


def merged(request: Request, forward: Forward) -> MutantResponse:
    """PUT is carried out as PATCH: what is not sent stays."""
    return forward(replace(request, method="PATCH"))


def untested(request: Request, forward: Forward) -> MutantResponse:
    """Operations named test in a JSON Patch are not carried out."""
    operations = [each for each in json.loads(request.body) if each.get("op") != "test"]
    return forward(replace(request, body=json.dumps(operations).encode()))


def always_moving(request: Request, forward: Forward) -> MutantResponse:
    """A HistoricalLocation moves its Thing, however old it is."""
    answer = forward(request)
    body = _sent(request)
    root = request.url.rpartition("/")[0]
    thing = f"{root}/Things({body['Thing']['@iot.id']})"
    forward(
        replace(
            request, method="PATCH", url=thing, body=json.dumps({"Locations": body["Locations"]}).encode()
        )
    )
    return answer


def of_everybody(request: Request, forward: Forward) -> MutantResponse:
    """What is posted to the first Datastream of ours belongs to the first of all."""
    return forward(replace(request, url=re.sub(r"/Datastreams\(\d+\)/", "/Datastreams(1)/", request.url)))


# --- answers in another order or form ------------------------------------------------------------


def reversed_list(request: Request, forward: Forward) -> MutantResponse:
    """The answer is a list in reverse order."""
    answer = forward(request)
    return _answering(answer, json.loads(answer.body)[::-1]) if isinstance(answer, Response) else answer


def reversed_value(request: Request, forward: Forward) -> MutantResponse:
    """The entities of a collection come in reverse order."""
    answer = forward(request)
    data = _read(answer)
    return _answering(answer, data | {"value": data["value"][::-1]}) if data else answer


def mixed_groups(request: Request, forward: Forward) -> MutantResponse:
    """A row of the second group stands in the first one."""
    answer = forward(request)
    data = _read(answer)
    groups = data.get("value", [])
    if len(groups) < 2:
        return answer
    groups[0]["dataArray"].insert(0, groups[1]["dataArray"].pop(0))
    return _answering(answer, data)


def swapped_columns(request: Request, forward: Forward) -> MutantResponse:
    """The second and third value of every row are swapped, their names are not."""
    answer = forward(request)
    data = _read(answer)
    for group in data.get("value", []):
        group["dataArray"] = [[row[0], row[2], row[1], *row[3:]] for row in group["dataArray"]]
    return _answering(answer, data)


def swapped_parts(request: Request, forward: Forward) -> MutantResponse:
    """The two answers of a batch have changed places."""
    answer = forward(request)
    if not isinstance(answer, Response):
        return answer
    mark = answer.body.split(b"\r\n", 1)[0]
    parts = answer.body.split(mark)
    if len(parts) == 4:
        parts[1], parts[2] = parts[2], parts[1]
    return replace(answer, body=mark.join(parts))


def whole_message(request: Request, forward: Forward) -> MutantResponse:
    """A message has one value more than was selected."""
    answer = forward(request)
    if not isinstance(answer, Response):
        return answer
    messages = json.loads(answer.body)
    for each in messages:
        each["payload"] = json.dumps(json.loads(each["payload"]) | {"parameters": {}})
    return replace(answer, body=json.dumps(messages).encode())


def annotated(request: Request, forward: Forward) -> MutantResponse:
    """Messages have an annotation beside what they are about (legal)."""
    answer = forward(request)
    if not isinstance(answer, Response):
        return answer
    messages = json.loads(answer.body)
    for each in messages:
        each["payload"] = json.dumps(json.loads(each["payload"]) | {"@iot.id": 13})
    return replace(answer, body=json.dumps(messages).encode())


def plain_http(request: Request, forward: Forward) -> MutantResponse:
    """Location names http, because a proxy in front has taken the encryption off (legal)."""
    answer = forward(request)
    if not isinstance(answer, Response):
        return answer
    headers = ((n, v.replace("https:", "http:") if n.lower() == "location" else v) for n, v in answer.headers)
    return replace(answer, headers=tuple(headers))


# --- a service that lies about what it made ------------------------------------------------------


def somebody_elses(request: Request, forward: Forward) -> MutantResponse:
    """Creates what was posted, and says that it is at the address of the first entity of the set, which is another."""
    answer = forward(request)
    if not isinstance(answer, Response) or answer.status != 201 or answer.header("location") is None:
        return answer
    kind = urlsplit(request.url).path.rpartition("/")[2]
    root = request.url.partition("/v1.1/")[0] + "/v1.1"
    headers = tuple((n, f"{root}/{kind}(1)" if n.lower() == "location" else v) for n, v in answer.headers)
    return replace(answer, headers=headers, body=b"")


def _sent(request: Request) -> dict[str, Any]:
    """The entity that is sent."""
    data: dict[str, Any] = json.loads(request.body)
    return data


def _sending(request: Request, body: dict[str, Any]) -> Request:
    return replace(request, body=json.dumps(body).encode())


def _read(answer: MutantResponse) -> dict[str, Any]:
    """The JSON object of a successful answer; empty if there is none."""
    if isinstance(answer, Failure) or answer.status != 200:
        return {}
    data = json.loads(answer.body)
    return data if isinstance(data, dict) else {}


def _answering(answer: MutantResponse, data: Any) -> MutantResponse:
    if isinstance(answer, Failure):
        return answer
    body = json.dumps(data, ensure_ascii=False).encode()
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in answer.headers)
    return replace(answer, headers=headers, body=body)
