"""MiniMax H3, second API: the film's address is in the task, and tasks can be listed, prompts and all."""

from dataclasses import replace
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import matching, parsing
from generation.providers.adapters.minimax_v2 import answers
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.input_files import data_uri, words
from generation.providers.remote import (
    Account,
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

CREATE, QUERY = "v2/video_generation", "v2/query/video_generation"
LINES = {480: "480P", 768: "768P", 1440: "2K"}
PAGE, PAGES = 50, 5
EARLY, LATE = 60, 180  # seconds around the submission in which ours must have begun
WAITING, ALL = "waiting", "all"
WAYS = (
    Way(
        "stop",
        _("What DELETE stops"),
        ((WAITING, _("only what waits")), (ALL, _("what runs as well"))),
        _(
            "Uncertain what DELETE does with a clip that runs. If it only strikes it off the list, the clip is made "
            "and charged there and nobody sees it. A clip is looked at first, since DELETE of a finished one deletes "
            "its film; one that ends in that very moment is lost all the same."
        ),
    ),
)


class MinimaxV2Provider(RemoteProvider):
    slug = "minimax-v2"
    label = _("MiniMax H3")
    byline = _("made by MiniMax H3, not drawn by this studio")
    base_url = "https://api.minimax.io"
    doc_url = "https://platform.minimax.io/user-center/basic-information/interface-key"
    key_fields = (
        KeyField("api_key", _("API key"), hint=_("A key from China needs the base address https://api.minimaxi.com.")),
    )
    tells = frozenset()
    ways = WAYS
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.LIST,
        stopping=Stopping.QUEUED,
        has_webhooks=True,
        per_minute=20,
    )
    doubts = {
        "billing": _("Its pages say nothing of what a failed clip costs."),
        "can_be_found": _("Uncertain whether every task tells its prompt in the list; what it tells must agree."),
        "misses": _("Hearsay: a task that is not there is answered with HTTP 500 and “record not found”."),
    }

    @property
    def manners(self) -> Manners:
        told = super().manners
        return replace(told, stopping=Stopping.ANY) if self.way("stop") == ALL else told

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        self._told(self.wire(account).get(QUERY, params={"page_num": 1, "page_size": 1}))
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        capability = self.able(request)
        has_frames = request.mode in (Mode.PICTURE, Mode.FIRST_LAST)
        body = {
            "model": capability.model,
            "content": [{"type": "text", "text": words(request.prompt, capability)}, *_pictures(request, capability)],
            "resolution": _lines(request),
            "duration": request.seconds,
            "ratio": "adaptive" if has_frames else request.ratio,
        }
        if account.webhook:
            body["callback_url"] = f"{account.webhook}?ref={ref}"  # what calls there names a lost submission
        return Prepared(body, {"model": capability.model})

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post(CREATE, json=prepared.body)
        return parsing.accepted(self._told(answer, is_submit=True).get("task_id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        return answers.snapshot(self._task(account, handle))

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """What waits; what runs only where an operator knows that it can. The same call forgets a finished task and its
        film, so it is looked at first."""
        stops = (Stage.QUEUED, Stage.RUNNING) if self.way("stop") == ALL else (Stage.QUEUED,)
        if answers.snapshot(self._task(account, handle)).stage not in stops:
            return Stopped.TOO_LATE
        answer = self.wire(account).send("DELETE", f"{CREATE}/{quote(handle['id'], safe='')}")
        return Stopped.DONE if answer.is_ok else parsing.refused_stop(answer)

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        """The list, newest first, down to the moment of the submission."""

        def read(page: int) -> dict:
            return self._told(self.wire(account).get(QUERY, params={"page_num": page, "page_size": PAGE}))

        return matching.through_pages(read, lost, _is_ours, pages=PAGES, early=EARLY)

    def event(self, account: Account, headers, body: bytes) -> Event:
        """Unsigned: only the id is read. UNCERTAIN whether it stands at the top or in the task; both are read."""
        said = parsing.callback(body)
        task_id = said.get("task_id") or parsing.part(said, "task").get("id") or said.get("id")
        return Event(task_id if parsing.is_id(task_id) else "")

    def echo(self, body: bytes) -> dict | None:
        return parsing.challenge(body)

    def _task(self, account: Account, handle: dict) -> dict:
        told = self._told(self.wire(account).get(f"{QUERY}/{quote(handle['id'], safe='')}"))
        return parsing.part(told, "task")

    def _told(self, answer, *, is_submit=False) -> dict:
        if answer.is_ok:
            return parsing.told(answer, is_submit=is_submit)
        code, detail = answers.error_of(answer.json())
        fault = answers.fault_of(answer, is_submit=is_submit)
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)


def _lines(request: ClipRequest) -> str:
    return LINES.get(request.resolution, f"{request.resolution}P")


def _is_ours(task: dict, lost: Lost) -> bool | None:
    """Moment and prompt must agree; it is echoed in ``content`` (UNCERTAIN for every task). So must model and length,
    where they are told."""
    asked = lost.request
    echoes = {"model": lost.handle["model"], "duration": asked.seconds, "resolution": _lines(asked)}
    return matching.alike(
        matching.is_near(matching.unix(task.get("created_at")), lost, early=EARLY, late=LATE),
        matching.agrees(parsing.part(task, "content").get("prompt"), asked.prompt),
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
