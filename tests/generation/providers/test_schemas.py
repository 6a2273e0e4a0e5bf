"""Providers without an official SDK: documented schemas check the adapter's requests and the fake's responses.

Each folder of tests/oracles/schemas has an ``index.json`` with the schema of each endpoint.
"""

import copy
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from generation.providers.adapters.kling.provider import KlingProvider
from generation.providers.adapters.minimax.provider import MinimaxProvider
from generation.providers.adapters.vidu.provider import ViduProvider
from generation.providers.errors import NoAnswer, NotSent, RemoteError
from tests.fakes.kling import KlingFake
from tests.fakes.minimax import MinimaxFake
from tests.fakes.vidu import ViduFake
from tests.generation.providers.connected_fake import connect_fake
from tests.generation.providers.lost_submissions import build_lost

SCHEMAS = Path(__file__).parents[2] / "oracles" / "schemas"
REFUSALS = ("auth", "quota", "invalid", "moderation", "busy", "broken")
_exchanges: dict[str, list] = {}
PAIRS = {
    "kling": (KlingProvider, KlingFake),
    "minimax": (MinimaxProvider, MinimaxFake),
    "vidu": (ViduProvider, ViduFake),
}


@cache
def schema(slug, name):
    return Draft202012Validator(json.loads((SCHEMAS / slug / f"{name}.json").read_text(encoding="utf-8")))


@cache
def index(slug):
    return json.loads((SCHEMAS / slug / "index.json").read_text(encoding="utf-8"))


def find_row(slug, request):
    rows = [row for row in index(slug) if row.get("method") == request.method]
    (found,) = [row for row in rows if re.search(row["path"], request.path)]
    return found


@pytest.fixture(params=PAIRS)
def connected(request, fake_server, shipped_models, tmp_path):
    """A provider without an SDK; all requests and responses are recorded."""
    provider, fake = (make() for make in PAIRS[request.param])
    fake.video_bytes, fake.exchanges = b"video", []
    respond = fake.respond

    def respond_and_record(request):
        reply = respond(request)
        if not request.path.startswith("/outputs/"):
            fake.exchanges.append((request, copy.deepcopy(reply)))
        return reply

    fake.respond = respond_and_record
    connected = connect_fake(provider, fake, fake_server, tmp_path)
    connected.connection = replace(
        connected.connection, webhook=f"https://studio.example/webhooks/{provider.slug}/t0ken/"
    )
    return connected


def record_all(connected):
    """Return all exchanges of every model, mode, stage and refusal, recorded once."""
    if connected.provider.slug not in _exchanges:
        run_all(connected)
        _exchanges[connected.provider.slug] = connected.fake.exchanges
    return _exchanges[connected.provider.slug]


def run_all(connected):
    n = 0
    for model in connected.provider.capabilities():
        for mode in sorted(model.modes):
            n += 1
            request = build_request(connected, model, mode)
            ref = f"5f0c1f6e-0000-4000-8000-{n:012}"
            prepared = connected.provider.prepare(connected.connection, request, ref)
            submitted = connected.provider.submit(connected.connection, prepared, ref)
            run_stages(connected, submitted)
            connected.provider.find(connected.connection, build_lost(request, prepared.handle, ref))
            connected.provider.find(connected.connection, build_lost(request, prepared.handle, "never-sent"))
    for kind in REFUSALS:
        connected.fake.next("submit", kind)
        expect_error(lambda: connected.provider.submit(connected.connection, prepared, "ref"))
    expect_error(lambda: connected.provider.poll(connected.connection, submitted.handle | {"id": "4711"}))
    connected.provider.check(connected.connection)
    wrong = replace(connected.connection, keys=dict.fromkeys(connected.connection.keys, "wrong"))
    expect_error(lambda: connected.provider.check(wrong))


def build_request(connected, model, mode):
    settings = {"seconds": model.seconds[0], "resolution": model.resolutions[0], "ratio": model.ratios[0]}
    negative_prompt = "rain" if model.has_negative_prompt else ""
    request = connected.request(
        mode, model=model.model, negative_prompt=negative_prompt, options={"audio": True}, **settings
    )
    return replace(request, references=request.references[: model.references_most])


