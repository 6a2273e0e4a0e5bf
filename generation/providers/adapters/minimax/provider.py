"""MiniMax Hailuo, first API: a finished task names a file, a second call says where it lies.

Nothing of ours is kept with a task and there is no list: a lost submission is found by its callback only, whose address
carries our reference. H3 speaks another language and is a provider of its own (minimax_v2).
"""

from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from generation.providers import parsing
from generation.providers.adapters.minimax import answers
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.errors import Fault, RemoteError
from generation.providers.input_files import data_uri, length, words
from generation.providers.remote import (
    Account,
    Event,
    KeyField,
    Manners,
    Prepared,
    Recovery,
    RemoteProvider,
    Snapshot,
    Stage,
    Submitted,
)

QUERY, FILE = "v1/query/video_generation", "v1/files/retrieve"
NO_TASK = "0"


class MinimaxProvider(RemoteProvider):
    slug = "minimax"
    label = _("MiniMax Hailuo")
    byline = _("made by MiniMax Hailuo, not drawn by this studio")
    base_url = "https://api.minimax.io"
    doc_url = "https://platform.minimax.io/user-center/basic-information/interface-key"
    key_fields = (
        KeyField("api_key", _("API key"), hint=_("A key from China needs the base address https://api.minimaxi.com.")),
    )
    tells = frozenset()
    stages = answers.STAGES
    declared = Manners(recovery=Recovery.WEBHOOK, has_webhooks=True, per_minute=5)
    doubts = {
        "billing": _("Its pages say nothing of what a failed clip costs."),
        "per_minute": _("From memory, for small plans."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        """There is no call for this: a task that cannot be is asked for, which only a known key is told."""
        try:
            self._told(self.wire(account).get(QUERY, params={"task_id": NO_TASK}))
        except RemoteError as error:
            if error.fault != Fault.LOST:
                raise
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        capability = self.able(request)
        length(request, capability)
        body = {
            "model": capability.model,
            "prompt": words(request.prompt, capability),
            **({} if request.mode == Mode.REFERENCES else _shape(request)),
            **_pictures(request, capability),
        }
        if account.webhook:
            body["callback_url"] = f"{account.webhook}?{urlencode({'ref': ref})}"
        return Prepared(body)

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post("v1/video_generation", json=prepared.body)
        return parsing.accepted(self._told(answer, is_submit=True).get("task_id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        body = self._told(self.wire(account).get(QUERY, params={"task_id": handle["id"]}), is_task=True)
        if answers.stage_of(body) != Stage.SUCCEEDED:
            return answers.snapshot(body)
        file_id = body.get("file_id")
        if not file_id:
            return parsing.film(None)
        return parsing.film(self._address(account, str(file_id)))

    def _address(self, account: Account, file_id: str):
        """Where the film lies now; asked for again, it is a fresh address."""
        file = parsing.part(self._told(self.wire(account).get(FILE, params={"file_id": file_id})), "file")
        return file.get("download_url") or file.get("backup_download_url")

    def event(self, account: Account, headers, body: bytes) -> Event:
        """Unsigned: only the id is read. A first callback is a challenge, which names no task."""
        task_id = parsing.callback(body).get("task_id")
        return Event(task_id if parsing.is_id(task_id) else "")

    def echo(self, body: bytes) -> dict | None:
        return parsing.challenge(body)

    def _told(self, answer, *, is_submit=False, is_task=False) -> dict:
        """The answer's object when its code is 0. A failed task says in the same place why it failed: that is seen."""
        body = answer.json()
        code, detail = answers.base_of(body)
        if answer.is_ok and (code == 0 or (is_task and answers.stage_of(body) == Stage.FAILED)):
            return parsing.told(answer, is_submit=is_submit)
        if answer.is_ok and code is None:
            parsing.no_id(answer) if is_submit else parsing.nothing_seen()
        fault = answers.fault_of(answer, is_submit=is_submit)
        return self.refuse(answer, is_submit=is_submit, code=code or "", detail=detail, fault=fault)


def _shape(request: ClipRequest) -> dict:
    return {"duration": request.seconds, "resolution": f"{request.resolution}P"}


def _pictures(request: ClipRequest, capability: Capability) -> dict:
    if request.mode == Mode.REFERENCES:
        images = [data_uri(path, capability, field="references") for path in request.references]
        return {"subject_reference": [{"type": "character", "image": images}]}
    if request.mode == Mode.WORDS:
        return {}
    made = {"first_frame_image": data_uri(request.start, capability)}
    if request.mode == Mode.FIRST_LAST:
        made["last_frame_image"] = data_uri(request.last_frame, capability, field="last_picture")
    return made
