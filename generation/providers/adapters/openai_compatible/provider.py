"""Any server that speaks the shape of OpenAI's Videos API: gateways, and vLLM-Omni on a machine of one's own."""

from dataclasses import replace
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.providers import matching, parsing
from generation.providers.adapters.openai_compatible import answers, bodies
from generation.providers.base import ClipRequest, Mode
from generation.providers.http import answer_limits
from generation.providers.input_files import base64_of
from generation.providers.remote import (
    Account,
    Billing,
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
)  # fmt: skip

SHAPES = ("videos-api", "vllm-omni")  # models of ours that name a shape; any other name is the server's own
PAGE, PAGES = 100, 5
EARLY, LATE = 60, 180  # seconds around the submission in which ours must have been created
NEVER, DELETE = "never", "delete"
WAYS = (
    Way(
        "stop",
        gettext_lazy("How a clip is stopped"),
        ((NEVER, gettext_lazy("it cannot be stopped")), (DELETE, gettext_lazy("DELETE stops it"))),
        gettext_lazy(
            "Uncertain whether DELETE stops what waits or runs, or only strikes it off the list. If it only does that, "
            "the clip is made and charged there and nobody sees it. A clip is looked at first, since DELETE of a "
            "finished one deletes its film; one that ends in that very moment is lost all the same."
        ),
    ),
)


class OpenAICompatibleProvider(RemoteProvider):
    slug = "openai-compatible"
    label = gettext_lazy("OpenAI-Videos-compatible")
    byline = gettext_lazy("made by the model at an address of your own, not drawn by this studio")
    base_url = ""
    most_told = answer_limits.ANSWER  # anybody's server: it may repeat the request, and the pictures in it
    doc_url = "https://docs.vllm.ai/projects/vllm-omni/"
    key_fields = (
        KeyField(
            "api_key", gettext_lazy("API key"), is_required=False, hint=gettext_lazy("Where the server asks for one.")
        ),
        KeyField(
            "model",
            gettext_lazy("Model"),
            is_secret=False,
            is_required=False,
            hint=gettext_lazy("As the server calls it; empty where it has only one."),
        ),
        KeyField(
            "body",
            gettext_lazy("Form of requests"),
            is_secret=False,
            is_required=False,
            hint=gettext_lazy("“json” for gateways that do not take forms; empty for all others."),
        ),
        KeyField(
            "film",
            gettext_lazy("Where films lie"),
            is_secret=False,
            is_required=False,
            hint=gettext_lazy("“url” where the answer names an address; empty for the server's own “/content”."),
            is_asked_with=True,
        ),
    )
    starts = frozenset({Mode.WORDS, Mode.PICTURE})
    tells = frozenset({"seed", "negative_prompt"})
    ways = WAYS
    stages = answers.STAGES
    declared = Manners(recovery=Recovery.LIST, billing=Billing.UNDECLARED, has_progress=True)
    doubts = {
        "billing": gettext_lazy("Each gateway has a rule of its own."),
        "can_be_found": gettext_lazy("Uncertain whether a gateway lists its tasks with their prompts."),
    }

    @property
    def manners(self) -> Manners:
        told = super().manners
        return replace(told, stopping=Stopping.ANY) if self.way("stop") == DELETE else told

    def auth(self, account: Account) -> dict[str, str]:
        key = account.keys.get("api_key", "")
        return {"Authorization": f"Bearer {key}"} if key else {}

    def check(self, account: Account) -> str:
        models = parsing.listed(self._told(self.wire(account).get("models")), "data")
        count = ngettext(
            "The server answers and has %(n)s model.", "The server answers and has %(n)s models.", len(models)
        )
        wanted = _told_of(account, "model")
        if wanted and wanted not in [each.get("id") for each in models]:
            return f"{count % {'n': len(models)}} " + _("“%(model)s” is not among them.") % {"model": wanted}
        return count % {"n": len(models)}

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        capability = self.able(request)
        facts = parsing.model_facts(self.slug, capability.model)
        model = _told_of(account, "model") or (capability.model if capability.model not in SHAPES else "")
        body = {"fields": bodies.fields(request, capability, facts, model)}
        if request.start:
            wanted = None if facts.get("shape") == "vllm" else bodies.size(request, facts)
            body["picture"] = bodies.first_frame(request.start, capability, wanted)
        return Prepared(body, {"model": model})

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post(
            "videos", **_written(prepared.body, as_json=_told_of(account, "body") == "json")
        )
        task = answers.task_of(self._told(answer, is_submit=True))
        return parsing.accepted(answers.id_of(task), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        path = _path(handle)
        task = answers.task_of(self._told(self.wire(account).get(path)))
        by_address = _told_of(account, "film") == "url"
        return answers.snapshot(task, f"{account.base_url}/{path}/content", by_address=by_address)

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """Only where an operator knows that it can. What is finished would be deleted, film and all: it is looked at
        first."""
        if self.way("stop") != DELETE:
            return Stopped.UNSUPPORTED
        if self.poll(account, handle).stage not in (Stage.QUEUED, Stage.RUNNING):
            return Stopped.TOO_LATE
        answer = self.wire(account).send("DELETE", _path(handle))
        return Stopped.DONE if answer.is_ok else parsing.refused_stop(answer)

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        """The list, newest first, down to the moment of the submission. A list without prompts proves nothing."""
        look, since, after = matching.Look(lost), lost.sent_at.timestamp() - EARLY, ""
        for _page in range(PAGES):
            query = {"limit": PAGE, "order": "desc"} | ({"after": after} if after else {})
            told = self._told(self.wire(account).get("videos", params=query))
            tasks = matching.rows(told, "data")
            for task in tasks:
                look.row(task.get("id"), _is_ours(task, lost))
            is_past = matching.is_past([matching.unix(task.get("created_at")) for task in tasks], since)
            if not tasks or is_past or matching.is_last(told.get("has_more"), len(tasks), PAGE):
                return look.outcome(is_whole=True)
            if (after := str(told.get("last_id") or tasks[-1].get("id") or "")) == "":
                break
        return look.outcome(is_whole=False)

    def _told(self, answer, *, is_submit=False) -> dict:
        if answer.is_ok:
            return parsing.told(answer, is_submit=is_submit)
        fault, code, detail = answers.fault_of(answer, is_submit=is_submit)
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)


