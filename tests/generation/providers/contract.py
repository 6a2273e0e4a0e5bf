"""The adapters that the contract suite covers, and what their fakes must provide.

To add a provider, add its entry to ``CONTRACT``. Besides the requirements of ``tests/fakes/server.py``, its fake has

- ``read_request(task) -> dict``: the values in the request that it received:
  ``prompt``; ``pictures`` (bytes, in the order start, last, references; including those uploaded beforehand);
  ``video`` (bytes); ``seconds``; ``ratio`` ("16:9") or ``size`` ((width, height)); ``lines`` (720) where there is no
  size; ``audio`` (a bool); ``seed``; ``negative_prompt``.
  Values that the model has no parameter for (a single duration, a ratio that follows the picture) may be missing;
- routes named ``submit``, ``poll`` and ``list_tasks``, which ``find`` calls (another name: ``list_route``);
- ``refusal(kind)`` for auth, quota, invalid, moderation, busy, broken;
- ``fault_success_without_url(request, act)`` for ``poll`` (or of the route named by ``success_without_url_route``).

``task.outcome`` may be succeeded, failed, moderated; ``task.is_deleted`` makes the provider forget it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from django.utils.module_loading import import_string

from generation.providers.errors import Fault
from generation.providers.remote import Billing, Recovery, Stage, Stopping

KINDS = {
    "auth": Fault.AUTH,
    "quota": Fault.QUOTA,
    "invalid": Fault.INVALID,
    "moderation": Fault.MODERATION,
    "busy": Fault.TRANSIENT,
    "broken": Fault.UNKNOWN,
}


SEARCHES = (Recovery.OWN_ID, Recovery.LIST)


@dataclass(frozen=True)
class Entry:
    """One adapter under the contract. Defaults describe the usual case."""

    slug: str
    adapter: str
    fake: str
    traits: tuple[Recovery, bool, bool, Billing, Stopping]
    """Documented traits, independent of what the adapter declares: how a lost submission is found, whether its absence
    is proof, whether "busy" never creates a task, when it bills, which tasks can be cancelled."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Field → value. Empty: ``api_key`` with the fake's own ``key``."""
    extras: Mapping[str, object] = field(default_factory=dict)
    status_at: tuple = ("status",)
    """Path of the status in the answer to ``poll``: keys and list indexes."""
    statuses: Mapping[object, Stage] = field(default_factory=dict)
    """Every documented status and its stage. Tested on a finished task."""
    missing_refusals: frozenset[str] = frozenset()
    """Refusals that this provider does not make on submit."""
    faults: Mapping[str, Fault] = field(default_factory=dict)
    """Refusals on submit with another meaning here; the entry says why."""
    lost: tuple[str, ...] = (
        "cut_after_create", "html_502_after_create", "no_json_after_create", "no_id_after_create",
        "huge_answer", "redirect_inside",
    )  # fmt: skip
    list_route: str = "list_tasks"
    """The route that ``find`` calls."""
    identifying_fields: frozenset[str] = frozenset()
    """Fields of its list and tasks that identify a lost submission, apart from the creation time."""
    reports_progress_in_polls: bool = True
    success_without_url_route: str = "poll"
    has_wrong_key: bool = True
    """False if no key is needed."""
    callback: Callable | None = None
    """``callback(fake, task, moment) -> (headers, body)`` as the provider sends it at that Unix time."""
    tolerance: int = 0
    """Documented clock tolerance of a signed callback in seconds; 0 if callbacks are unsigned."""
    variant: str = ""
    """Name of the variant, for entries of ``CALLBACK_VARIANTS``."""
    skips: Mapping[str, str] = field(default_factory=dict)
    """Test of the suite → why it does not apply here and which test of the adapter covers it."""

    @property
    def name(self) -> str:
        return f"{self.slug}-{self.variant}" if self.variant else self.slug

    @property
    def is_signed(self) -> bool:
        return self.tolerance > 0

    def load_provider(self):
        return _load_provider(self.adapter)

    def make_fake(self, video: bytes):
        return import_string(self.fake)(video)

    def fault(self, kind: str) -> Fault:
        fault = KINDS[kind]
        if kind == "busy" and not self.load_provider().declared.is_busy_refusal:
            fault = Fault.UNKNOWN
        return self.faults.get(kind, fault)


@cache
def _load_provider(path: str):
    return import_string(path)()


