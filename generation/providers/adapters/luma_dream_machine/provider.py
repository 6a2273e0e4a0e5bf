"""Luma's older interface, Dream Machine (ray-2): its list shows what was asked, so a lost id can be found again."""

from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import input_files, matching, parsing
from generation.providers.adapters.luma_dream_machine import answers
from generation.providers.base import ClipRequest, Mode
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
)

PAGE, PAGES = 50, 6


class LumaDreamMachineProvider(RemoteProvider):
    slug = "luma-dream-machine"
    label = _("Luma Dream Machine")
    byline = _("made by Luma, not drawn by this studio")
    base_url = "https://api.lumalabs.ai/dream-machine/v1"
    doc_url = "https://lumalabs.ai/dream-machine/api/keys"
    key_fields = (KeyField("api_key", _("API key"), hint=_("Of the older interface; those of luma-api- go to Luma.")),)
    starts = frozenset({Mode.WORDS, Mode.PICTURE, Mode.FIRST_LAST})
    tells = frozenset()
    fetches_pictures = True
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.LIST,  # the list echoes the request; that it is complete at once, nobody says
        busy_never_creates=True,  # 429 is its limit of tasks at one time and of requests a minute
        billing=Billing.UNDECLARED,
        stopping=Stopping.ANY,
        has_webhooks=True,
        concurrency=10,
        per_minute=20,
    )
    doubts = {
        "busy_never_creates": _("From memory: it is its limit of clips at one time and of requests a minute."),
        "billing": _("Uncertain whether what is deleted while it waits still costs its credits."),
        "absence_is_proof": _("Its list tells what was asked; that it is complete at once, nobody says."),
        "concurrency": _("From memory, for the Build tier."),
        "per_minute": _("From memory, for the Build tier."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        self._told(self.wire(account).get("credits"))
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        """Pictures by address: Dream Machine takes them in no other way."""
        capability = self.able(request)
        body = {
            "model": capability.model,
            "prompt": input_files.words(request.prompt, capability),
            "aspect_ratio": request.ratio,
            "duration": f"{request.seconds}s",
            "resolution": "4k" if request.resolution == 2160 else f"{request.resolution}p",
        }
        frames = (("frame0", request.start, "picture"), ("frame1", request.last_frame, "last_frame"))
        shots = {
            name: {"type": "image", "url": input_files.address(path, request, self.label, field=field)}
            for name, path, field in frames
            if path
        }
        if shots:
            body["keyframes"] = shots
        if account.webhook:
            body["callback_url"] = f"{account.webhook}?ref={ref}"
        return Prepared(body, {"model": capability.model, "calls_back": bool(account.webhook)})

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post("generations/video", json=prepared.body)
        if not answer.is_ok:
            self._refuse(answer, is_submit=True)
        return parsing.accepted(parsing.told(answer, is_submit=True).get("id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        return answers.snapshot(self._told(self.wire(account).get(_path(handle))))

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """What is deleted while it waits or dreams is gone; UNCERTAIN whether its credits are used all the same. Looked
        at first: what is finished would be deleted too, and it is paid for."""
        if self.poll(account, handle).stage not in (Stage.QUEUED, Stage.RUNNING):
            return Stopped.TOO_LATE
        answer = self.wire(account).send("DELETE", _path(handle))
        return Stopped.DONE if answer.is_ok else parsing.refused_stop(answer)

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        """Among the newest; only a single one that no other job has counts."""
        look, since, offset = matching.Look(lost), lost.sent_at.timestamp() - answers.BEFORE, 0
        for _page in range(PAGES):
            told = self._told(self.wire(account).get("generations", params={"limit": PAGE, "offset": offset}))
            rows = matching.rows(told, "generations")
            offset += len(rows)  # it may give fewer than it was asked for
            for row in rows:
                look.row(row.get("id"), answers.is_ours(row, lost))
            is_last = matching.is_last(told.get("has_more"), len(rows), PAGE)
            if is_last or matching.is_past([matching.moment(row.get("created_at")) for row in rows], since):
                return look.outcome(is_whole=True)
        return look.outcome(is_whole=False)

    def event(self, account: Account, headers, body: bytes) -> Event:
        """Unsigned: only the id is read, and the task is asked for before anything is believed."""
        task_id = parsing.callback(body).get("id")
        return Event(task_id if parsing.is_id(task_id) else "")

    def _told(self, answer) -> dict:
        if not answer.is_ok:
            self._refuse(answer, is_submit=False)
        return parsing.told(answer, is_submit=False)

    def _refuse(self, answer, *, is_submit: bool):
        fault, detail = answers.refusal(answer)
        return self.refuse(answer, is_submit=is_submit, detail=detail, fault=fault)


def _path(handle: dict) -> str:
    return f"generations/{quote(handle['id'], safe='')}"
