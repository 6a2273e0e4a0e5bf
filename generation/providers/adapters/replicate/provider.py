"""Replicate: thousands of models behind one kind of request; what each takes, its own schema tells when it is asked."""

from urllib.parse import quote, urlsplit

from django.utils.translation import gettext_lazy as _

from generation.providers import input_files, parsing
from generation.providers.adapters.replicate import answers, listing, schemas, secrets
from generation.providers.adapters.replicate.bodies import Shots, body
from generation.providers.base import ClipRequest, Mode
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import answer_limits, exchange_ids
from generation.providers.http.client import BRIEFLY
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
    Stopped,
    Stopping,
    Submitted,
)

INLINE = 256_000  # bytes of a picture that may stand in the request itself [MEM]; larger ones are uploaded


class ReplicateProvider(RemoteProvider):
    slug = "replicate"
    label = _("Replicate")
    byline = _("made by a model at Replicate, not drawn by this studio")
    base_url = "https://api.replicate.com"
    doc_url = "https://replicate.com/account/api-tokens"
    most_told = answer_limits.ANSWER  # it repeats small pictures that were sent
    key_fields = (
        KeyField("api_key", _("API token"), hint=_("Begins with r8_.")),
        KeyField(
            "webhook_secret",
            _("Webhook signing secret"),
            is_required=False,
            hint=_("Begins with whsec_. Empty means that the studio asks Replicate for it."),
        ),
    )
    starts = frozenset(Mode)
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.LIST,
        busy_never_creates=True,  # 429 is its rate limit
        billing=Billing.UNDECLARED,  # official models by what they made, others by the second of the machine
        stopping=Stopping.ANY,
        has_progress=True,
        has_webhooks=True,
        look_at_most_every=20.0,  # everything is deleted an hour after it was made
    )
    doubts = {
        "busy_never_creates": _("Its pages: it is its rate limit and says when it ends."),
        "billing": _(
            "Its pages: by what was made or by the second of the machine; what is stopped while it runs is charged."
        ),
        "can_be_found": _(
            "Uncertain whether its list tells the address of the callback; else seed, words, model and time must agree."
        ),
        "look_at_most_every": _("It deletes everything an hour after it was made."),
        "per_minute": _("Its pages: 600, and 6 for accounts without a card."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        told = self._told(self.wire(account).get("v1/account"))
        return str(_("Signed in as %(name)s.") % {"name": str(told.get("username", "?"))[:60]})

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        """Reads what the model takes, uploads what is too large for the request. Costs nothing."""
        capability = self.able(request)
        schema = schemas.inputs_of(self, account, capability.model)
        made = {"input": body(request, capability, schema, self._shots(account, request, capability))}
        if account.webhook:
            made |= {"webhook": f"{account.webhook}?ref={ref}", "webhook_events_filter": ["completed"]}
        path, version = schemas.where(capability.model)
        if version:
            made["version"] = version
        return Prepared(made, {"model": capability.model, "path": path, "calls_back": bool(account.webhook)})

    def _shots(self, account: Account, request: ClipRequest, capability) -> Shots:
        def sent(path, field):
            if path is None:
                return None
            kind, content = input_files.picture(path, capability, field=field)
            if len(content) <= INLINE:
                return f"data:{kind};base64,{input_files.base64_of(content)}"
            return self._upload(account, input_files.file_name(path, kind), content, kind)

        video = request.video and self._upload(account, request.video.name, request.video.read_bytes(), "video/mp4")
        return Shots(
            start=sent(request.start, "picture"),
            last=sent(request.last_frame, "last_frame"),
            references=[sent(each, "references") for each in request.references],
            video=video,
        )

    def _upload(self, account: Account, name: str, content: bytes, kind: str) -> str:
        told = self._told(self.wire(account).post("v1/files", files={"content": (name, content, kind)}))
        url = parsing.part(told, "urls").get("get")
        if not isinstance(url, str):
            raise NoAnswer("an upload without an address")
        return url

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post(prepared.handle["path"], json=prepared.body)
        if not answer.is_ok:
            self._refuse(answer, is_submit=True)
        return parsing.accepted(parsing.told(answer, is_submit=True).get("id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        told = self._told(self.wire(account).get(_path(handle)))
        return answers.snapshot(told, urlsplit(account.base_url).netloc)

    def cancel(self, account: Account, handle: dict) -> Stopped:
        answer = self.wire(account).post(f"{_path(handle)}/cancel")
        if not answer.is_ok:
            return parsing.refused_stop(answer)
        return answers.stopped(parsing.told(answer, is_submit=False).get("status"))

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        return listing.find(lambda query: self._told(self.wire(account).get("v1/predictions", params=query)), lost)

    def event(self, account: Account, headers, body: bytes) -> Event:
        """The body is the prediction itself; only its id is read."""
        secrets.verify(account, self._ask_secret, headers, body)
        task_id = parsing.callback(body).get("id")
        return Event(task_id if parsing.is_id(task_id) else "")

    def _ask_secret(self, account: Account) -> str:
        answer = self.wire(account).get("v1/webhooks/default/secret", seconds=BRIEFLY)
        return str(self._told(answer).get("key", ""))

    def _told(self, answer) -> dict:
        if not answer.is_ok:
            self._refuse(answer, is_submit=False)
        return parsing.told(answer, is_submit=False)

    def _refuse(self, answer, *, is_submit: bool):
        fault, code, detail, pause = answers.refusal(answer)
        if pause is not None and answer.retry_after is None:
            name, fault = exchange_ids.name_of(answer), fault or Fault.TRANSIENT
            raise RemoteError(
                fault, code or "throttled", detail, status=answer.status, request_id=name, retry_after=pause
            )
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)


def _path(handle: dict) -> str:
    return f"v1/predictions/{quote(handle['id'], safe='')}"
