"""ByteDance Seedance on ModelArk and Ark. A lost task is found in the list by the seed or the name that we gave it."""

from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import matching, parsing
from generation.providers.adapters.ark import answers
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.input_files import data_uri, words
from generation.providers.remote import (
    Account,
    Billing,
    Event,
    KeyField,
    Lost,
    Manners,
    Prepared,
    Recovery,
    RemoteProvider,
    Search,
    Snapshot,
    Stage,
    Stopped,
    Stopping,
    Submitted,
    Way,
)

TASKS = "contents/generations/tasks"
LINES = {2160: "4k"}
PAGE, PAGES = 100, 5
EARLY, LATE = 60, 180  # seconds around the submission in which ours must have begun
NAME = "safety_identifier"  # at most 64 characters; our reference has 36
UNNAMED, NAMED = "none", "reference"
WAYS = (
    Way(
        NAME,
        _("What it is told as safety_identifier"),
        ((UNNAMED, _("nothing")), (NAMED, _("our own name of the request"))),
        _(
            "With our own name, a request that got no answer is found again by it for certain, where its list tells it "
            "back; where it does not, by its seed as without. The field is meant for the person behind a request. "
            "Uncertain whether a new name with each request is tolerated: a refusal costs nothing, and a limit by "
            "person would never count."
        ),
    ),
)


class ArkProvider(RemoteProvider):
    slug = "ark"
    label = _("Seedance (Ark)")
    byline = _("made by Seedance, not drawn by this studio")
    base_url = "https://ark.ap-southeast.bytepluses.com/api/v3"
    doc_url = "https://console.byteplus.com/ark/apiKey"
    key_fields = (
        KeyField(
            "api_key",
            _("API key"),
            hint=_("A key from China needs the base address https://ark.cn-beijing.volces.com/api/v3."),
        ),
    )
    tells = frozenset({"seed", "audio"})
    ways = WAYS
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.LIST,
        billing=Billing.UNDECLARED,
        stopping=Stopping.QUEUED,
        has_webhooks=True,
    )
    doubts = {
        "billing": _("Its pages say nothing of what a failed clip costs."),
        "can_be_found": _(
            "Uncertain whether every model tells its seed and length in the list; what it tells must agree."
        ),
        "deadline_minutes": _("It drops a task itself after 48 hours."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        self._told(self.wire(account).get(TASKS, params={"page_num": 1, "page_size": 1}))
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        capability = self.able(request)
        body = {
            "model": capability.model,
            "content": [{"type": "text", "text": words(request.prompt, capability)}, *_pictures(request, capability)],
            "resolution": LINES.get(request.resolution, f"{request.resolution}p"),
            "ratio": request.ratio,
            "duration": request.seconds,
            "seed": request.seed,
        }
        if capability.has_audio:
            body["generate_audio"] = bool(request.options.get("audio"))
        if account.webhook:
            body["callback_url"] = f"{account.webhook}?ref={ref}"  # what calls there names a lost submission
        if self.way(NAME) == NAMED:
            return Prepared(body | {NAME: ref}, {"is_named": True})
        return Prepared(body)

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post(TASKS, json=prepared.body)
        return parsing.accepted(self._told(answer, is_submit=True).get("id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        return answers.snapshot(self._task(account, handle))

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """Only what waits. The same call forgets a finished task and its film, so it is looked at first."""
        if answers.snapshot(self._task(account, handle)).stage != Stage.QUEUED:
            return Stopped.TOO_LATE
        answer = self.wire(account).send("DELETE", _path(handle))
        return Stopped.DONE if answer.is_ok else parsing.refused_stop(answer)

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        """The list shows no prompts, but seeds: ours is random unless a person chose it, and the moment must fit."""

        def read(page: int) -> dict:
            return self._told(self.wire(account).get(TASKS, params={"page_num": page, "page_size": PAGE}))

        return matching.through_pages(read, lost, _is_ours, pages=PAGES, early=EARLY)

    def event(self, account: Account, headers, body: bytes) -> Event:
        """Unsigned: only the id is read, and the task is asked for before anything is believed."""
        task_id = parsing.callback(body).get("id")
        return Event(task_id if parsing.is_id(task_id) else "")

    def _task(self, account: Account, handle: dict) -> dict:
        return self._told(self.wire(account).get(_path(handle)))

    def _told(self, answer, *, is_submit=False) -> dict:
        if answer.is_ok:
            return parsing.told(answer, is_submit=is_submit)
        code, detail = answers.error_of(answer.json())
        fault = answers.fault_of(answer, is_submit=is_submit)
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)


def _path(handle: dict) -> str:
    return f"{TASKS}/{quote(handle['id'], safe='')}"


def _is_ours(task: dict, lost: Lost) -> bool | None:
    """By our own name, where it was sent and is echoed; else by the seed and the moment. UNCERTAIN whether every model
    echoes its seed and its other numbers; these must agree where they are told."""
    asked = lost.request
    if lost.handle.get("is_named") and task.get(NAME):
        return task[NAME] == lost.ref
    echoes = {"duration": asked.seconds, "resolution": LINES.get(asked.resolution, f"{asked.resolution}p")}
    return matching.alike(
        matching.is_near(matching.unix(task.get("created_at")), lost, early=EARLY, late=LATE),
        matching.agrees(parsing.number(task.get("seed")), asked.seed),
        all(matching.agrees(task.get(name), value) is not False for name, value in echoes.items()),
    )


def _pictures(request: ClipRequest, capability: Capability) -> list[dict]:
    def picture(path, role, field):
        url = {"url": data_uri(path, capability, field=field)}
        return {"type": "image_url", "image_url": url, "role": role}

    if request.mode == Mode.REFERENCES:
        return [picture(path, "reference_image", "references") for path in request.references]
    frames = [(request.start, "first_frame", "picture"), (request.last_frame, "last_frame", "last_picture")]
    return [picture(*frame) for frame in frames if frame[0]]
