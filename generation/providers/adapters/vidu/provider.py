"""Vidu. It hands our reference back with each task (``payload``) and signs what it calls back with."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import matching, parsing
from generation.providers.adapters.vidu import answers, callbacks
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.input_files import data_uri, pictures_together, words
from generation.providers.remote import (
    Account,
    Event,
    Forged,
    KeyField,
    Lost,
    Manners,
    Prepared,
    Recovery,
    RemoteProvider,
    Search,
    Snapshot,
    Stopped,
    Stopping,
    Submitted,
    Way,
)

PATHS = {
    Mode.WORDS: "text2video",
    Mode.PICTURE: "img2video",
    Mode.FIRST_LAST: "start-end2video",
    Mode.REFERENCES: "reference2video",
}
TASKS = "ent/v2/tasks"
BODY_LIMIT = 19_500_000  # characters of pictures; the whole request may have 20 MB
PAGE, PAGES = 100, 5
EARLY, LATE = 60, 180  # seconds around the submission in which ours must have begun
PAGER, PAPER, NUMBERS = "pager", "paper", "numbers"
WAYS = (
    Way(
        "paging",
        _("How its list of tasks is paged"),
        ((PAGER, "pager.page_token"), (PAPER, "paper.page_token"), (NUMBERS, _("pager.page, counted from 0"))),
        _(
            "Its pages spell it in two ways. It is read only when an answer was lost, and costs nothing. With the "
            "wrong form a clip behind the first hundred tasks is not found: its price is held, and the page asks the "
            "person."
        ),
    ),
    Way(
        "progress",
        _("How far it says that it is"),
        ((answers.PERCENT, _("as a percentage")), (answers.SHARE, _("as a part of one"))),
        _("Only the bar that people see depends on it, no money does."),
    ),
)


class ViduProvider(RemoteProvider):
    slug = "vidu"
    label = _("Vidu")
    byline = _("made by Vidu, not drawn by this studio")
    base_url = "https://api.vidu.com"
    doc_url = "https://platform.vidu.com/api-keys"
    key_fields = (
        KeyField("api_key", _("API key"), hint=_("A key from China needs the base address https://api.vidu.cn.")),
    )
    tells = frozenset({"seed", "audio"})
    ways = WAYS
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.LIST,
        stopping=Stopping.QUEUED,
        has_progress=True,
        has_webhooks=True,
    )
    doubts = {
        "billing": _("Its pages say nothing of what a failed clip costs."),
        "can_be_found": _(
            "Uncertain whether its list tells our reference; where it does not, what was asked must agree."
        ),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Token {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        self._told(self.wire(account).get(TASKS, params={"pager.pagesz": 1}))
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        capability = self.able(request)
        body = {
            "model": capability.model,
            "prompt": words(request.prompt, capability),
            "duration": request.seconds,
            "resolution": f"{request.resolution}p",
            "seed": request.seed,
            "payload": ref,
        }
        if request.mode in (Mode.WORDS, Mode.REFERENCES):
            body["aspect_ratio"] = request.ratio
        if images := _images(request, capability):
            body["images"] = images
        if capability.has_audio:
            body["audio"] = bool(request.options.get("audio"))
        if request.mode == Mode.WORDS and parsing.model_facts(self.slug, capability.model).get("anime"):
            body["style"] = "anime"
        if account.webhook:
            body["callback_url"] = account.webhook  # bare: its query would be signed too, and ``payload`` says as much
        return Prepared(body, {"path": PATHS[request.mode], "model": capability.model})

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post(f"ent/v2/{prepared.handle['path']}", json=prepared.body)
        return parsing.accepted(self._told(answer, is_submit=True).get("task_id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        answer = self.wire(account).get(f"{TASKS}/{quote(handle['id'], safe='')}/creations")
        return answers.snapshot(self._told(answer), self.way("progress"))

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """In practice only what waits; anything else is refused with 400."""
        path = f"{TASKS}/{quote(handle['id'], safe='')}/cancel"
        answer = self.wire(account).post(path, json={"id": handle["id"]})
        return Stopped.DONE if answer.is_ok else parsing.refused_stop(answer)

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        """The list since the submission: by our reference where it is echoed (UNCERTAIN), else by what was asked."""
        tasks, is_whole = self._since(account, lost.sent_at - timedelta(seconds=EARLY))
        named = [task for task in tasks if task.get("payload") == lost.ref]
        look = matching.Look(lost)
        for task in named or tasks:
            look.row(task.get("id"), _is_ours(task, lost))
        return look.outcome(is_whole=is_whole)

    def _since(self, account: Account, moment: datetime) -> tuple[list[dict], bool]:
        """The tasks created since then, and whether these are all."""
        paging = self.way("paging")
        params = {"created_at.from": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "pager.pagesz": PAGE}
        tasks: list[dict] = []
        for page in range(PAGES):
            if paging == NUMBERS:
                params["pager.page"] = page
            told = self._told(self.wire(account).get(TASKS, params=params))
            rows, following = matching.rows(told, "tasks"), told.get("next_page_token")
            tasks += rows
            if not (rows if paging == NUMBERS else following):
                return tasks, len(rows) < PAGE  # a full page that names no next one may be paged in another form
            if paging != NUMBERS:
                params[f"{paging}.page_token"] = following
        return tasks, False

    def event(self, account: Account, headers, body: bytes) -> Event:
        """Signed with the key of the task, which may be an older one of the account (generation/providers/webhooks/receive.py)."""
        callbacks.verify(account.keys.get("api_key", ""), account.webhook, headers, body)
        said = parsing.callback(body)
        task_id, ref = said.get("id") or said.get("task_id"), said.get("payload")
        event = Event(task_id if parsing.is_id(task_id) else "", ref[:64] if isinstance(ref, str) else "")
        if event == Event():
            raise Forged
        return event

    def _told(self, answer, *, is_submit=False) -> dict:
        if answer.is_ok:
            return parsing.told(answer, is_submit=is_submit)
        code, detail = answers.reason_of(answer)
        fault = answers.fault_of(answer, is_submit=is_submit)
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)


def _images(request: ClipRequest, capability: Capability) -> list[str]:
    paths = [(request.start, "picture"), (request.last_frame, "last_picture")]
    paths += [(path, "references") for path in request.references]
    images = [data_uri(path, capability, field=field) for path, field in paths if path]
    pictures_together(capability, sum(len(image) for image in images), BODY_LIMIT)
    return images


def _is_ours(task: dict, lost: Lost) -> bool | None:
    """By our reference, where it is echoed; else the moment must agree and what was asked for."""
    if task.get("payload"):
        return task["payload"] == lost.ref
    asked = lost.request
    wanted = {"model": lost.handle["model"], "prompt": asked.prompt, "duration": asked.seconds}
    return matching.alike(
        matching.is_near(matching.moment(task.get("created_at")), lost, early=EARLY, late=LATE),
        *(matching.agrees(task.get(name), value) for name, value in wanted.items()),
    )
