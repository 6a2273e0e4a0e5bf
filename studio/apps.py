from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = _("Stories")

    def ready(self):
        from generation.signals import clip_ended
        from jobs import kinds as job_kinds
        from studio import kinds

        job_kinds.register(kinds.RUN)
        clip_ended.connect(kinds.clip_ended, dispatch_uid="studio.takes")
