"""Zhipu's CogVideoX (Z.ai abroad, BigModel in China) and the Vidu models sold there."""

from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import parsing
from generation.providers.adapters.zhipu import answers
from generation.providers.base import ClipRequest, Mode
from generation.providers.errors import Fault, NoAnswer
from generation.providers.input_files import data_uri, no_size, words
from generation.providers.remote import (
    Account,
    Billing,
    KeyField,
    Manners,
    Prepared,
    Recovery,
    RemoteProvider,
    Snapshot,
    Submitted,
)

SIZES = {
    ("16:9", 720): "1280x720",
    ("9:16", 720): "720x1280",
    ("16:9", 1080): "1920x1080",
    ("9:16", 1080): "1080x1920",
    ("1:1", 720): "1024x1024",
    ("1:1", 1080): "1024x1024",
}


class ZhipuProvider(RemoteProvider):
    slug = "zhipu"
    label = _("Zhipu CogVideoX")
    byline = _("made by Zhipu CogVideoX, not drawn by this studio")
    base_url = "https://api.z.ai/api/paas/v4"
    doc_url = "https://z.ai/manage-apikey/apikey-list"
    key_fields = (
        KeyField(
            "api_key",
            _("API key"),
            hint=_("A key from China needs the base address https://open.bigmodel.cn/api/paas/v4."),
        ),
    )
    tells = frozenset({"audio"})
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.NONE,
        busy_never_creates=True,  # 429 is one of three refusals; 503 on submit counts as unknown (answers.fault_of)
        billing=Billing.UNDECLARED,
    )
    doubts = {
        "busy_never_creates": _("429 means three things; what its code calls a limit is taken as a refusal."),
        "billing": _("Its pages say nothing of what a failed clip costs."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        """There is no call for this: a task that cannot be is asked for, which only a known key is told."""
        answer = self.wire(account).get("async-result/0")
        fault, code, _detail = self._said(answer, is_submit=False)
        if answer.is_ok or fault == Fault.LOST or (answer.status == 404 and code):
            return str(_("The key works."))
        return self._refuse(answer, is_submit=False)

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        capability = self.able(request)
        body = {
            "model": capability.model,
            "prompt": words(request.prompt, capability),
            "request_id": ref,
            "duration": request.seconds,
        }
        if images := self._images(request):
            body["image_url"] = images[0] if len(images) == 1 and request.mode != Mode.REFERENCES else images
        if capability.has_audio:
            body["with_audio"] = bool(request.options.get("audio"))
        if capability.model.startswith("vidu"):
            body |= {"aspect_ratio": request.ratio, "movement_amplitude": "auto"}
            return Prepared(body)
        size = SIZES.get((request.ratio, request.resolution))
        if size is None:
            raise no_size(request, capability, field="resolution")
        quality = "speed" if request.mode == Mode.FIRST_LAST else "quality"
        return Prepared(body | {"size": size, "fps": 30, "quality": quality})

    def _images(self, request: ClipRequest) -> list[str]:
        capability = self.able(request)
        paths = [path for path in (request.start, request.last_frame, *request.references) if path]
        return [data_uri(path, capability) for path in paths]

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post("videos/generations", json=prepared.body)
        body = self._body(answer, is_submit=True)
        return parsing.accepted(body.get("id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        answer = self.wire(account).get(f"async-result/{quote(handle['id'], safe='')}")
        return answers.snapshot(self._body(answer, is_submit=False))

    def _body(self, answer, *, is_submit: bool) -> dict:
        """The answer's object. An error may also come with HTTP 200."""
        body = answer.json()
        code, _detail = answers.error_of(body)
        is_told = isinstance(body, dict) and (body.get("id") or body.get("task_status"))
        if not answer.is_ok or (code and not is_told):
            self._refuse(answer, is_submit=is_submit)
        if isinstance(body, dict):
            return body
        if is_submit:
            parsing.no_id(answer)
        raise NoAnswer("an answer that is no JSON")

    def _said(self, answer, *, is_submit: bool) -> tuple[Fault | None, str, str]:
        code, detail = answers.error_of(answer.json())
        return answers.fault_of(answer.status, code, is_submit=is_submit), code, detail

    def _refuse(self, answer, *, is_submit: bool):
        fault, code, detail = self._said(answer, is_submit=is_submit)
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)
