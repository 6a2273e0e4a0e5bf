"""PixVerse has no SDK: a schema from its documentation checks the adapter's requests and the fake's answers."""

import copy
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from generation.providers.adapters.pixverse.provider import PixverseProvider
from generation.providers.base import Mode
from tests.fakes.pixverse import PixverseFake
from tests.generation.providers.connected_fake import catch_error, connect_fake

SHAPES = json.loads((Path(__file__).parents[2] / "oracles/schemas/pixverse/shapes.json").read_text(encoding="utf-8"))
PATHS = {
    r"/openapi/v2/account/balance": "balance",
    r"/openapi/v2/image/upload": "picture",
    r"/openapi/v2/video/(text|img|transition|fusion)/generate": "created",
    r"/openapi/v2/video/result/\d+": "one",
}


def build_validator(name):
    return Draft202012Validator({**SHAPES, "$ref": f"#/$defs/{name}"})


@pytest.fixture
def pixverse(fake_server, shipped_models, tmp_path):
    fake = PixverseFake(b"video")
    fake.exchanges, respond = [], fake.respond

    def respond_and_record(request):
        reply = respond(request)
        fake.exchanges.append((request, copy.deepcopy(reply)))
        return reply

    fake.respond = respond_and_record
    return connect_fake(PixverseProvider(), fake, fake_server, tmp_path)


@pytest.fixture
def exchanges(pixverse):
    """All requests and responses of every mode of every model, every stage, every refusal and a wrong key."""
    provider, fake, connection = pixverse
    for model in provider.capabilities():
        for mode in sorted(model.modes):
            submitted = pixverse.submit(mode, model=model.model, negative_prompt="rain", seconds=model.seconds[0])
            for queued, running in ((60, 0), (0, 60), (0, 0)):
                fake.queued, fake.running = queued, running
                provider.poll(connection, submitted.handle)
            for end in ("failed", "moderated"):
                fake.tasks[submitted.task_id].outcome = end
                provider.poll(connection, submitted.handle)
    for kind in ("auth", "quota", "invalid", "moderation", "busy", "broken"):
        fake.next("submit", kind)
        pixverse.submit_refused()
    catch_error(lambda: provider.poll(connection, {"id": "1"}))
    provider.check(connection)
    connection.keys["api_key"] = "wrong"
    catch_error(lambda: provider.check(connection))
    return fake.exchanges


def test_requests_match_the_documented_schema(exchanges):
    kinds = set()
    for request, _reply in exchanges:
        if found := re.fullmatch(r"/openapi/v2/video/(\w+)/generate", request.path):
            build_validator(f"ask_{found[1]}").validate(request.json())
            kinds.add(found[1])

    assert len(kinds) == len({Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST, Mode.REFERENCES})


def test_answers_of_the_fake_match_the_documented_schema(exchanges):
    checked = set()
    for request, reply in exchanges:
        name = next(name for path, name in PATHS.items() if re.fullmatch(path, request.path))
        name = "error" if reply.body["ErrCode"] else name
        build_validator(name).validate(reply.body)
        checked.add(name)

    assert checked == {*PATHS.values(), "error"}


def test_schema_refuses_undocumented_requests(subtests):
    for change in (
        {"duration": "5"},
        {"quality": "720P"},
        {"negative_prompt": "rain"},
        {"first": 1},
        {"seed": 2**31},
    ):
        with subtests.test(change=change):
            valid = {"prompt": "x", "model": "v6", "duration": 5, "quality": "720p", "aspect_ratio": "16:9"}

            assert build_validator("ask_text").is_valid(valid)
            assert not build_validator("ask_text").is_valid(valid | change)
