"""The list of cases. Operators decide on their own pages; rows are read-only here."""

from django.contrib import admin

from accounts.admin import ReadOnly
from gallery.models import Case, Decision, Report


class Reports(ReadOnly, admin.TabularInline):
    model = Report
    extra = 0


class Decisions(ReadOnly, admin.TabularInline):
    model = Decision
    exclude = ["part_of"]
    extra = 0


@admin.register(Case)
class CaseAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["target_label", "target_kind", "state", "priority", "report_count", "opened_at", "decided_at"]
    list_filter = ["state", "target_kind"]
    search_fields = ["target_label"]
    ordering = ["-opened_at"]
    inlines = [Reports, Decisions]