def run_stages(connected, submitted):
    task = connected.fake.tasks[submitted.task_id]
    for queued, running in ((60, 0), (0, 60), (0, 0)):
        connected.fake.queued, connected.fake.running = queued, running
        connected.provider.poll(connected.connection, submitted.handle)
    connected.fake.queued = 60
    connected.provider.cancel(connected.connection, submitted.handle)
    connected.provider.poll(connected.connection, submitted.handle)
    connected.fake.queued, task.is_cancelled = 0, False
    connected.provider.cancel(connected.connection, submitted.handle)
    for end in ("failed", "moderated", "succeeded"):
        task.outcome = end
        connected.provider.poll(connected.connection, submitted.handle)


def expect_error(act):
    with pytest.raises((RemoteError, NoAnswer, NotSent)):
        act()


def test_requests_match_the_documented_schema(connected):
    for request, _reply in record_all(connected):
        row = find_row(connected.provider.slug, request)
        if "request" in row:
            schema(connected.provider.slug, row["request"]).validate(request.json())
        else:
            assert request.body == b""
        for name, value in request.query.items():
            assert re.fullmatch(row["query"][name], value), (request.path, name, value)


def test_answers_of_the_fake_match_the_documented_schema(connected):
    for request, reply in record_all(connected):
        row = find_row(connected.provider.slug, request)
        is_unknown_key = "wrong" in request.headers["authorization"]
        name = row["answers"].get(str(reply.status)) if not is_unknown_key else row.get("refusal")
        schema(connected.provider.slug, name or row["refusal"]).validate(reply.body)


def test_every_documented_call_is_covered(connected):
    called = {find_row(connected.provider.slug, request)["path"] for request, _reply in record_all(connected)}

    assert called == {row["path"] for row in index(connected.provider.slug) if "path" in row}


def test_callbacks_match_the_documented_schema(connected):
    model = connected.provider.capability()
    submitted = connected.submit(**{"seconds": model.seconds[0], "resolution": model.resolutions[0]})
    payload = connected.fake.callback(connected.fake.tasks[submitted.task_id])
    message = json.loads(payload[1]) if isinstance(payload, tuple) else payload
    (name,) = [row["callback"] for row in index(connected.provider.slug) if "callback" in row]

    if connected.provider.slug == "vidu":  # the format of a poll response, which has the video by then
        message |= {
            "creations": [{"id": "1", "url": "https://x.example/1.mp4", "cover_url": "https://x.example/1.jpg"}]
        }
    schema(connected.provider.slug, name).validate(message)


def test_every_schema_is_valid_and_indexed(subtests):
    for slug in PAIRS:
        with subtests.test(slug=slug):
            used = {
                name
                for row in index(slug)
                for name in (
                    row.get("request"),
                    row.get("refusal"),
                    row.get("callback"),
                    *row.get("answers", {}).values(),
                )
            }
            names = {path.stem for path in (SCHEMAS / slug).glob("*.json")} - {"index"}

            assert names == used - {None}
            for name in names:
                Draft202012Validator.check_schema(schema(slug, name).schema)


def test_schema_refuses_undocumented_requests(subtests):
    for slug, name, change in (
        ("kling", "text2video", {"duration": 5}),
        ("kling", "text2video", {"seed": 7}),
        ("kling", "text2video", {"mode": "8k"}),
        ("minimax", "create", {"duration": 10, "resolution": "1080P"}),
        ("minimax", "create", {"ratio": "16:9"}),
        ("vidu", "text2video", {"negative_prompt": "rain"}),
        ("vidu", "text2video", {"resolution": "720P"}),
    ):
        with subtests.test(slug=slug, name=name, change=change):
            valid = {
                "kling": {"model_name": "kling-v3", "prompt": "x", "duration": "5", "external_task_id": "r"},
                "minimax": {"model": "MiniMax-Hailuo-2.3", "prompt": "x", "duration": 6, "resolution": "1080P"},
                "vidu": {"model": "viduq3-pro", "prompt": "x", "duration": 5, "resolution": "720p"},
            }[slug]

            assert schema(slug, name).is_valid(valid)
            assert not schema(slug, name).is_valid(valid | change)
