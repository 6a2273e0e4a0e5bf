"""PixVerse: pictures are uploaded first, every call carries a fresh trace id, refusals come inside HTTP 200."""

import uuid
from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import parsing
from generation.providers.adapters.pixverse import answers, callbacks
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http.client import Answer
from generation.providers.input_files import length, picture, words
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
    Submitted,
)

KINDS = {Mode.WORDS: "text", Mode.PICTURE: "img", Mode.FIRST_LAST: "transition", Mode.REFERENCES: "fusion"}
SEED_LIMIT = 2**31
WEBHOOK_HEADER = "Webhook-Id"


class PixverseProvider(RemoteProvider):
    slug = "pixverse"
    label = _("PixVerse")
    byline = _("made by PixVerse, not drawn by this studio")
    base_url = "https://app-api.pixverse.ai"
    doc_url = "https://platform.pixverse.ai"
    receipt = "ok"  # anything else counts as not delivered, and it is sent eight times more
    key_fields = (
        KeyField(
            "api_key",
            _("API key"),
            hint=_("A key from China needs the base address https://app-api.pixverseai.cn."),
        ),
        KeyField(
            "webhook_secret",
            _("Webhook secret key"),
            is_required=False,
            hint=_("From the webhook that you made in PixVerse's console. Works without."),
        ),
        KeyField("webhook_id", _("Webhook id"), is_secret=False, is_required=False),
        KeyField(
            "webhook_header",
            _("Header that carries the webhook id"),
            is_secret=False,
            is_required=False,
            hint=_("Empty means Webhook-Id. PixVerse's pages leave its name open."),
            is_header=True,
        ),
    )
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.NONE,  # callbacks name only PixVerse's own id
        busy_never_creates=True,  # 500044 is a refusal; of HTTP 503 on submit _read thinks less well
        billing=Billing.UNDECLARED,
        has_webhooks=True,
    )
    doubts = {
        "busy_never_creates": _("Taken so, since its code 500044 means too many at one time."),
        "billing": _("Its pages say nothing of what a failed clip costs."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        """What a repeated trace id does is not documented, so each request has its own."""
        return {"API-KEY": account.keys.get("api_key", ""), "Ai-trace-id": str(uuid.uuid4())}

    def check(self, account: Account) -> str:
        told = self._read(self.wire(account).get("openapi/v2/account/balance"), is_submit=False)
        parts = [told.get(name) for name in ("credit_monthly", "credit_package")]
        credits = sum(part for part in parts if isinstance(part, int))
        return str(_("The key works; %(n)s credits left.") % {"n": credits})

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        """Uploads may be repeated: they cost nothing. No callback can name ours: its address stands in PixVerse's
        console, for all that an account asks for, and nothing of a request is told back."""
        capability = self.able(request)
        body = {
            "model": capability.model,
            "prompt": request.prompt,
            "duration": request.seconds,
            "quality": f"{request.resolution}p",
            "seed": request.seed % SEED_LIMIT,
        }
        if request.mode in (Mode.WORDS, Mode.REFERENCES):
            body["aspect_ratio"] = request.ratio
        if capability.has_audio:
            body["generate_audio_switch"] = bool(request.options.get("audio"))
        if capability.has_negative_prompt and request.negative_prompt:
            body["negative_prompt"] = request.negative_prompt
        length(request, capability)
        if request.mode == Mode.REFERENCES:
            names = [f"ref{n}" for n in range(1, len(request.references) + 1)]
            body["prompt"] = _anchored(request.prompt, names)
        words(body["prompt"], capability)
        return Prepared(body | self._pictures(account, request, capability), {"kind": KINDS[request.mode]})

    def _pictures(self, account: Account, request: ClipRequest, capability: Capability) -> dict:
        def upload(path: Path) -> int:
            kind, content = picture(path, capability)
            files = {"image": (f"picture.{kind.removeprefix('image/')}", content, kind)}
            told = self._read(self.wire(account).post("openapi/v2/image/upload", files=files), is_submit=False)
            if not isinstance(told.get("img_id"), int):
                raise RemoteError(Fault.TRANSIENT, "no_img_id")
            return told["img_id"]

        if request.mode == Mode.PICTURE:
            return {"img_id": upload(request.start)}
        if request.mode == Mode.FIRST_LAST:
            return {"first_frame_img": upload(request.start), "last_frame_img": upload(request.last_frame)}
        if request.mode == Mode.REFERENCES:
            rows = [
                {"type": "subject", "img_id": upload(path), "ref_name": f"ref{n}"}
                for n, path in enumerate(request.references, 1)
            ]
            return {"image_references": rows}
        return {}

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        webhook_id = account.keys.get("webhook_id")
        name = account.keys.get("webhook_header") or WEBHOOK_HEADER  # UNCERTAIN, so whoever connects may rename it
        answer = self.wire(account).post(
            f"openapi/v2/video/{prepared.handle['kind']}/generate",
            json=prepared.body,
            headers={name: webhook_id} if webhook_id else None,
        )
        told = self._read(answer, is_submit=True)
        return parsing.accepted(_name_of(told.get("video_id")), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        path = f"openapi/v2/video/result/{quote(handle['id'], safe='')}"
        return answers.snapshot(self._read(self.wire(account).get(path), is_submit=False))

    def event(self, account: Account, headers, body: bytes) -> Event:
        told = callbacks.verified(account.keys.get("webhook_secret", ""), headers, body)
        task_id = _name_of(told.get("id"))
        return Event(task_id if parsing.is_id(task_id) else "")

    def _read(self, answer: Answer, *, is_submit: bool) -> dict:
        """``Resp`` of a good answer. The code inside counts, also inside HTTP 200."""
        body = answer.json()
        code, is_told = (body.get("ErrCode"), True) if isinstance(body, dict) else (None, False)
        if isinstance(code, int) and code:
            fault = answers.fault_of(code, is_submit=is_submit)
            self.refuse(answer, is_submit=is_submit, code=code, detail=body.get("ErrMsg", ""), fault=fault)
        if not answer.is_ok:
            self.refuse(answer, is_submit=is_submit)
        if is_told and isinstance(body.get("Resp"), dict):
            return body["Resp"]
        if is_submit:
            parsing.no_id(answer)
        raise NoAnswer("an answer without Resp")


def _name_of(task):
    """It numbers its tasks; true is a number only to Python."""
    return str(task) if isinstance(task, int) and not isinstance(task, bool) and task > 0 else task


def _anchored(prompt: str, names: list[str]) -> str:
    """References count only where the words name them, and a space must follow each name."""
    missing = [f"@{name} " for name in names if f"@{name} " not in f"{prompt} "]
    return f"{prompt} {''.join(missing)}" if missing else f"{prompt} "