GEMINI = Entry(
    slug="gemini",
    adapter="generation.providers.adapters.gemini.provider.GeminiProvider",
    fake="tests.fakes.gemini.GeminiFake",
    traits=(Recovery.WEBHOOK, False, True, Billing.UNDECLARED, Stopping.ANY),
    keys={"api_key": "AIzaSyFake-0123456789abcdef"},
    statuses={
        "queued": Stage.QUEUED,
        "in_progress": Stage.RUNNING,
        "completed": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
        "cancelled": Stage.CANCELLED,
        "incomplete": Stage.FAILED,
        "budget_exceeded": Stage.FAILED,
        "requires_action": Stage.FAILED,
        "requires_continuation": Stage.FAILED,
        "idle": Stage.FAILED,
    },
    callback=lambda fake, task, moment: fake.callback(task, at=moment),
    tolerance=300,
    skips={"test_forged_callback_is_refused": "a token need not cover the body: see test_gemini_callbacks.py"},
)
GEMINI_STATIC = replace(
    GEMINI,
    variant="static",
    keys={**GEMINI.keys, "webhook_secret": "whsec_YSBzZWNyZXQgb2YgYSBzdGF0aWMgd2ViaG9vaw=="},
    skips={},
)
ZHIPU = Entry(
    slug="zhipu",
    adapter="generation.providers.adapters.zhipu.provider.ZhipuProvider",
    fake="tests.fakes.zhipu.ZhipuFake",
    traits=(Recovery.NONE, False, True, Billing.UNDECLARED, Stopping.NONE),
    status_at=("task_status",),
    statuses={"PROCESSING": Stage.RUNNING, "SUCCESS": Stage.SUCCEEDED, "FAIL": Stage.FAILED},
)
PIXVERSE = Entry(
    slug="pixverse",
    adapter="generation.providers.adapters.pixverse.provider.PixverseProvider",
    fake="tests.fakes.pixverse.PixverseFake",
    traits=(Recovery.NONE, False, True, Billing.UNDECLARED, Stopping.NONE),
    keys={"api_key": "test-key-0123456789abcdef", "webhook_secret": "a-secret-key-of-the-console"},
    status_at=("Resp", "status"),
    statuses={
        1: Stage.SUCCEEDED,
        2: Stage.RUNNING,
        3: Stage.RUNNING,
        5: Stage.RUNNING,
        6: Stage.CANCELLED,
        7: Stage.FAILED,
        8: Stage.FAILED,
    },
    callback=lambda fake, task, moment: fake.callback(task, at=moment),
    tolerance=6 * 3600,  # PixVerse retries for five hours
    skips={
        "test_forged_callback_is_refused": "the signature covers values, not bytes: see test_pixverse.py",
    },
)

COMFYUI = Entry(
    slug="comfyui",
    adapter="generation.providers.adapters.comfyui.provider.ComfyUIProvider",
    fake="tests.fakes.comfyui.ComfyUIFake",
    traits=(Recovery.OWN_ID, True, False, Billing.FREE, Stopping.ANY),
    keys={"token": "test-key-0123456789abcdef"},
    reports_progress_in_polls=False,  # only over its socket: test_comfyui.py
    missing_refusals=frozenset({"quota", "moderation"}),  # ComfyUI has no accounts and no rules
    list_route="poll",  # the history
    skips={
        "test_failed_task_reports_failure_or_moderation": "ComfyUI does not moderate: test_comfyui.py covers failures",
        **dict.fromkeys(
            ("test_unidentifiable_task_in_the_list_is_undecided", "test_old_unidentifiable_task_does_not_matter"),
            "ComfyUI has no list: test_comfyui.py covers answers that identify no task",
        ),
    },
)

