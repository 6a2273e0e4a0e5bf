"""Echo under several names (EXTRA_PROVIDERS): one for each Recovery, and one whose list does not prove absence."""

import re
from collections import deque
from dataclasses import replace

from generation.providers.remote import Billing, Recovery, Search, Submitted
from tests.fakes.echo import EchoFake, EchoProvider
from tests.fakes.server import Reply

TAKEN = "task-of-another-job"
LATER = 3  # seconds; far more than any pause of a worker in tests
PATIENT = {"first_poll": 0.5, "poll_interval": 0.5, "max_poll_interval": 1.0, "billing": Billing.SUCCESS}


class OwnId(EchoProvider):
    slug, label = "echo-own", "Echo Own"

    def __init__(self):
        super().__init__(recovery=Recovery.OWN_ID, absence_is_proof=True, **PATIENT)


class Lists(EchoProvider):
    """Stores no reference; tasks are matched by prompt and seed."""

    slug, label = "echo-list", "Echo List"

    def __init__(self):
        super().__init__(recovery=Recovery.LIST, absence_is_proof=True, **PATIENT)

    def find(self, connection, lost):
        data = self._read(self.client(connection).get("/everything"))
        ours = [
            row["id"] for row in data["tasks"]
            if (row["prompt"], row["seed"]) == (lost.request.prompt, lost.request.seed) and not lost.is_taken(row["id"])
        ]  # fmt: skip
        if not ours:
            return Search.ABSENT
        return Submitted(ours[0], lost.handle | {"id": ours[0]}) if len(ours) == 1 else Search.UNDECIDED


class ListsSome(Lists):
    slug, label = "echo-some", "Echo Some"

    def __init__(self):
        super().__init__()
        self.declared = replace(self.declared, absence_is_proof=False)


class Calls(EchoProvider):
    slug, label = "echo-webhook", "Echo Webhook"

    def __init__(self):
        super().__init__(recovery=Recovery.WEBHOOK, has_webhooks=True, **PATIENT)

    def find(self, connection, lost):
        return Search.UNDECIDED  # only a callback could identify the task


class Silent(EchoProvider):
    slug, label = "echo-none", "Echo None"

    def __init__(self):
        super().__init__(recovery=Recovery.NONE, **PATIENT)


class Steady(EchoProvider):
    """Polled every ten seconds without a deadline."""

    slug, label = "echo-steady", "Echo Steady"

    def __init__(self):
        paces = {"first_poll": 10, "poll_interval": 10, "max_poll_interval": 10}
        super().__init__(recovery=Recovery.OWN_ID, has_webhooks=True, **paces)
        self.declared = replace(self.declared, concurrency=32000, per_minute=32000)


ENGINES = {engine.slug: f"{__name__}.{engine.__name__}" for engine in (OwnId, Lists, Calls, Silent)}
PROVES_NOTHING = {ListsSome.slug: f"{__name__}.{ListsSome.__name__}"}


class EveryTaskFake(EchoFake):
    routes = [("GET", "/everything", "everything"), *EchoFake.routes]

    def everything(self, request):
        rows = [
            {"id": task.id, "prompt": task.request["prompt"], "seed": task.request["seed"]} for task in self.created
        ]
        return Reply(200, {"tasks": rows})


class ScriptedFake(EveryTaskFake):
    """Fake with faults per clip, by a mark in its prompt: ``script["f28"] = {"submit": deque(["html_502"])}``."""

    def __init__(self, *args, **times):
        super().__init__(*args, **times)
        self.script: dict[str, dict[str, deque]] = {}

    def take_fault(self, route, request):
        found = re.search(r"/(?:tasks|outputs)/([^/.]+)", request.path)
        if route == "submit":
            prompt = request.json()["prompt"]
        else:
            prompt = self.tasks[found[1]].request["prompt"] if found else ""
        faults = next((faults for mark, faults in self.script.items() if f"[{mark}]" in prompt), {})
        return faults[route].popleft() if faults.get(route) else ""

    @property
    def stopped(self):
        return [task for task in self.created if task.is_cancelled]

    def fault_queued_again(self, request, handle):
        return Reply(200, {"stage": "queued"})

    def fault_another_jobs_id(self, request, handle):
        return replace(handle(), body={"id": TAKEN})

    def fault_a_number_for_an_id(self, request, handle):
        return replace(handle(), body={"id": 7})

    def fault_an_id_of_a_megabyte(self, request, handle):
        return replace(handle(), body={"id": "x" * (1 << 20)})

    def fault_come_back_later(self, request, handle):
        return Reply(429, {"error": "slow down"}, {"Retry-After": str(LATER)})


def fakes(video: bytes, fake_class=EveryTaskFake, slugs=ENGINES, **times) -> list[EchoFake]:
    created = []
    for slug in slugs:
        fake = fake_class(video, **times)
        fake.slug = slug
        created.append(fake)
    return created
