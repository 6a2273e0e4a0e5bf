"""Films that turned up after they were given up, of people who had several for free lately: an operator decides."""

from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from generation.worker import late_results
from jobs import registry
from jobs.admin import OF_PROVIDER, ReadOnly
from jobs.models import Attempt


@admin.register(Attempt)
class TurnedUpAdmin(ReadOnly, admin.ModelAdmin):
    """Who is left out of the list is not refused: what waits here goes on waiting."""

    list_display = ["id", "job", "maker", "workspace", "person", "free_lately", "intent_at"]
    list_filter = [OF_PROVIDER]
    list_select_related = ["job__workspace", "job__created_by"]
    fields = readonly_fields = ["job", "n", "maker", "client_ref", "intent_at", "answered_at"]
    ordering = ["intent_at"]
    actions = ["give"]

    def get_queryset(self, request):
        return late_results.waiting()

    def has_act_permission(self, request):
        return request.user.has_perm("jobs.change_job")

    @admin.display(description=_("provider"), ordering="provider")
    def maker(self, attempt):
        return registry.provider_label(attempt.provider)

    @admin.display(description=_("workspace"))
    def workspace(self, attempt):
        return attempt.job.workspace

    @admin.display(description=_("asked by"))
    def person(self, attempt):
        return attempt.job.created_by

    @admin.display(description=_("for free in the last month"))
    def free_lately(self, attempt):
        clip = late_results.clip_of(attempt)
        return late_results.free_this_month(clip) if clip else 0

    @admin.action(description=_("Give the person this film for free"), permissions=["act"])
    def give(self, request, attempts):
        done = sum(late_results.give(attempt) is not None for attempt in attempts)
        words = ngettext("%(n)d film is being fetched.", "%(n)d films are being fetched.", done) % {"n": done}
        self.message_user(request, words, messages.SUCCESS if done else messages.WARNING)

    def changelist_view(self, request, extra_context=None):
        title = _("Films that turned up after they were given up")
        return super().changelist_view(request, {"title": title} | (extra_context or {}))
