"""Google's Gemini Omni over the Interactions API: in the background, unless operators choose the call that stays open;
always asked for an address of the film."""

import base64
import binascii
import re
from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import parsing
from generation.providers.adapters.gemini import answers, callbacks
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import answer_limits, exchange_ids
from generation.providers.input_files import base64_of, length, picture, pictures_together, words
from generation.providers.remote import (
    Account,
    Billing,
    Event,
    KeyField,
    Manners,
    Output,
    Prepared,
    Recovery,
    RemoteProvider,
    Snapshot,
    Stopped,
    Stopping,
    Submitted,
    Way,
)
from generation.providers.statuses import is_trouble

TASKS = {
    Mode.WORDS: "text_to_video",
    Mode.PICTURE: "image_to_video",
    Mode.FIRST_LAST: "image_to_video",
    Mode.REFERENCES: "reference_to_video",
}
PICTURES_TOGETHER = 14_000_000  # bytes: base64 of them fits into the 20 MB that one request may have [MEM]
INLINE = "#inline"
BACKGROUND, OPEN = "background", "open"
ASKED, UNASKED = "request", "none"
OPEN_SECONDS = 600.0  # within which a call that stays open must have brought its film
WAYS = (
    Way(
        "background",
        _("How a film is asked for"),
        ((BACKGROUND, _("in the background")), (OPEN, _("in one call that stays open"))),
        _(
            "In the background Google names the clip at once, and it can be asked after and stopped. Uncertain whether "
            "every model is made so; one that is not is refused, which costs nothing. One call that stays open is "
            "answered only when the film is made, within ten minutes: until then nobody can stop it, and it keeps one "
            "of the studio's workers. If that call is cut, a clip may be charged that nobody can find again, and the "
            "page asks the person what to do."
        ),
        {OPEN: {"stopping": Stopping.NONE}},
    ),
    Way(
        "callbacks",
        _("How callbacks are asked for"),
        ((ASKED, _("with each request")), (UNASKED, _("not at all"))),
        _(
            "With each request goes our address for its callback, or only our name of it where the connection has a "
            "webhook signing secret. Nobody needs to set up anything at Google. Uncertain whether every version of its "
            "API takes that: one that does not refuses the request, which costs nothing. Not at all: a clip whose "
            "answer was lost may be charged and cannot be found again, and the page asks the person what to do."
        ),
        {UNASKED: {"recovery": Recovery.NONE}},
    ),
)
FILE_ID = re.compile(r"files/([\w-]+)")
WRONG_VERSION = "api_version"


