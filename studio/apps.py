from django.apps import AppConfig
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = _("Stories")

    def ready(self):
        from common import hooks
        from generation.models import Clip
        from generation.signals import clip_ended, clip_restored, late_result_kept
        from studio.contributions import CONTRIBUTIONS
        from studio.drawing import job_kind
        from studio.drawing.services import shown_take_changed
        from studio.films import prefetch
        from studio.stories import search

        hooks.register("studio", *CONTRIBUTIONS)
        search.connect()
        clip_ended.connect(job_kind.clip_ended, dispatch_uid="studio.takes")
        late_result_kept.connect(job_kind.late_result_kept, dispatch_uid="studio.takes")
        clip_restored.connect(job_kind.clip_restored, dispatch_uid="studio.takes")
        pre_delete.connect(job_kind.clip_removed, sender=Clip, dispatch_uid="studio.clips")
        shown_take_changed.connect(prefetch.shown_take_changed, dispatch_uid="studio.films")
