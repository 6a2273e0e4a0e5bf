"""Jobs for operators: what happened, and what an operator may do. Nothing here edits a state by hand."""

from django.contrib import admin, messages
from django.db.models import Count
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_q import models as django_q

from accounts.billing.ledger import InsufficientFunds
from accounts.billing.money import money
from common.admin_filters import label_filter
from common.database.transitions import IllegalTransition
from jobs import event_messages, invariants, recovery, registry, services
from jobs.models import Attempt, Heartbeat, Job, JobEvent, State
from jobs.views.health import collect_facts, find_problems, find_warnings

# Whoever may add a Schedule may run any function on the server: none of the queue's own rows are shown.
for model in (django_q.Schedule, django_q.OrmQ, django_q.Success, django_q.Failure):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class ReadOnly:
    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


OF_PROVIDER = ("provider", label_filter(registry.provider_label))


class EventInline(ReadOnly, admin.TabularInline):
    model = JobEvent
    fields = readonly_fields = ["at", "old", "new", "actor", "sentence", "reason", "fence"]
    extra = 0

    @admin.display(description=_("what happened"))
    def sentence(self, event):
        return event_messages.sentence(event)


class AttemptInline(ReadOnly, admin.TabularInline):
    model = Attempt
    fields = readonly_fields = [
        "n",
        "maker",
        "provider_task_id",
        "outcome",
        "http_status",
        "intent_at",
        "answered_at",
        "cost",
    ]
    extra = 0

    @admin.display(description=_("provider"))
    def maker(self, attempt):
        return registry.provider_label(attempt.provider)


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):
    """Where jobs stand, never what was asked for: titles and params hold people's words, and stay out of here."""

    list_display = ["created_at", "sort", "id", "state", "percent", "workspace", "maker", "state_since", "due"]
    list_filter = ["state", ("kind", label_filter(registry.kind_label)), OF_PROVIDER, "created_at"]
    list_select_related = ["workspace"]
    readonly_fields = ["sort", "maker"]
    exclude = ["title", "params", "request_hash", "idem_key", "kind", "provider"]
    search_fields = ["id", "workspace__name", "created_by__email"]
    search_help_text = _("Number, workspace or email")
    ordering = ["-created_at"]
    inlines = [EventInline, AttemptInline]
    actions = ["stop", "try_again", "give_up", "requeue", "reopen", "release", "resend"]
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        """What it is comes first; Django puts what is no column last."""
        rest = [name for name in super().get_fields(request, obj) if name not in self.readonly_fields]
        return [*self.readonly_fields, *rest]

    def has_act_permission(self, request):
        return request.user.has_perm("jobs.change_job")

    @admin.display(description=_("kind"), ordering="kind")
    def sort(self, job):
        return registry.kind_label(job.kind)

    @admin.display(description=_("provider"), ordering="provider")
    def maker(self, job):
        return registry.provider_label(job.provider)

    @admin.display(description=_("progress"), ordering="progress")
    def percent(self, job):
        return f"{job.percent} %"

    @admin.display(description=_("due"))
    def due(self, job):
        return job.next_run_at if job.is_active and job.state != State.STUCK else None

    @admin.action(description=_("Cancel"), permissions=["act"])
    def stop(self, request, jobs):
        self._each(request, jobs, services.cancel)

    @admin.action(description=_("Retry"), permissions=["act"])
    def try_again(self, request, jobs):
        self._each(request, jobs, services.retry)

    @admin.action(
        description=_("Give up stalled jobs: mark them as failed and refund what is not billed"), permissions=["act"]
    )
    def give_up(self, request, jobs):
        self._each(request, jobs.filter(state=State.STUCK), services.give_up)

    @admin.action(description=_("Requeue stalled jobs"), permissions=["act"])
    def requeue(self, request, jobs):
        self._each(request, jobs.filter(state=State.STUCK), services.requeue)

    @admin.action(
        description=_("Lost, timed-out or download-only jobs: search for the result or process it once more"),
        permissions=["act"],
    )
    def reopen(self, request, jobs):
        self._each(request, jobs, services.reopen)

    @admin.action(description=_("Unknown jobs: refund the amount on hold"), permissions=["act"])
    def release(self, request, jobs):
        self._each(request, jobs.filter(state=State.UNKNOWN), recovery.release)

    @admin.action(description=_("Unknown jobs: resend"), permissions=["act"])
    def ask_anew(self, request, jobs):
        self._each(request, jobs.filter(state=State.UNKNOWN), recovery.resend)

    def _each(self, request, jobs, deed):
        done = 0
        for job in jobs.select_related("workspace"):
            try:
                deed(job, by=request.user)
            except (services.JobRefused, InsufficientFunds, IllegalTransition) as refusal:
                words = getattr(refusal, "to_operators", refusal)
                self.message_user(request, f"{_name(job)}: {words}", messages.WARNING)
            else:
                done += 1
        words = ngettext("Applied to %(n)d job.", "Applied to %(n)d jobs.", done) % {"n": done}
        self.message_user(request, words, messages.SUCCESS if done else messages.WARNING)

    def changelist_view(self, request, extra_context=None):
        for trouble in [*find_problems(), *find_warnings()]:
            self.message_user(request, trouble, messages.ERROR)
        return super().changelist_view(request, extra_context)


def _name(job) -> str:
    """What it is, its number and how it stands, in the operator's language; its title is somebody's words."""
    return f"{registry.kind_label(job.kind)} {str(job.pk)[:8]} ({registry.kind_of(job).state_label(job)})"


class UnknownJob(Job):
    """The jobs an operator should look at: their provider has not answered for a quarter of an hour."""

    class Meta:
        proxy = True
        verbose_name = _("job without a response")
        verbose_name_plural = _("jobs without a response")


@admin.register(UnknownJob)
class UnknownJobAdmin(JobAdmin):
    list_display = ["id", "maker", "model", "workspace", "age", "held", "tries"]
    list_filter = [OF_PROVIDER]
    actions = ["release", "resend"]
    ordering = ["state_since"]

    def get_queryset(self, request):
        return recovery.find_old_unknown().select_related("workspace").annotate(tries=Count("attempts"))

    @admin.display(description=_("waiting for"))
    def age(self, job):
        return timesince(job.state_since)

    @admin.display(description=_("on hold"))
    def held(self, job):
        return money(job.price_reserved, job.currency)

    @admin.display(description=_("number of attempts"))
    def tries(self, job):
        return job.tries


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly, admin.ModelAdmin):
    """The health of the studio: what is wrong, how much there is to do, and who showed a sign of work when."""

    list_display = ["name", "host", "pid", "last_progress_at"]
    ordering = ["name"]

    def changelist_view(self, request, extra_context=None):
        wrong = [*find_problems(), *find_warnings(), *invariants.find_violations(only_quick=True)]
        context = {"title": _("Health"), "wrong": wrong, "facts": collect_facts()}
        return super().changelist_view(request, context | (extra_context or {}))
