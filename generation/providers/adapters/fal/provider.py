"""fal.ai: one queue for models of many makers. Each model has an address of its own and its own names for inputs."""

import json
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext_lazy as _

from generation.providers import parsing
from generation.providers.adapters.fal import answers, bodies, signatures
from generation.providers.base import ClipRequest
from generation.providers.errors import Fault
from generation.providers.remote import (
    Account,
    Billing,
    Event,
    KeyField,
    Manners,
    Prepared,
    Recovery,
    RemoteProvider,
    Snapshot,
    Stage,
    Stopped,
    Stopping,
    Submitted,
)

KEPT = json.dumps({"expiration_duration_seconds": 86_400})  # a film is fetched at once; a day is for accidents
CLOSED = 499  # how the result of a stopped task may be refused; what exactly is said then, nobody has seen
NOBODY = "fal-ai/queue/requests/00000000-0000-0000-0000-000000000000/status"


class FalProvider(RemoteProvider):
    slug = "fal"
    label = _("fal.ai")
    byline = _("made by a model at fal.ai, not drawn by this studio")
    base_url = "https://queue.fal.run"
    doc_url = "https://fal.ai/dashboard/keys"
    key_fields = (
        KeyField("api_key", _("API key"), hint=_("The whole key with its colon: id:secret.")),
        KeyField(
            "jwks_url",
            _("Address of the keys that sign callbacks"),
            is_secret=False,
            is_required=False,
            hint=_("Empty means fal.ai's own."),
        ),
    )
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.WEBHOOK,
        busy_never_creates=True,  # 429 is for abuse of the interface only
        billing=Billing.UNDECLARED,  # 5xx are free by its documents; of other failures they say nothing
        stopping=Stopping.ANY,
        has_webhooks=True,
        good_key=(400, 404, 422),
    )
    doubts = {
        "busy_never_creates": _("Its pages: 429 is for abuse only, a full line refuses nothing."),
        "billing": _("Its pages: what fails with 5xx is free. Of other failures they say nothing."),
        "can_be_found": _("Uncertain whether its list of requests may be asked; so it is not."),
        "good_key": _("Uncertain: nobody has seen what a good key gets there."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Key {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        """Asks for a task that nobody has. UNCERTAIN: what a good key then gets, so an operator may say it."""
        answer = self.wire(account).get(NOBODY)
        if not answer.is_ok and answer.status not in self.manners.good_key:
            self._refuse(answer, is_submit=False)
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        """Pictures travel inside the request as data URIs."""
        path, body = bodies.body(self.slug, request, self.able(request))
        return Prepared(body, {"path": path})

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        path = prepared.handle["path"]
        call = f"?{urlencode({'fal_webhook': f'{account.webhook}?ref={ref}'})}" if account.webhook else ""
        headers = {"X-Fal-Object-Lifecycle-Preference": KEPT}
        answer = self.wire(account).post(f"{path}{call}", json=prepared.body, headers=headers)
        if not answer.is_ok:
            self._refuse(answer, is_submit=True)
        told = parsing.told(answer, is_submit=True)
        app = _app_of(account, told) or bodies.app(path)
        return parsing.accepted(told.get("request_id"), {"path": path, "app": app}, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        answer = self.wire(account).get(f"{_task(handle)}/status", params={"logs": 0})
        if not answer.is_ok:
            self._refuse(answer, is_submit=False)
        seen = answers.snapshot(parsing.told(answer, is_submit=False))
        return seen if seen.stage != Stage.SUCCEEDED else self._result(account, handle)

    def _result(self, account: Account, handle: dict) -> Snapshot:
        """COMPLETED says only that it is over: how it went, the result tells."""
        answer = self.wire(account).get(_task(handle))
        if answer.is_ok:
            return parsing.film(answers.film_of(parsing.told(answer, is_submit=False)))
        if answers.lags(answer):
            return Snapshot(Stage.RUNNING)
        if answers.is_final(answer):
            fault, code, detail = answers.refusal(answer)
            if answer.status == CLOSED or answers.STOPPED.search(f"{code} {detail}"):
                return Snapshot(Stage.CANCELLED, note=code)
            is_about_inputs = answer.status in (400, 413, 422) and code != "no_media_generated"
            fault = fault or (Fault.INVALID if is_about_inputs else Fault.FAILED)
            return parsing.failed(fault, code or f"http_{answer.status}", detail, answer=answer)
        return self._refuse(answer, is_submit=False)

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """A queued task is removed; a running one gets a signal that its model may ignore."""
        answer = self.wire(account).send("PUT", f"{_task(handle)}/cancel")
        if not answer.is_ok:
            return parsing.refused_stop(answer)
        word = parsing.told(answer, is_submit=False).get("status")
        return Stopped.DONE if word == "OK" else Stopped.REQUESTED

    def event(self, account: Account, headers, body: bytes) -> Event:
        signatures.verify(signatures.address(account, self.base_url), account.allows_private, headers, body)
        task_id = parsing.callback(body).get("request_id")
        return Event(task_id if parsing.is_id(task_id) else "")

    def _refuse(self, answer, *, is_submit: bool):
        fault, code, detail = answers.refusal(answer)
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)


def _task(handle: dict) -> str:
    """A task found again by its callback has no app in its handle: only the answer to the submission names it."""
    app = handle.get("app") or bodies.app(handle["path"])
    return f"{bodies.quoted(app)}/requests/{bodies.quoted(handle['id'], safe='')}"


def _app_of(account: Account, told: dict) -> str:
    """The part of a model's name that its tasks lie under, read from the address that the answer gives."""
    theirs, ours = urlsplit(str(told.get("status_url", ""))), urlsplit(account.base_url)
    prefix, _sep, rest = theirs.path.partition("/requests/")
    if theirs.netloc != ours.netloc or not rest or not prefix.startswith(f"{ours.path}/"):
        return ""
    return prefix.removeprefix(ours.path).strip("/")
