"""Echo, an invented provider for tests of the worker, with any recovery and billing."""

import json
from dataclasses import replace

from generation.providers.base import Capability, Estimate, Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.remote import (
    Event,
    Output,
    Prepared,
    ProviderTraits,
    RemoteProvider,
    Search,
    Snapshot,
    Stage,
    Stopped,
    Stopping,
    Submitted,
)  # fmt: skip
from tests.fakes.server import Fake, Reply, Request

PRICE = 40_000
STAGES = {stage.value: stage for stage in Stage}


class EchoProvider(RemoteProvider):
    slug, label, byline, base_url = "echo", "Echo", "made by Echo", "https://echo.example"

    def __init__(self, **traits):
        defaults = {"is_busy_refusal": True, "concurrency": 100, "per_minute": 10_000}
        defaults |= {"stopping": Stopping.ANY, "has_progress": True}
        self.declared = replace(ProviderTraits(), **defaults | traits)

    def capabilities(self):
        return (
            Capability(
                "echo-1", "Echo 1", frozenset(Mode), ("16:9",), tuple(range(2, 16)), (480,), has_seed=True,
                has_negative_prompt=True,
            ),
        )  # fmt: skip

    def estimate(self, request):
        return Estimate(PRICE, "USD", 5)

    def auth(self, connection):
        return {"Authorization": f"Bearer {connection.keys.get('api_key', '')}"}

    def check(self, connection):
        self._read(self.client(connection).get("/account"))
        return "fine"

    def prepare(self, connection, request, ref):
        return Prepared({"prompt": request.prompt, "seed": request.seed}, {"kind": "video"})

    def submit(self, connection, prepared, ref):
        answer = self.client(connection).post("/tasks", json=prepared.body | {"ref": ref})
        data = self._read(answer, is_submit=True)
        if not isinstance(data, dict) or not isinstance(data.get("id"), str):
            raise RemoteError(Fault.UNKNOWN, "no_id", status=answer.status)
        return Submitted(data["id"], prepared.handle | {"id": data["id"]})

    def poll(self, connection, handle):
        data = self._read(self.client(connection).get(f"/tasks/{handle['id']}"))
        url = data.get("url")
        error = RemoteError(Fault(data["fault"]), "there") if data.get("fault") else None
        stage = STAGES.get(data["stage"])
        return Snapshot(
            stage or Stage.RUNNING, data.get("progress"), output=url and Output(url), error=error,
            note="" if stage else data["stage"], cost=data.get("cost", ""),
        )  # fmt: skip

    def find(self, connection, lost):
        data = self._read(self.client(connection).get("/tasks", params={"ref": lost.ref}))
        ids = [row["id"] for row in data["tasks"] if not lost.is_taken(row["id"])]
        return Submitted(ids[0], lost.handle | {"id": ids[0]}) if len(ids) == 1 else Search.ABSENT

    def cancel(self, connection, handle):
        return Stopped(self._read(self.client(connection).send("DELETE", f"/tasks/{handle['id']}"))["stopped"])

    def read_callback(self, connection, headers, body):
        payload = json.loads(body)
        return Event(payload.get("id", ""), payload.get("ref", ""))

    def _read(self, answer, *, is_submit=False):
        if not answer.is_ok:
            data = (answer.json() or {}) if answer.status < 500 else {}
            fault = Fault(data["kind"]) if data.get("kind") else None
            self.raise_refusal(answer, is_submit=is_submit, fault=fault, detail=data.get("error", ""))
        return answer.json()


class EchoFake(Fake):
    slug, cost = "echo", ""
    routes = [
        ("POST", "/tasks", "submit"),
        ("GET", "/tasks", "list"),
        ("GET", "/tasks/([^/]+)", "poll"),
        ("DELETE", "/tasks/([^/]+)", "stop"),
        ("GET", "/account", "account"),
    ]
    KINDS = {
        "auth": (401, "auth"), "quota": (402, "quota"), "invalid": (422, "invalid_input"),
        "moderation": (422, "moderation"), "busy": (429, "transient"), "broken": (500, None),
    }  # fmt: skip

    def refusal(self, kind):
        status, name = self.KINDS[kind]
        return Reply(status, {"kind": name, "error": f"refused: {kind}"})

    def submit(self, request: Request):
        data = request.json()
        return Reply(200, {"id": self.create(data, data["ref"]).id})

    def list(self, request: Request):
        ref = request.query.get("ref")
        return Reply(
            200, {"tasks": [{"id": task.id} for task in self.created if task.ref == ref and not task.is_deleted]}
        )

    def poll(self, request: Request, task_id: str):
        task = self.tasks.get(task_id)
        if task is None or task.is_deleted:
            return Reply(404, {"error": "no such task"})
        stage = self.stage(task)
        if stage == "moderated":
            return Reply(200, {"stage": "failed", "fault": "moderation"})
        url = self.video_url(request, task) if stage == "succeeded" else None
        data = {"stage": stage, "cost": self.cost, "url": url}
        return Reply(200, data | ({"fault": "provider_fault"} if stage == "failed" else {}))

    def stop(self, request: Request, task_id: str):
        self.tasks[task_id].is_cancelled = True
        return Reply(200, {"stopped": "requested"})

    def account(self, request: Request):
        return Reply(200, {"ok": True})

    def fault_unknown_word(self, request, handle):
        return Reply(200, {"stage": "pondering"})

    def fault_busy_without_a_code(self, request, handle):
        return Reply(429, {"error": "slow down"})

    def fault_without_film(self, request, handle):
        return Reply(200, {"stage": "succeeded"})
