"""Alibaba Model Studio (DashScope): Wan and HappyHorse. Always asked to work in the background; a task lives a day."""

from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from generation.providers import input_files, matching, parsing
from generation.providers.adapters.dashscope import answers, bodies
from generation.providers.base import ClipRequest
from generation.providers.errors import NoAnswer, NotSent, RemoteError
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
    Stopped,
    Stopping,
    Submitted,
    Way,
)

BACKGROUND = {"X-DashScope-Async": "enable"}
PAGE, PAGES = 50, 5
LOOKS = 10  # the list has no prompts: so many tasks are asked for, one by one
EARLY, LATE = 30, 180  # seconds around the submission in which ours must have begun

DATA, LENT = "data", "lent"
WAYS = (
    Way(
        "pictures",
        _("How pictures reach models from Wan 2.7 on"),
        ((DATA, _("inside the request")), (LENT, _("by an address that it fetches them from"))),
        _(
            "Uncertain whether they are taken inside the request, as those of older models are; a refusal costs "
            "nothing. By an address needs a public https address of this studio: each picture is lent there for a "
            "quarter of an hour, to whoever has the address."
        ),
    ),
)


class DashscopeProvider(RemoteProvider):
    slug = "dashscope"
    label = _("Alibaba Wan (DashScope)")
    byline = _("made by Alibaba Wan, not drawn by this studio")
    base_url = "https://dashscope-intl.aliyuncs.com/api/v1"
    doc_url = "https://modelstudio.console.alibabacloud.com/?tab=model#/api-key"
    key_fields = (
        KeyField(
            "api_key",
            _("API key"),
            hint=_("A key from China needs the base address https://dashscope.aliyuncs.com/api/v1."),
        ),
    )
    ways = WAYS
    stages = answers.STAGES
    declared = Manners(
        recovery=Recovery.LIST,
        billing=Billing.UNDECLARED,  # failed ones are free from memory only
        stopping=Stopping.QUEUED,
        first_look=15,
        look_every=15,
        concurrency=2,
        per_minute=120,
    )
    doubts = {
        "billing": _("That failed clips are free is from memory."),
        "can_be_found": _(
            "Uncertain whether its list tells the moment. It knows no reference of ours: all that is told must agree."
        ),
        "concurrency": _("From memory: two to five of each model."),
        "per_minute": _("From memory: two to five a second."),
    }

    @property
    def fetches_pictures(self) -> bool:
        return self.way("pictures") == LENT

    def auth(self, account: Account) -> dict[str, str]:
        return {"Authorization": f"Bearer {account.keys.get('api_key', '')}"}

    def check(self, account: Account) -> str:
        self._told(self.wire(account).get("tasks", params={"page_no": 1, "page_size": 1}))
        return str(_("The key works."))

    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        def lent(path, field):
            return input_files.address(path, request, self.label, field=field)

        capability = self.able(request)
        facts = bodies.facts_of(capability.model)
        return Prepared(
            bodies.body(request, capability, facts, lent if self.fetches_pictures else None),
            {"path": bodies.path(facts.get("shape", "")), "model": capability.model},
        )

    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        answer = self.wire(account).post(prepared.handle["path"], json=prepared.body, headers=BACKGROUND)
        output = parsing.part(self._told(answer, is_submit=True), "output")
        return parsing.accepted(output.get("task_id"), prepared.handle, answer)

    def poll(self, account: Account, handle: dict) -> Snapshot:
        return answers.snapshot(self._task(account, handle["id"]))

    def cancel(self, account: Account, handle: dict) -> Stopped:
        """Only what still waits there; the answer to anything else is UnsupportedOperation."""
        answer = self.wire(account).post(f"tasks/{quote(handle['id'], safe='')}/cancel")
        return Stopped.DONE if answer.is_ok else parsing.refused_stop(answer)

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        """The account's newest tasks of the model, asked one by one for the prompt and the moment they began."""
        listed, is_all = self._listed(account, lost)
        look, ids = matching.Look(lost), [each.get("task_id") for each in listed if _may_be(each, lost)]
        told = dict.fromkeys(task_id for task_id in ids if parsing.is_id(task_id))
        look.is_unclear = not all(map(parsing.is_id, ids))
        free = [task_id for task_id in told if not lost.is_taken(task_id)]
        for task_id in free[:LOOKS]:
            look.row(task_id, self._is_ours(account, task_id, lost))
        return look.outcome(is_whole=is_all and len(free) <= LOOKS)

    def _listed(self, account: Account, lost: Lost) -> tuple[list[dict], bool]:
        """Page by page, down to what began before the submission where that is told; and whether these are all. What a
        page behind the first does not tell, in trouble, proves nothing; what is here may hold ours all the same."""
        since, listed = lost.sent_at.timestamp() - EARLY, []
        for page in range(1, PAGES + 1):
            params = {"page_no": page, "page_size": PAGE, "model_name": lost.handle["model"]}
            try:
                told = self._told(self.wire(account).get("tasks", params=params))
                rows = matching.rows(told, "data")
            except (NotSent, NoAnswer, RemoteError):
                if page == 1:
                    raise
                return listed, False
            listed += rows
            if len(rows) < PAGE:
                return listed, (parsing.number(told.get("total")) or 0) <= len(listed)
            if matching.is_past([_begun(each) for each in rows], since):
                return listed, True
        return listed, False

    def _is_ours(self, account: Account, task_id: str, lost: Lost) -> bool | None:
        output = parsing.part(self._task(account, task_id), "output")
        return matching.alike(
            matching.agrees(output.get("orig_prompt"), lost.request.prompt),
            answers.is_when(output.get("submit_time"), lost.sent_at, EARLY, LATE),
        )

    def _task(self, account: Account, task_id: str) -> dict:
        return self._told(self.wire(account).get(f"tasks/{quote(task_id, safe='')}"))

    def _told(self, answer, *, is_submit=False) -> dict:
        if answer.is_ok:
            return parsing.told(answer, is_submit=is_submit)
        code, detail = answers.code_of(answer)
        fault = answers.fault_of(code, answer.status, is_submit=is_submit)
        return self.refuse(answer, is_submit=is_submit, code=code, detail=detail, fault=fault)


def _begun(row: dict) -> float | None:
    """When it began, where the list tells that (``gmt_create`` in milliseconds, UNCERTAIN)."""
    begun = matching.unix(row.get("gmt_create"))
    return begun / 1000 if begun else None


def _may_be(row: dict, lost: Lost) -> bool:
    """Where the list tells the moment without doubt, it must fit."""
    return matching.is_near(_begun(row), lost, early=EARLY, late=LATE) is not False