KLING = Entry(
    slug="kling",
    adapter="generation.providers.adapters.kling.provider.KlingProvider",
    fake="tests.fakes.kling.KlingFake",
    traits=(Recovery.OWN_ID, False, False, Billing.UNDECLARED, Stopping.NONE),
    identifying_fields=frozenset({"task_info"}),
    status_at=("data", "task_status"),
    statuses={
        "submitted": Stage.QUEUED,
        "processing": Stage.RUNNING,
        "succeed": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
    },
    faults={"busy": Fault.TRANSIENT},  # the codes 1302 and 1303 are refusals; a bare 429 is not
    list_route="list",
    callback=lambda fake, task, moment: ({}, json.dumps(fake.callback(task)).encode()),
    skips={
        "test_task_of_another_job_is_not_adopted": "the task carries our own id: see test_kling.py",
        "test_malformed_list_of_tasks_is_understood_or_a_known_error": "the list is searched by our own id",
    },
)
DASHSCOPE = Entry(
    slug="dashscope",
    adapter="generation.providers.adapters.dashscope.provider.DashscopeProvider",
    fake="tests.fakes.dashscope.DashscopeFake",
    traits=(Recovery.LIST, False, False, Billing.UNDECLARED, Stopping.QUEUED),
    identifying_fields=frozenset({"orig_prompt"}),
    status_at=("output", "task_status"),
    statuses={
        "PENDING": Stage.QUEUED,
        "SUSPENDED": Stage.QUEUED,
        "RUNNING": Stage.RUNNING,
        "SUCCEEDED": Stage.SUCCEEDED,
        "FAILED": Stage.FAILED,
        "CANCELED": Stage.CANCELLED,
    },  # UNKNOWN is lost: test_dashscope.py
    faults={"busy": Fault.TRANSIENT},  # Throttling is a refusal; a bare 429 is not
)
ARK = Entry(
    slug="ark",
    adapter="generation.providers.adapters.ark.provider.ArkProvider",
    fake="tests.fakes.ark.ArkFake",
    traits=(Recovery.LIST, False, False, Billing.UNDECLARED, Stopping.QUEUED),
    identifying_fields=frozenset({"seed"}),
    statuses={
        "queued": Stage.QUEUED,
        "running": Stage.RUNNING,
        "succeeded": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
        "expired": Stage.FAILED,
        "cancelled": Stage.CANCELLED,
        "canceled": Stage.CANCELLED,
    },
    faults={"busy": Fault.TRANSIENT},  # RateLimitExceeded is a refusal; a bare 429 is not
    callback=lambda fake, task, moment: ({}, json.dumps(fake.callback(task)).encode()),
)
MINIMAX = Entry(
    slug="minimax",
    adapter="generation.providers.adapters.minimax.provider.MinimaxProvider",
    fake="tests.fakes.minimax.MinimaxFake",
    traits=(Recovery.WEBHOOK, False, False, Billing.UNDECLARED, Stopping.NONE),
    statuses={
        "Preparing": Stage.QUEUED,
        "Queueing": Stage.QUEUED,
        "Processing": Stage.RUNNING,
        "Success": Stage.SUCCEEDED,
        "Fail": Stage.FAILED,
    },
    faults={"busy": Fault.TRANSIENT},  # the code 1002 is a refusal; a bare 429 is not
    success_without_url_route="retrieve",
    callback=lambda fake, task, moment: ({}, json.dumps(fake.callback(task)).encode()),
)
MINIMAX_V2 = Entry(
    slug="minimax-v2",
    adapter="generation.providers.adapters.minimax_v2.provider.MinimaxV2Provider",
    fake="tests.fakes.minimax_v2.MinimaxV2Fake",
    traits=(Recovery.LIST, False, False, Billing.UNDECLARED, Stopping.QUEUED),
    identifying_fields=frozenset({"prompt"}),
    status_at=("task", "status"),
    statuses={
        "queued": Stage.QUEUED,
        "running": Stage.RUNNING,
        "succeeded": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
        "expired": Stage.FAILED,
        "cancelled": Stage.CANCELLED,
    },
    callback=lambda fake, task, moment: ({}, json.dumps(fake.callback(task)).encode()),
)
VIDU = Entry(
    slug="vidu",
    adapter="generation.providers.adapters.vidu.provider.ViduProvider",
    fake="tests.fakes.vidu.ViduFake",
    traits=(Recovery.LIST, False, False, Billing.UNDECLARED, Stopping.QUEUED),
    identifying_fields=frozenset({"payload", "prompt"}),
    status_at=("state",),
    statuses={
        "created": Stage.QUEUED,
        "queueing": Stage.QUEUED,
        "scheduled": Stage.RUNNING,
        "processing": Stage.RUNNING,
        "success": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
    },
    faults={"busy": Fault.TRANSIENT},  # QuotaExceeded is a refusal; a bare 429 is not
    callback=lambda fake, task, moment: fake.callback(task, at=moment),
    tolerance=300,
    skips={"test_forged_callback_is_refused": "the signature does not cover the body: see test_vidu.py"},
)

FAL = Entry(
    slug="fal",
    adapter="generation.providers.adapters.fal.provider.FalProvider",
    fake="tests.fakes.fal.FalFake",
    traits=(Recovery.WEBHOOK, False, True, Billing.UNDECLARED, Stopping.ANY),
    statuses={"IN_QUEUE": Stage.QUEUED, "IN_PROGRESS": Stage.RUNNING, "COMPLETED": Stage.SUCCEEDED},
    success_without_url_route="result",
    callback=lambda fake, task, moment: fake.callback(task, at=moment),
    tolerance=300,
)

