"""Kling. It keeps our own id with each task (``external_task_id``), so nothing that was sent is ever lost."""

import time
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import matching, parsing
from generation.providers.adapters.kling import answers, bodies, keys
from generation.providers.base import ClipRequest
from generation.providers.errors import Fault, RemoteError
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
    Submitted,
)

PAGE, PAGES = 100, 5
EARLY, LATE = 300, 300  # seconds around the submission in which ours must have begun


class KlingProvider(RemoteProvider):
    slug = "kling"
    label = _("Kling")
    byline = _("made by Kling, not drawn by this studio")
    base_url = "https://api-singapore.klingai.com"
    doc_url = "https://app.klingai.com/global/dev/api-key"
    key_fields = (
        KeyField("api_key", _("API key"), is_required=False, hint=_("Either this one key, or both of the older pair.")),
        KeyField("access_key", _("Access key"), is_required=False, hint=_("The older pair; empty with an API key.")),
        KeyField("secret_key", _("Secret key"), is_required=False),
    )
    tells = frozenset({"negative_prompt", "audio"})
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.OWN_ID,
        absence_is_proof=False,  # asking by our id is UNCERTAIN and the list is known from memory: no proof of either
        billing=Billing.UNDECLARED,  # failed ones are given back by hearsay only
        has_webhooks=True,
        concurrency=3,  # a task holds a place of the account's pack until it ends
    )
    doubts = {
        "billing": _("That failed clips are given back is hearsay."),
        "absence_is_proof": _(
            "Uncertain whether a task can be asked for by our own id; its list is known from memory only."
        ),
        "concurrency": _(
            "A task holds a place of the account's pack until it ends; how many there are depends on the pack."
        ),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {keys.bearer(account.keys)}"}

    def check(self, account: Account) -> str:
        now = int(time.time() * 1000)
        self._data(account, self.wire(account).get("account/costs", params={"start_time": now - 1000, "end_time": now}))
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        capability = self.able(request)
        return Prepared(bodies.body(request, capability, ref, account.webhook), {"kind": bodies.KINDS[request.mode]})

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post(f"v1/videos/{prepared.handle['kind']}", json=prepared.body)
        task = parsing.part(self._told(account, answer, is_submit=True), "data")
        return parsing.accepted(task.get("task_id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        return answers.snapshot(self._data(account, self._one(account, handle["kind"], handle["id"])))

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        """By our id in the path; where that is not understood (UNCERTAIN), by reading the list down to its time."""
        kind = lost.handle["kind"]
        try:
            task = self._data(account, self._one(account, kind, lost.ref))
        except RemoteError as error:
            if error.fault != Fault.LOST:
                raise
            task = {}
        return _ours(task, lost) or self._listed(account, kind, lost)

    def _listed(self, account: Account, kind: str, lost: Lost) -> Submitted | Search:
        look, since = matching.Look(lost), lost.sent_at.timestamp() - EARLY
        for page in range(1, PAGES + 1):
            answer = self.wire(account).get(f"v1/videos/{kind}", params={"pageNum": page, "pageSize": PAGE})
            tasks = matching.rows(self._told(account, answer), "data")
            for task in tasks:
                if found := _ours(task, lost):
                    return found
                look.row(task.get("task_id"), _is_ours(task, lost))
            if not tasks or matching.is_past([_begun(task) for task in tasks], since):
                return look.outcome(is_whole=True)
        return look.outcome(is_whole=False)

    def event(self, account: Account, headers, body: bytes) -> Event:
        """Unsigned: only ids are read, and the task is asked for before anything is believed."""
        task = parsing.callback(body)
        task_id = task.get("task_id")
        return Event(task_id if parsing.is_id(task_id) else "", answers.ref_of(task)[:64])

    def _one(self, account: Account, kind: str, name: str):
        return self.wire(account).get(f"v1/videos/{quote(kind, safe='')}/{quote(name, safe='')}")

    def _data(self, account: Account, answer) -> dict:
        return parsing.part(self._told(account, answer), "data")

    def _told(self, account: Account, answer, *, is_submit=False) -> dict:
        """The answer's object, once both its HTTP status and its code say that all is well."""
        code = answers.code_of(answer)
        if answer.is_ok and code == 0:
            return parsing.told(answer, is_submit=is_submit)
        if answer.is_ok and code is None:
            parsing.no_id(answer) if is_submit else parsing.nothing_seen()
        shown = code or ""
        if code in answers.CLOCK and keys.is_signed(account.keys):
            shown = answers.clock_code(answer, code)
        detail = answers.message_of(answer)
        fault = answers.fault_of(answer, is_submit=is_submit)
        return self.refuse(answer, is_submit=is_submit, code=shown, detail=detail, fault=fault)


def _begun(task: dict) -> float | None:
    told = matching.unix(task.get("created_at"))
    return told and told / 1000


def _is_ours(task: dict, lost: Lost) -> bool | None:
    """By our id alone. One of that time without any id may be ours: that the list tells ids is known from memory."""
    if ref := answers.ref_of(task):
        return ref == lost.ref
    return matching.alike(matching.is_near(_begun(task), lost, early=EARLY, late=LATE), None)


def _ours(task: dict, lost: Lost) -> Submitted | Search | None:
    """The task that carries our id. One that another job has already cannot be, and then nothing is concluded."""
    task_id = task.get("task_id")
    if answers.ref_of(task) != lost.ref or not parsing.is_id(task_id):
        return None
    return Search.UNDECIDED if lost.is_taken(task_id) else Submitted(task_id, lost.handle | {"id": task_id})
