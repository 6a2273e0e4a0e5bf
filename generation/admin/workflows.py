"""Admin page of the site's ComfyUI workflows. Workspaces manage their own in the settings."""

from django import forms
from django.contrib import admin

from generation.providers.adapters.comfyui.uploads import WorkflowForm
from generation.providers.models import Workflow


class SiteWorkflowForm(forms.ModelForm):
    file = WorkflowForm.base_fields["file"]
    clean_file = WorkflowForm.clean_file
    clean_title = WorkflowForm.clean_title
    graph: dict
    facts: dict

    class Meta:
        model = Workflow
        fields = ["title"]

    def save(self, commit=True):
        self.instance.graph, self.instance.facts = self.graph, self.facts
        return super().save(commit)


@admin.register(Workflow)
class WorkflowAdmin(admin.ModelAdmin):
    list_display = ("title", "created_at", "deleted_at")
    search_fields = ("title",)

    def get_fields(self, request, obj=None):
        """Return the fields. The file cannot be changed later: a retried clip must use the same graph."""
        return ["title", "deleted_at"] if obj else ["title", "file"]

    def get_form(self, request, obj=None, **more):
        return super().get_form(request, obj, form=forms.ModelForm if obj else SiteWorkflowForm, **more)

    def get_queryset(self, request):
        return super().get_queryset(request).filter(workspace=None).defer("graph")

    def has_delete_permission(self, request, obj=None):
        return False  # clips refer to it; it is withdrawn instead

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