class GeminiProvider(RemoteProvider):
    slug = "gemini"
    label = _("Google Gemini Omni")
    byline = _("made by Google Gemini Omni, not drawn by this studio")
    base_url = "https://generativelanguage.googleapis.com"
    doc_url = "https://aistudio.google.com/apikey"
    most_told = answer_limits.ANSWER  # a short film may stand in its answer
    key_fields = (
        KeyField("api_key", _("API key")),
        KeyField(
            "version",
            _("API version"),
            is_secret=False,
            is_required=False,
            hint=_("Empty means v1beta; v1 where Google says that the address is unknown."),
            is_asked_with=True,
        ),
        KeyField(
            "webhook_secret",
            _("Webhook signing secret"),
            is_required=False,
            hint=_(
                "Works without: each request tells Google where to call back. For a webhook made at Google: it begins "
                "with whsec_ and is shown once there."
            ),
        ),
    )
    tells = frozenset({"seed"})
    ways = WAYS
    stages = answers.STAGES
    mistakes = {
        WRONG_VERSION: _(
            "Google knows no such API version at this address. Change “API version” in this connection (empty means "
            "v1beta, the other one is v1), or check the address."
        ),
    }
    declared = Manners(
        recovery=Recovery.WEBHOOK,
        busy_never_creates=True,  # 429 RESOURCE_EXHAUSTED is a refusal; of 503 on submit _refuse thinks less well
        billing=Billing.UNDECLARED,  # refused ones are normally free [MEM]
        stopping=Stopping.ANY,
        has_webhooks=True,
        deadline=3600,
    )
    doubts = {
        "busy_never_creates": _("Taken so, since it is called RESOURCE_EXHAUSTED."),
        "billing": _("That refused clips are free is from memory."),
        "can_be_found": _(
            "By a callback only. Our address for it carries our reference; uncertain whether every version of the API "
            "takes an address."
        ),
    }

    def auth(self, account: Account) -> dict[str, str]:
        return {"x-goog-api-key": account.keys.get("api_key", "")}

    def check(self, account: Account) -> str:
        answer = self.wire(account).get(f"{_version(account)}/models", params={"pageSize": 1})
        if not answer.is_ok:
            self._refuse(answer, is_submit=False, is_check=True)
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        """Pictures travel inside the request. The reference comes back in labels and in callbacks."""
        capability = self.able(request)
        length(request, capability)
        parts = self._pictures(request, capability)
        if words(request.prompt, capability):
            parts.append({"type": "text", "text": request.prompt})
        body = {
            "model": capability.model,
            "store": True,
            "input": [{"type": "user_input", "content": parts}],
            "generation_config": {"seed": request.seed % 2**31, "video_config": {"task": TASKS[request.mode]}},
            "response_format": {
                "type": "video",
                "aspect_ratio": request.ratio,
                "resolution": "4k" if request.resolution == 2160 else f"{request.resolution}p",
                "duration": f"{request.seconds}s",
                "delivery": "uri",
            },
            "labels": {"job": ref},
        }
        handle = {"calls_back": bool(account.webhook) and self.way("callbacks") == ASKED, "ref": ref}
        if handle["calls_back"]:
            body["webhook_config"] = callbacks.config(account, ref)
        if self.way("background") == OPEN:
            return Prepared(body, handle, seconds=OPEN_SECONDS)
        return Prepared(body | {"background": True}, handle)

    def _pictures(self, request: ClipRequest, capability: Capability) -> list[dict]:
        paths = [path for path in (request.start, request.last_frame, *request.references) if path]
        read = [picture(path, capability) for path in paths]
        pictures_together(capability, sum(len(content) for _kind, content in read), PICTURES_TOGETHER)
        return [{"type": "image", "mime_type": kind, "data": base64_of(content)} for kind, content in read]

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        path = f"{_version(account)}/interactions"
        answer = self.wire(account).post(path, json=prepared.body, seconds=prepared.seconds)
        if not answer.is_ok:
            _refuse_form(answer, prepared.body)
            self._refuse(answer, is_submit=True)
        return parsing.accepted(parsing.told(answer, is_submit=True).get("id"), {}, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        path = _path(account, handle)
        answer = self.wire(account).get(path)
        body = answer.json()
        if not answer.is_ok:
            self._refuse(answer, is_submit=False)
        if not isinstance(body, dict):
            raise NoAnswer("an interaction that is no JSON")
        _refuse_other(body, handle)
        return answers.snapshot(body, self._output(account, path, answers.film_of(body)))

    def _output(self, account: Account, path: str, film: dict | None) -> Output | None:
        """Files of Google's are fetched below our own base address, whatever host the uri names."""
        if not film:
            return None
        if film.get("data"):
            return Output(f"{account.base_url}/{path}{INLINE}", needs_key=True)
        uri = str(film.get("uri") or "")
        if found := FILE_ID.search(uri):
            address = f"{account.base_url}/{_version(account)}/files/{found[1]}:download?alt=media"
            return Output(address, needs_key=True)
        return Output(uri) if uri.startswith(("https://", "http://")) else None

    def fetch(self, account: Account, output: Output, target: Path, progress) -> str:
        if not output.url.endswith(INLINE):
            return super().fetch(account, output, target, progress)
        film = answers.film_of(self.wire(account).get(output.url.removesuffix(INLINE)).json() or {}) or {}
        try:
            target.write_bytes(base64.b64decode(film.get("data") or "", validate=True))
        except binascii.Error:
            raise NoAnswer("the film inside the interaction is not base64") from None
        return str(film.get("mime_type", ""))

    def cancel(self, account: Account, handle: dict) -> Stopped:
        answer = self.wire(account).post(f"{_path(account, handle)}/cancel")
        body = answer.json()
        if not answer.is_ok:
            return parsing.refused_stop(answer)
        return Stopped.DONE if isinstance(body, dict) and body.get("status") == "cancelled" else Stopped.REQUESTED

    def calls_back(self, account: Account, handle: dict) -> bool:
        """Where the request asked for it. Those of before this was noted did so with a secret only."""
        return bool(account.webhook and handle.get("calls_back", bool(account.keys.get("webhook_secret"))))

    def event(self, account: Account, headers, body: bytes) -> Event:
        return callbacks.event(account, headers, body)

    def _refuse(self, answer, *, is_submit: bool, is_check: bool = False):
        fault, code, detail, pause = answers.refusal(answer.status, answer.json())
        if answer.status == 404 and not code and (is_submit or is_check):
            raise self._no_such_path(answer)
        if is_submit and is_trouble(answer.status):
            fault = Fault.UNKNOWN
        if pause is not None:
            name = exchange_ids.name_of(answer)
            raise RemoteError(fault, code, detail, status=answer.status, request_id=name, retry_after=pause)
        self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)

    def _no_such_path(self, answer) -> RemoteError:
        """Google names what is missing; a 404 that names nothing is of a path with a version that there is not."""
        detail, said = "no such path: the API version of this connection", str(self.mistakes[WRONG_VERSION])
        name = exchange_ids.name_of(answer)
        return RemoteError(Fault.AUTH, WRONG_VERSION, detail, status=answer.status, request_id=name, words=said)


def _refuse_form(answer, body: dict) -> None:
    """A form on the wire that it does not take. The other one is an operator's to choose, and never gone over to by
    itself: each leaves a purchase that nobody can find again in cases where this one would not. Callbacks come first:
    how they are refused may name keys, policies or the background as well."""
    fault, code, detail, _pause = answers.refusal(answer.status, answer.json())
    if answer.status in (400, 403, 404) and "webhook_config" in body and "webhook" in detail.lower():
        said = _(
            "Google did not take the address to call back that goes with each request. Have an operator choose “not at "
            "all” for callbacks, in the admin under “Providers with known ways”."
        )
        raise RemoteError(Fault.INVALID, code or "no_callbacks", detail, status=answer.status, words=str(said))
    if answer.status == 400 and fault is None and body.get("background") and "background" in detail.lower():
        said = _(
            "Google does not make this model's films in the background. Choose another model, or have an operator "
            "choose the call that stays open, in the admin under “Providers with known ways”."
        )
        raise RemoteError(Fault.INVALID, code or "no_background", detail, status=400, field="model", words=str(said))


def _refuse_other(interaction: dict, handle: dict) -> None:
    """Of one that only a callback named (the answer to a submission leaves no ``ref``): its label must not be that of
    another request. Nobody gets another's film."""
    label = parsing.part(interaction, "labels").get("job")
    if handle.get("ref") and isinstance(label, str) and label and label != handle["ref"]:
        raise RemoteError(Fault.LOST, "not_ours", "a callback named an interaction of another request")


def _version(account: Account) -> str:
    told = account.extras.get("version") or account.keys.get("version") or "v1beta"
    return quote(str(told), safe="")


def _path(account: Account, handle: dict) -> str:
    return f"{_version(account)}/interactions/{quote(handle['id'], safe='')}"