OPENAI_COMPATIBLE = Entry(
    slug="openai-compatible",
    adapter="generation.providers.adapters.openai_compatible.provider.OpenAICompatibleProvider",
    fake="tests.fakes.openai_compatible.OpenAICompatibleFake",
    traits=(Recovery.LIST, False, False, Billing.UNDECLARED, Stopping.NONE),
    identifying_fields=frozenset({"prompt"}),
    extras={"model": "wan-2.2"},
    statuses={
        "queued": Stage.QUEUED,
        "pending": Stage.QUEUED,
        "SUBMITTED": Stage.QUEUED,
        "in_progress": Stage.RUNNING,
        "IN_PROGRESS": Stage.RUNNING,
        "processing": Stage.RUNNING,
        "completed": Stage.SUCCEEDED,
        "SUCCESS": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
        "FAILURE": Stage.FAILED,
        "cancelled": Stage.CANCELLED,
    },
    faults={"busy": Fault.TRANSIENT},  # the code is a refusal; a bare 429 is not
)

REPLICATE = Entry(
    slug="replicate",
    adapter="generation.providers.adapters.replicate.provider.ReplicateProvider",
    fake="tests.fakes.replicate.ReplicateFake",
    traits=(Recovery.LIST, False, True, Billing.UNDECLARED, Stopping.ANY),
    identifying_fields=frozenset({"webhook", "input"}),
    statuses={
        "starting": Stage.QUEUED,
        "processing": Stage.RUNNING,
        "succeeded": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
        "canceled": Stage.CANCELLED,
        "aborted": Stage.CANCELLED,
    },
    missing_refusals=frozenset({"moderation"}),  # models refuse while they run
    callback=lambda fake, task, moment: fake.callback(task, at=moment),
    tolerance=300,
)

RUNWAY = Entry(
    slug="runway",
    adapter="generation.providers.adapters.runway.provider.RunwayProvider",
    fake="tests.fakes.runway.RunwayFake",
    traits=(Recovery.NONE, False, True, Billing.UNDECLARED, Stopping.ANY),
    statuses={
        "PENDING": Stage.QUEUED,
        "THROTTLED": Stage.QUEUED,
        "RUNNING": Stage.RUNNING,
        "SUCCEEDED": Stage.SUCCEEDED,
        "FAILED": Stage.FAILED,
        "CANCELLED": Stage.CANCELLED,
    },
)
LUMA = Entry(
    slug="luma",
    adapter="generation.providers.adapters.luma.provider.LumaProvider",
    fake="tests.fakes.luma.LumaFake",
    traits=(Recovery.NONE, False, True, Billing.UNDECLARED, Stopping.NONE),
    status_at=("state",),
    statuses={
        "queued": Stage.QUEUED,
        "processing": Stage.RUNNING,
        "completed": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
    },
)

LUMA_DREAM_MACHINE = Entry(
    slug="luma-dream-machine",
    adapter="generation.providers.adapters.luma_dream_machine.provider.LumaDreamMachineProvider",
    fake="tests.fakes.luma_dream_machine.LumaDreamMachineFake",
    traits=(Recovery.LIST, False, True, Billing.UNDECLARED, Stopping.ANY),
    identifying_fields=frozenset({"callback_url", "prompt"}),
    status_at=("state",),
    statuses={
        "queued": Stage.QUEUED,
        "dreaming": Stage.RUNNING,
        "completed": Stage.SUCCEEDED,
        "failed": Stage.FAILED,
    },
    callback=lambda fake, task, moment: ({}, json.dumps(fake.callback(task)).encode()),
)

CONTRACT: tuple[Entry, ...] = (
    OPENAI_COMPATIBLE,
    FAL,
    REPLICATE,
    RUNWAY,
    LUMA,
    LUMA_DREAM_MACHINE,
    KLING,
    DASHSCOPE,
    ARK,
    MINIMAX,
    MINIMAX_V2,
    VIDU,
    COMFYUI,
    GEMINI,
    ZHIPU,
    PIXVERSE,
)
CALLBACK_VARIANTS = (GEMINI_STATIC,)
"""Adapters of ``CONTRACT`` whose callbacks can be verified in a second way."""

SHARED = (OPENAI_COMPATIBLE, REPLICATE)
"""Two adapters for rules of shared code: one plain, one with signed callbacks."""
SEARCHABLE = tuple(entry for entry in CONTRACT if entry.load_provider().declared.recovery in SEARCHES)
"""Adapters that can search for a submission whose response was lost."""
CALLERS = tuple(entry for entry in (*CONTRACT, *CALLBACK_VARIANTS) if entry.load_provider().declared.has_webhooks)
SIGNED_CALLERS = tuple(entry for entry in CALLERS if entry.is_signed)
