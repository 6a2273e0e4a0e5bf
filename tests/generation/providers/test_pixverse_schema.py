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


def shape(name):
    return Draft202012Validator({**SHAPES, "$ref": f"#/$defs/{name}"})


@pytest.fixture
def pixverse(fake_server, shipped_models, tmp_path):
    fake = PixverseFake(b"film")
    fake.exchanges, respond = [], fake.respond

    def respond_and_record(request):
        reply = respond(request)
        fake.exchanges.append((request, copy.deepcopy(reply)))
        return reply

    fake.respond = respond_and_record
    return connect_fake(PixverseProvider(), fake, fake_server, tmp_path)


@pytest.fixture
def walked(pixverse):
    """Every mode of every model, every stage, every refusal, a wrong key."""
    provider, fake, connection = pixverse
    for able in provider.capabilities():
        for mode in sorted(able.modes):
            done = pixverse.submit(mode, model=able.model, negative_prompt="rain", seconds=able.seconds[0])
            for queued, running in ((60, 0), (0, 60), (0, 0)):
                fake.queued, fake.running = queued, running
                provider.poll(connection, done.handle)
            for end in ("failed", "moderated"):
                fake.tasks[done.task_id].outcome = end
                provider.poll(connection, done.handle)
    for kind in ("auth", "quota", "invalid", "moderation", "busy", "broken"):
        fake.next("submit", kind)
        pixverse.submit_refused()
    catch_error(lambda: provider.poll(connection, {"id": "1"}))
    provider.check(connection)
    connection.keys["api_key"] = "wrong"
    catch_error(lambda: provider.check(connection))
    return fake.exchanges


def test_requests_match_the_documented_schema(walked):
    kinds = set()
    for asked, _reply in walked:
        if found := re.fullmatch(r"/openapi/v2/video/(\w+)/generate", asked.path):
            shape(f"ask_{found[1]}").validate(asked.json())
            kinds.add(found[1])

    assert len(kinds) == len({Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST, Mode.REFERENCES})


def test_answers_of_the_fake_match_the_documented_schema(walked):
    seen = set()
    for asked, reply in walked:
        name = next(name for path, name in PATHS.items() if re.fullmatch(path, asked.path))
        name = "error" if reply.body["ErrCode"] else name
        shape(name).validate(reply.body)
        seen.add(name)

    assert seen == {*PATHS.values(), "error"}


def test_schema_refuses_undocumented_requests(subtests):
    for bend in (
        {"duration": "5"},
        {"quality": "720P"},
        {"negative_prompt": "rain"},
        {"first": 1},
        {"seed": 2**31},
    ):
        with subtests.test(bend=bend):
            fine = {"prompt": "x", "model": "v6", "duration": 5, "quality": "720p", "aspect_ratio": "16:9"}

            assert shape("ask_text").is_valid(fine)
            assert not shape("ask_text").is_valid(fine | bend)
