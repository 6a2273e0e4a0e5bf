"""Luma's newer interface (ray-3.2). A lost id cannot be found again: no list, no reference of ours, no callback."""

from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import input_files, parsing
from generation.providers.adapters.luma import answers
from generation.providers.base import ClipRequest
from generation.providers.remote import (
    Account,
    Billing,
    KeyField,
    Manners,
    Prepared,
    RemoteProvider,
    Snapshot,
    Submitted,
)


class LumaProvider(RemoteProvider):
    slug = "luma"
    label = _("Luma")
    byline = _("made by Luma, not drawn by this studio")
    base_url = "https://agents.lumalabs.ai"
    doc_url = "https://platform.lumalabs.ai"
    key_fields = (
        KeyField(
            "api_key",
            _("API key"),
            hint=_("Begins with luma-api-. Keys of the older Dream Machine interface do not work here."),
        ),
    )
    tells = frozenset()
    stages = answers.STAGES
    declared = Manners(
        busy_never_creates=True,  # 429 is its code rate_limited
        billing=Billing.UNDECLARED,
    )
    doubts = {
        "busy_never_creates": _("Taken so, since it is called rate_limited."),
        "billing": _("Its pages say nothing of what a failed clip costs."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        """The list of uploaded files: there is no call for the account itself."""
        self._told(self.wire(account).get("v1/files"))
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        """Pictures travel inside the request. Without a picture the shape is told, with one it follows it."""
        capability = self.able(request)
        video = {"duration": f"{request.seconds}s", "resolution": f"{request.resolution}p"}
        for name, path, field in (
            ("start_frame", request.start, "picture"),
            ("end_frame", request.last_frame, "last_frame"),
        ):
            if path:
                video[name] = _media(input_files.picture(path, capability, field=field))
        body = {
            "prompt": input_files.words(request.prompt, capability),
            "model": capability.model,
            "type": "video",
            "aspect_ratio": request.ratio,
            "video": video,
        }
        if request.references:
            read = [input_files.picture(path, capability, field="references") for path in request.references]
            body["image_ref"] = [_media(each) for each in read]
        return Prepared(body)

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post("v1/generations", json=prepared.body)
        if not answer.is_ok:
            self._refuse(answer, is_submit=True)
        return parsing.accepted(parsing.told(answer, is_submit=True).get("id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        """Asking again also gives a fresh address: one lasts an hour."""
        path = f"v1/generations/{quote(handle['id'], safe='')}"
        return answers.snapshot(self._told(self.wire(account).get(path)))

    def _told(self, answer) -> dict:
        if not answer.is_ok:
            self._refuse(answer, is_submit=False)
        return parsing.told(answer, is_submit=False)

    def _refuse(self, answer, *, is_submit: bool):
        fault, code, detail = answers.refusal(answer)
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)


def _media(read: tuple[str, bytes]) -> dict:
    kind, content = read
    return {"data": input_files.base64_of(content), "media_type": kind}
