"""Clips for operators: where they stand, never what they show or say."""

from django.contrib import admin

from generation.models import Clip


@admin.register(Clip)
class ClipAdmin(admin.ModelAdmin):
    list_display = ("id", "workspace", "provider", "model", "state", "seconds", "created_at", "deleted_at")
    list_filter = ("provider", "job__state", "created_at")
    list_select_related = ("workspace", "job")
    search_fields = ("id", "workspace__name")
    fields = readonly_fields = (
        "id", "workspace", "job", "provider", "model", "style", "ratio", "resolution", "seconds", "seed", "take",
        "width", "height", "frames", "created_at", "ready_at", "deleted_at",
    )  # fmt: skip

    @admin.display(ordering="job__state")
    def state(self, clip):
        return clip.job.get_state_display() if clip.job else "—"

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