def _path(handle: dict) -> str:
    return f"videos/{quote(handle['id'], safe='')}"


def _told_of(account: Account, name: str) -> str:
    """What the connection says beside the key."""
    return str(account.extras.get(name) or account.keys.get(name) or "").strip()


def _written(body: dict, *, as_json: bool) -> dict:
    """The fields as multipart, which the official client sends also without a file, or as JSON."""
    fields, picture = body["fields"], body.get("picture")
    if as_json:
        uri = {"image_url": f"data:{picture[0]};base64,{base64_of(picture[1])}"} if picture else None
        return {"json": fields | ({"input_reference": uri} if uri else {})}
    parts = {name: (None, value) for name, value in fields.items()}
    if picture:
        parts["input_reference"] = (f"first.{picture[0].rpartition('/')[2]}", picture[1], picture[0])
    return {"files": parts}


def _is_ours(task: dict, lost: Lost) -> bool | None:
    """Moment and prompt must agree; model and length where they are told, which some gateways write as a number."""
    seconds, model = task.get("seconds"), lost.handle.get("model")
    return matching.alike(
        matching.is_near(matching.unix(task.get("created_at")), lost, early=EARLY, late=LATE),
        matching.agrees(task.get("prompt"), lost.request.prompt),
        seconds is None or matching.agrees(str(seconds), str(lost.request.seconds)) is not False,
        not model or matching.agrees(task.get("model"), model) is not False,
    )
