"""Admin page of clips: their state, but no prompts, titles or pictures."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from generation.models import Clip
from generation.providers.styles import style_name
from jobs import registry
from jobs.admin import PROVIDER_FILTER


@admin.register(Clip)
class ClipAdmin(admin.ModelAdmin):
    list_display = ("id", "workspace", "provider_label", "model", "state", "seconds", "created_at", "deleted_at")
    list_filter = (PROVIDER_FILTER, "job__state", "created_at")
    list_select_related = ("workspace", "job")
    search_fields = ("id", "workspace__name")
    fields = readonly_fields = (
        "id",
        "workspace",
        "job",
        "provider_label",
        "model",
        "style_label",
        "ratio",
        "resolution",
        "seconds",
        "seed",
        "take",
        "width",
        "height",
        "frames",
        "created_at",
        "ready_at",
        "deleted_at",
    )

    @admin.display(description=_("provider"), ordering="provider")
    def provider_label(self, clip):
        return registry.provider_label(clip.provider)

    @admin.display(description=_("style"), ordering="style")
    def style_label(self, clip):
        return style_name(clip.style)

    @admin.display(description=_("state"), ordering="job__state")
    def state(self, clip):
        return clip.job.get_state_display() if clip.job else "—"

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
