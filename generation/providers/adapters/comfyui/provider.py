"""ComfyUI: any workflow, on a machine of one's own. We choose the task's id, so that a lost answer is never guessed at.

Written for the classic API of the core server (0.8 and later); it has no keys of its own, a proxy in front may ask
for a header. Nothing is ever sent in ``extra_data``: paid partner nodes find no key there and cannot spend anything.
"""

import mimetypes
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generation.providers import catalogue, parsing
from generation.providers.adapters.comfyui import answers, filling, progress, workflows
from generation.providers.adapters.comfyui import graph as graphs
from generation.providers.adapters.comfyui import slots as places
from generation.providers.base import Capability, ClipRequest, Mode
from generation.providers.errors import Fault, NoAnswer, RemoteError
from generation.providers.http import answer_limits
from generation.providers.input_files import picture, unfit, words
from generation.providers.models import Workflow
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
)  # fmt: skip


class ComfyUIProvider(RemoteProvider):
    slug = "comfyui"
    label = gettext_lazy("ComfyUI")
    byline = gettext_lazy("made by a model in your ComfyUI, not drawn by this studio")
    base_url = ""
    doc_url = "https://docs.comfy.org/development/comfyui-server/comms_routes"
    most_told = answer_limits.ANSWER  # its queue names all that others brought as well, in full
    is_private_by_nature = True
    key_fields = (
        KeyField(
            "token",
            gettext_lazy("Proxy token"),
            is_required=False,
            hint=gettext_lazy("Only where a proxy asks for “Authorization: Bearer …”. Other headers go below."),
        ),
    )
    starts = frozenset(Mode)
    tells = frozenset({"seed", "negative_prompt"})
    declared = Manners(
        recovery=Recovery.OWN_ID,
        absence_is_proof=True,
        billing=Billing.FREE,
        stopping=Stopping.ANY,
        has_progress=True,
        first_look=3.0,
        look_every=5.0,
        look_at_most_every=10.0,
        deadline=4 * 3600.0,  # a consumer card takes its time, and others may be in line before
    )
    doubts = {
        "absence_is_proof": gettext_lazy(
            "Its queue and its history are in memory: after a restart it knows nothing any more."
        ),
        "concurrency": gettext_lazy("It draws one after the other, whatever it is sent."),
    }

    # --- what it can make ---------------------------------------------------------------------------------------

    def capabilities_in(self, workspace) -> tuple[Capability, ...]:
        """The ready-made workflows, those of the whole site, and the workspace's own."""
        rows = Workflow.objects.usable_in(workspace).filter(provider=self.slug).defer("graph").order_by("title", "pk")
        uploaded = [catalogue.capability(workflows.facts_of(row)) for row in rows]
        return (*self.capabilities(), *uploaded)

    def is_brought(self, model: str, workspace) -> bool:
        """Also one that was removed since. What an operator brought for everybody may run on the site's machine."""
        return workflows.is_of_a_workspace(model)

    def capability(self, model: str = "") -> Capability:
        """Also of a workflow that is not offered any more, or not to everybody: whoever names it was let through."""
        if row := workflows.row_of(model):
            return catalogue.capability(workflows.facts_of(row))
        return super().capability(model)

    # --- the wire -----------------------------------------------------------------------------------------------

    def auth(self, account: Account) -> dict[str, str]:
        token = account.keys.get("token", "")
        return {"Authorization": f"Bearer {token}"} if token else {}

    def check(self, account: Account) -> str:
        told = self._ok(self.wire(account).get("system_stats"))
        system = told.get("system") if isinstance(told, dict) else None
        if not isinstance(system, dict):
            raise RemoteError(Fault.LOST, "not_comfyui", "no system in the answer")
        devices = [each for each in told.get("devices") or () if isinstance(each, dict)]
        memory = max((each.get("vram_total") or 0 for each in devices), default=0) / 2**30
        version = str(system.get("comfyui_version") or "?")[:20]
        return _("ComfyUI %(version)s, %(memory)d GB of graphics memory") % {"version": version, "memory": memory}

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        capability = self.able(request)
        words(request.prompt, capability)
        graph = workflows.graph_of(capability.model)
        wire, files = self.wire(account), {}
        for slot, path in self._inputs(request, graph).items():
            name = slot.lower()
            if slot == "VIDEO":
                with path.open("rb") as film:
                    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                    files[slot] = self._upload(wire, ref, f"{name}{path.suffix}", film, kind)
            else:
                kind, content = picture(path, capability, field=name)
                files[slot] = self._upload(wire, ref, f"{name}.{kind.removeprefix('image/')}", content, kind)
        return Prepared(filling.fill(graph, request, files, ref), {"id": ref})

    def _inputs(self, request: ClipRequest, graph: dict) -> dict[str, Path]:
        given = {"FIRST_FRAME": request.start, "LAST_FRAME": request.last_frame, "VIDEO": request.video}
        slots = places.references(places.find(graph))
        if len(request.references) > len(slots):
            n = len(slots)
            said = ngettext("The workflow takes %(n)s reference.", "The workflow takes %(n)s references.", n)
            raise unfit("too_many_references", f"at most {n}", "references", said % {"n": n})
        # Every place gets a picture: one left alone would show what its author had there.
        pictures = dict(zip(slots, cycle(request.references), strict=False)) if request.references else {}
        return {slot: path for slot, path in given.items() if path} | pictures

    def _upload(self, wire, ref: str, name: str, content, kind: str) -> str:
        """The name that ComfyUI gave the file, below its input folder. Each job has a folder of its own, which nobody
        can guess: a node may read all that lies in one."""
        told = self._ok(
            wire.post(
                "upload/image",
                files={"image": (name, content, kind)},
                data={"type": "input", "subfolder": f"{graphs.FOLDER}/{ref}", "overwrite": "true"},
            )
        )
        if not isinstance(told, dict) or not isinstance(told.get("name"), str):
            raise NoAnswer("an upload without a name")
        folder = told.get("subfolder")
        return f"{folder}/{told['name']}" if folder and isinstance(folder, str) else told["name"]

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        body = {"prompt": prepared.body, "prompt_id": ref, "client_id": ref}
        answer = self.wire(account).post("prompt", json=body)
        if answer.status == 400:
            raise answers.refusal(answer.json(), prepared.body, answer.status)
        if not answer.is_ok:
            self.refuse(answer, is_submit=True)
        return parsing.accepted(parsing.told(answer, is_submit=True).get("prompt_id"), {}, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        wire, ref = self.wire(account), handle["id"]
        if entry := self._history(wire, ref):
            return self._ended(account, entry)
        queue = self._queue(wire)
        if (found := answers.position(queue, ref)) is None:
            # It may have moved from the queue into the history between the two questions.
            if entry := self._history(wire, ref):
                return self._ended(account, entry)
            raise RemoteError(Fault.LOST, "not_there", "neither in the queue nor in the history")
        stage, place = found
        share = progress.listen(wire, ref, answers.graph_at_work(queue, ref)) if stage == Stage.RUNNING else None
        return Snapshot(stage, progress=share, position=place)

    def _ended(self, account: Account, entry: dict) -> Snapshot:
        return answers.ended(entry, account.base_url)

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """Out of the queue, then, if it had begun, stopped by its id: cores before 0.3.57 would stop whatever runs."""
        wire, ref = self.wire(account), handle["id"]
        waited = answers.position(self._queue(wire), ref)
        if waited is None:
            return Stopped.TOO_LATE
        self._ok(wire.post("queue", json={"delete": [ref]}), is_empty=True)
        if (now := answers.position(self._queue(wire), ref)) is None:
            return Stopped.DONE if waited[0] == Stage.QUEUED and not self._history(wire, ref) else Stopped.TOO_LATE
        if now[0] == Stage.RUNNING:
            self._ok(wire.post("interrupt", json={"prompt_id": ref}), is_empty=True)
        return Stopped.REQUESTED

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        if lost.is_taken(lost.ref):
            return Search.ABSENT
        wire = self.wire(account)
        for _look in ("before", "after"):  # the same race as in poll
            if self._history(wire, lost.ref) or answers.position(self._queue(wire), lost.ref):
                return Submitted(lost.ref, {"id": lost.ref})
        return Search.ABSENT

    def _history(self, wire, ref: str) -> dict | None:
        told = self._ok(wire.get(f"history/{quote(ref, safe='')}"))
        if not isinstance(told, dict):
            parsing.nothing_seen()
        entry = told.get(ref)
        return entry if isinstance(entry, dict) else None

    def _queue(self, wire) -> dict:
        """What runs and what waits. An answer without both shows nothing, least of all that a task is not there."""
        told = self._ok(wire.get("queue"))
        for name in ("queue_running", "queue_pending"):
            parsing.listed(told, name)
        return told

    def _ok(self, answer, *, is_empty=False):
        """The answer's JSON. Whatever is not what was asked for changes nothing."""
        if not answer.is_ok:
            self.refuse(answer, is_submit=False, fault=Fault.TRANSIENT if answer.status == 404 else None)
        told = answer.json()
        if told is None and not is_empty:
            raise NoAnswer("an answer that is no JSON")
        return told
