"""The admin of jobs: what happened, and the actions of operators. No state is edited by hand."""

from django.contrib import admin, messages
from django.db.models import Count
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_q import models as django_q

from accounts.billing.money import money
from accounts.billing.refusals import BillingRefusal
from common.admin_filters import label_filter
from common.database.transitions import IllegalTransition
from common.text import label_value
from jobs import events, maintenance, registry, services
from jobs.lifecycle import recovery
from jobs.models import Attempt, Heartbeat, Job, JobEvent, State
from jobs.views.health import check_services, find_problems, find_warnings, list_figures

# A Schedule row runs any function on the server: none of the queue's own rows are shown.
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


PROVIDER_FILTER = ("provider", label_filter(registry.provider_label))


class EventInline(ReadOnly, admin.TabularInline):
    model = JobEvent
    fields = readonly_fields = ("at", "old", "new", "actor", "sentence", "reason", "fence")
    extra = 0

    @admin.display(description=_("what happened"))
    def sentence(self, event):
        return events.sentence(event)


class AttemptInline(ReadOnly, admin.TabularInline):
    model = Attempt
    fields = readonly_fields = (
        "n",
        "provider_label",
        "provider_task_id",
        "outcome",
        "http_status",
        "intent_at",
        "answered_at",
        "cost",
    )
    extra = 0

    @admin.display(description=_("provider"))
    def provider_label(self, attempt):
        return registry.provider_label(attempt.provider)


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):
    """States of jobs. Titles and params contain what users wrote and are not shown."""

    list_display = [
        "created_at",
        "kind_label",
        "id",
        "state",
        "percent",
        "workspace",
        "provider_label",
        "state_since",
        "due",
    ]
    list_filter = ["state", ("kind", label_filter(registry.kind_label)), PROVIDER_FILTER, "created_at"]
    list_select_related = ["workspace"]
    readonly_fields = ["kind_label", "provider_label", "note", "error"]
    exclude = [
        "title",
        "params",
        "request_hash",
        "idem_key",
        "kind",
        "provider",
        "progress_message",
        "progress_text",
        "error_message",
        "error_text",
    ]
    search_fields = ["id", "workspace__name", "created_by__email"]
    search_help_text = _("Number, workspace or email")
    ordering = ["-created_at"]
    inlines = [EventInline, AttemptInline]
    actions = ["cancel", "retry", "give_up", "requeue", "reopen", "release", "resend"]
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        """Put the labels first; Django puts what is not a column last."""
        rest = [name for name in super().get_fields(request, obj) if name not in self.readonly_fields]
        return [*self.readonly_fields, *rest]

    def has_act_permission(self, request):
        return request.user.has_perm("jobs.change_job")

    @admin.display(description=_("kind"), ordering="kind")
    def kind_label(self, job):
        return registry.kind_label(job.kind)

    @admin.display(description=_("provider"), ordering="provider")
    def provider_label(self, job):
        return registry.provider_label(job.provider)

    @admin.display(description=_("progress note"))
    def note(self, job):
        return job.progress_note

    @admin.display(description=_("error message"))
    def error(self, job):
        return " ".join(filter(None, (job.error_public, job.error_details)))

    @admin.display(description=_("progress"), ordering="progress")
    def percent(self, job):
        return f"{job.percent} %"

    @admin.display(description=_("due"))
    def due(self, job):
        return job.next_run_at if job.is_active and job.state != State.STUCK else None

    @admin.action(description=_("Cancel"), permissions=["act"])
    def cancel(self, request, jobs):
        self._apply(request, jobs, services.cancel)

    @admin.action(description=_("Retry"), permissions=["act"])
    def retry(self, request, jobs):
        self._apply(request, jobs, services.retry)

    @admin.action(
        description=_("Give up stalled jobs: mark them as failed and refund what is not billed"), permissions=["act"]
    )
    def give_up(self, request, jobs):
        self._apply(request, jobs.filter(state=State.STUCK), services.give_up)

    @admin.action(description=_("Requeue stalled jobs"), permissions=["act"])
    def requeue(self, request, jobs):
        self._apply(request, jobs.filter(state=State.STUCK), services.requeue)

    @admin.action(
        description=_("Lost, timed-out or download-only jobs: search for the result or process it once more"),
        permissions=["act"],
    )
    def reopen(self, request, jobs):
        self._apply(request, jobs, services.reopen)

    @admin.action(description=_("Unknown jobs: refund the amount on hold"), permissions=["act"])
    def release(self, request, jobs):
        self._apply(request, jobs.filter(state=State.UNKNOWN), recovery.release)

    @admin.action(description=_("Unknown jobs: resend"), permissions=["act"])
    def resend(self, request, jobs):
        self._apply(request, jobs.filter(state=State.UNKNOWN), recovery.resend)

    def _apply(self, request, jobs, service):
        done = 0
        for job in jobs.select_related("workspace"):
            try:
                service(job, by=request.user)
            except (services.JobRefused, BillingRefusal, IllegalTransition) as error:
                text = getattr(error, "to_operators", error)
                self.message_user(request, label_value(_describe(job), text), messages.WARNING)
            else:
                done += 1
        message = ngettext("Applied to %(n)d job.", "Applied to %(n)d jobs.", done) % {"n": done}
        self.message_user(request, message, messages.SUCCESS if done else messages.WARNING)

    def changelist_view(self, request, extra_context=None):
        for problem in [*find_problems(), *find_warnings()]:
            self.message_user(request, problem, messages.ERROR)
        return super().changelist_view(request, extra_context)


def _describe(job) -> str:
    """Return kind, number and state, in the operator's language; the title is private."""
    return f"{registry.kind_label(job.kind)} {str(job.pk)[:8]} ({registry.kind_of(job).state_label(job)})"


class UnknownJob(Job):
    """Unknown jobs that an operator should look at: without a response for a quarter of an hour."""

    class Meta:
        proxy = True
        verbose_name = _("job without a response")
        verbose_name_plural = _("jobs without a response")


@admin.register(UnknownJob)
class UnknownJobAdmin(JobAdmin):
    list_display = ["id", "provider_label", "model", "workspace", "age", "amount_on_hold", "attempt_count"]
    list_filter = [PROVIDER_FILTER]
    actions = ["release", "resend"]
    ordering = ["state_since"]

    def get_queryset(self, request):
        return recovery.find_old_unknown().select_related("workspace").annotate(attempt_count=Count("attempts"))

    @admin.display(description=_("waiting for"))
    def age(self, job):
        return timesince(job.state_since)

    @admin.display(description=_("on hold"))
    def amount_on_hold(self, job):
        return money(job.price_reserved, job.currency)

    @admin.display(description=_("number of attempts"))
    def attempt_count(self, job):
        return job.attempt_count


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly, admin.ModelAdmin):
    """The health page: problems, figures, and the last progress of each process."""

    list_display = ["name", "host", "pid", "last_progress_at"]
    ordering = ["name"]

    def changelist_view(self, request, extra_context=None):
        services = check_services()
        problems = [*find_problems(), *find_warnings(), *maintenance.find_violations(only_quick=True)]
        problems += [f"{name}: {problem}" for name, problem in services if problem]
        context = {"title": _("Health"), "problems": problems, "figures": list_figures(services)}
        return super().changelist_view(request, context | (extra_context or {}))
