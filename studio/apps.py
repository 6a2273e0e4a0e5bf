from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = _("Stories")

    def ready(self):
        from accounts import adoption, personal_data
        from common import slots
        from generation.kinds import keep_pictures
        from generation.signals import clip_ended
        from jobs import housekeeping
        from jobs import kinds as job_kinds
        from studio import chores, kinds, nav

        job_kinds.register(kinds.RUN)
        clip_ended.connect(kinds.clip_ended, dispatch_uid="studio.takes")
        keep_pictures(chores.used_pictures)
        housekeeping.register("empty the bin of stories", chores.empty_bin)
        adoption.register_emptying(chores.empty)
        personal_data.register("stories", collect=chores.collect, erase=chores.erase)
        slots.fill("nav.pages", nav.entry)
