"""Where a provider has no official SDK, schemas written from the notes hold both sides: what the adapter asks and what
the fake answers. Each folder of tests/oracles/schemas has an ``index.json``: which schema stands for which call.
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
_heard: dict[str, list] = {}
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


def row_of(slug, request):
    rows = [row for row in index(slug) if row.get("method") == request.method]
    (found,) = [row for row in rows if re.search(row["path"], request.path)]
    return found


@pytest.fixture(params=PAIRS)
def talk(request, fake_server, shipped_models, tmp_path):
    """A provider without an SDK; every exchange with its fake is kept."""
    provider, fake = (make() for make in PAIRS[request.param])
    fake.video_bytes, fake.exchanges = b"film", []
    respond = fake.respond

    def respond_and_record(request):
        reply = respond(request)
        if not request.path.startswith("/films/"):
            fake.exchanges.append((request, copy.deepcopy(reply)))
        return reply

    fake.respond = respond_and_record
    talk = connect_fake(provider, fake, fake_server, tmp_path)
    talk.connection = replace(talk.connection, webhook=f"https://studio.example/webhooks/{provider.slug}/t0ken/")
    return talk


def everything(talk):
    """All that was asked and answered in every mode of every model and every stage, with all refusals; walked once."""
    if talk.provider.slug not in _heard:
        walk(talk)
        _heard[talk.provider.slug] = talk.fake.exchanges
    return _heard[talk.provider.slug]


def walk(talk):
    n = 0
    for able in talk.provider.capabilities():
        for mode in sorted(able.modes):
            n += 1
            request = plain(talk, able, mode)
            ref = f"5f0c1f6e-0000-4000-8000-{n:012}"
            prepared = talk.provider.prepare(talk.connection, request, ref)
            done = talk.provider.submit(talk.connection, prepared, ref)
            watch(talk, done)
            talk.provider.find(talk.connection, build_lost(request, prepared.handle, ref))
            talk.provider.find(talk.connection, build_lost(request, prepared.handle, "never-sent"))
    for kind in REFUSALS:
        talk.fake.next("submit", kind)
        quietly(lambda: talk.provider.submit(talk.connection, prepared, "ref"))
    quietly(lambda: talk.provider.poll(talk.connection, done.handle | {"id": "4711"}))
    talk.provider.check(talk.connection)
    wrong = replace(talk.connection, keys=dict.fromkeys(talk.connection.keys, "wrong"))
    quietly(lambda: talk.provider.check(wrong))


def plain(talk, able, mode):
    shape = {"seconds": able.seconds[0], "resolution": able.resolutions[0], "ratio": able.ratios[0]}
    leave_out = "rain" if able.has_negative_prompt else ""
    request = talk.request(mode, model=able.model, negative_prompt=leave_out, options={"audio": True}, **shape)
    return replace(request, references=request.references[: able.references_most])


def watch(talk, done):
    task = talk.fake.tasks[done.task_id]
    for queued, running in ((60, 0), (0, 60), (0, 0)):
        talk.fake.queued, talk.fake.running = queued, running
        talk.provider.poll(talk.connection, done.handle)
    talk.fake.queued = 60
    talk.provider.cancel(talk.connection, done.handle)
    talk.provider.poll(talk.connection, done.handle)
    talk.fake.queued, task.is_cancelled = 0, False
    talk.provider.cancel(talk.connection, done.handle)
    for end in ("failed", "moderated", "succeeded"):
        task.outcome = end
        talk.provider.poll(talk.connection, done.handle)


def quietly(act):
    with pytest.raises((RemoteError, NoAnswer, NotSent)):
        act()


def test_requests_match_the_documented_schema(talk):
    for asked, _reply in everything(talk):
        row = row_of(talk.provider.slug, asked)
        if "request" in row:
            schema(talk.provider.slug, row["request"]).validate(asked.json())
        else:
            assert asked.body == b""
        for name, value in asked.query.items():
            assert re.fullmatch(row["query"][name], value), (asked.path, name, value)


def test_answers_of_the_fake_match_the_documented_schema(talk):
    for asked, reply in everything(talk):
        row = row_of(talk.provider.slug, asked)
        is_unknown_key = "wrong" in asked.headers["authorization"]
        name = row["answers"].get(str(reply.status)) if not is_unknown_key else row.get("refusal")
        schema(talk.provider.slug, name or row["refusal"]).validate(reply.body)


def test_every_documented_call_is_covered(talk):
    made = {row_of(talk.provider.slug, asked)["path"] for asked, _reply in everything(talk)}

    assert made == {row["path"] for row in index(talk.provider.slug) if "path" in row}


def test_callbacks_match_the_documented_schema(talk):
    able = talk.provider.capability()
    done = talk.submit(**{"seconds": able.seconds[0], "resolution": able.resolutions[0]})
    reported = talk.fake.callback(talk.fake.tasks[done.task_id])
    message = json.loads(reported[1]) if isinstance(reported, tuple) else reported
    (name,) = [row["callback"] for row in index(talk.provider.slug) if "callback" in row]

    if talk.provider.slug == "vidu":  # the shape of an answer to a poll, which has the film by then
        message |= {
            "creations": [{"id": "1", "url": "https://x.example/1.mp4", "cover_url": "https://x.example/1.jpg"}]
        }
    schema(talk.provider.slug, name).validate(message)


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
    for slug, name, bend in (
        ("kling", "text2video", {"duration": 5}),
        ("kling", "text2video", {"seed": 7}),
        ("kling", "text2video", {"mode": "4k"}),
        ("minimax", "create", {"duration": 10, "resolution": "1080P"}),
        ("minimax", "create", {"ratio": "16:9"}),
        ("vidu", "text2video", {"negative_prompt": "rain"}),
        ("vidu", "text2video", {"resolution": "720P"}),
    ):
        with subtests.test(slug=slug, name=name, bend=bend):
            fine = {
                "kling": {"model_name": "kling-v3", "prompt": "x", "duration": "5", "external_task_id": "r"},
                "minimax": {"model": "MiniMax-Hailuo-2.3", "prompt": "x", "duration": 6, "resolution": "1080P"},
                "vidu": {"model": "viduq3-pro", "prompt": "x", "duration": 5, "resolution": "720p"},
            }[slug]

            assert schema(slug, name).is_valid(fine)
            assert not schema(slug, name).is_valid(fine | bend)
