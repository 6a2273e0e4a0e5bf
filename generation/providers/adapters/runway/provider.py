"""Runway. A task whose id was lost cannot be found again there: no list, no reference of ours, no callback."""

from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import input_files, parsing
from generation.providers.adapters.runway import answers, bodies
from generation.providers.base import ClipRequest
from generation.providers.errors import NoAnswer
from generation.providers.remote import (
    Account,
    Billing,
    KeyField,
    Manners,
    Prepared,
    RemoteProvider,
    Snapshot,
    Stopped,
    Stopping,
    Submitted,
)

VERSION = "2024-11-06"  # the header is mandatory; SDK 5.24 of October 2026 still sends exactly this date
INLINE = 3_600_000  # bytes: as a data URI of at most 5 MB


class RunwayProvider(RemoteProvider):
    slug = "runway"
    label = _("Runway")
    byline = _("made by Runway, not drawn by this studio")
    base_url = "https://api.dev.runwayml.com"
    doc_url = "https://dev.runwayml.com"
    key_fields = (KeyField("api_key", _("API secret"), hint=_("Begins with key_.")),)
    stages = answers.STAGES
    declared = Manners(
        busy_never_creates=True,  # 429 is a limit of a day or a minute: refused
        billing=Billing.UNDECLARED,  # failures are mostly given back, those of refused inputs are not (UNCERTAIN)
        stopping=Stopping.ANY,
        has_progress=True,
        first_look=8.0,
        look_every=8.0,  # not faster than every five seconds
    )
    doubts = {
        "busy_never_creates": _("Taken so, since it is a limit of a day or a minute."),
        "billing": _(
            "Most failures are given back. Uncertain, from memory: those of refused words and pictures are not."
        ),
        "look_every": _("Its pages: not more often than every five seconds."),
        "concurrency": _("Its pages: 1 to 20 by tier; what is too much waits there and is not refused."),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}", "X-Runway-Version": VERSION}

    def check(self, account: Account) -> str:
        told = self._told(self.wire(account).get("v1/organization"))
        return str(_("%(n)s credits left.") % {"n": told.get("creditBalance", "?")})

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        """Small pictures travel inside the request as data URIs, larger ones are uploaded for a day."""
        capability = self.able(request)

        def sent(path: Path, field: str) -> str:
            kind, content = input_files.picture(path, capability, field=field)
            if len(content) <= INLINE:
                return f"data:{kind};base64,{input_files.base64_of(content)}"
            return self._upload(account, input_files.file_name(path, kind), content, kind)

        kind, body = bodies.body(self.slug, request, capability, sent)
        return Prepared(body, {"kind": kind})

    def _upload(self, account: Account, name: str, content: bytes, kind: str) -> str:
        """The file goes to a store elsewhere, by a form that Runway fills in; our key does not go there."""
        told = self._told(self.wire(account).post("v1/uploads", json={"filename": name, "type": "ephemeral"}))
        url, uri = told.get("uploadUrl"), told.get("runwayUri")
        if not isinstance(url, str) or not isinstance(uri, str):
            raise NoAnswer("an upload without an address")
        answer = self.store(account, url).post(
            url, data=parsing.part(told, "fields"), files={"file": (name, content, kind)}
        )
        if not answer.is_ok:
            raise NoAnswer(f"the store of uploads: HTTP {answer.status}")
        return uri

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post(f"v1/{prepared.handle['kind']}", json=prepared.body)
        if not answer.is_ok:
            self._refuse(answer, is_submit=True)
        return parsing.accepted(parsing.told(answer, is_submit=True).get("id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        return answers.snapshot(self._told(self.wire(account).get(_path(handle))))

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """Asks first: deleting a finished task would delete its film, which is paid."""
        if answers.is_over(self._told(self.wire(account).get(_path(handle)))):
            return Stopped.TOO_LATE
        answer = self.wire(account).send("DELETE", _path(handle))
        return Stopped.DONE if answer.is_ok else parsing.refused_stop(answer)

    def _told(self, answer) -> dict:
        if not answer.is_ok:
            self._refuse(answer, is_submit=False)
        return parsing.told(answer, is_submit=False)

    def _refuse(self, answer, *, is_submit: bool):
        fault, detail, field = answers.refusal(answer)
        return self.refuse(answer, is_submit=is_submit, code=field, detail=detail, fault=fault)


def _path(handle: dict) -> str:
    return f"v1/tasks/{quote(handle['id'], safe='')}"
