from django.apps import AppConfig
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = _("Stories")

    def ready(self):
        from accounts import guest_transfer, privacy
        from common import slots
        from generation.job_kinds import keep_pictures
        from generation.models import Clip
        from generation.services.retry import ask_first
        from generation.signals import clip_ended, clip_found, clip_restored
        from jobs import invariants as job_invariants
        from jobs import maintenance as job_maintenance
        from jobs import registry as job_kinds
        from jobs.views import cards as job_cards
        from studio import chores, director_kinds, doors, film_cards, film_chores, film_kinds, film_ready, kinds, nav

        for kind in (kinds.RUN, film_kinds.FILM, film_kinds.MUSIC, film_ready.READY, director_kinds.DIRECTOR):
            job_kinds.register(kind)
        job_cards.register("film", film_cards.render, film_cards.pictures)
        for name, check in film_chores.CHECKS.items():
            job_invariants.register(name, check, is_slow=True)
        job_maintenance.keep_folder("films")
        for name, chore in film_chores.CHORES.items():
            job_maintenance.register(name, chore)
        for tab in (film_cards.tab, doors.characters_tab, doors.director_tab):
            slots.fill("story.tabs", tab)
        slots.fill("stories.new", doors.card_from_text)
        slots.fill("stories.empty", doors.new_from_text)
        slots.fill("story.below", doors.more_from_text)
        slots.fill("stories.acts", doors.shared_characters)
        slots.fill("clip.more", doors.use_clip)
        slots.fill("clip.tile", doors.use_tile)
        slots.fill("scene.below", doors.scene_cast)
        clip_ended.connect(kinds.clip_ended, dispatch_uid="studio.takes")
        clip_found.connect(kinds.clip_found, dispatch_uid="studio.takes")
        clip_restored.connect(kinds.clip_restored, dispatch_uid="studio.takes")
        pre_delete.connect(kinds.clip_removed, sender=Clip, dispatch_uid="studio.clips")
        keep_pictures(chores.used_pictures)
        ask_first(kinds.drawn_again)
        job_maintenance.register("empty the bin of stories", chores.empty_bin)
        guest_transfer.register_emptying(chores.empty)
        privacy.register("stories", collect=chores.collect, erase=chores.erase)
        slots.fill("nav.pages", nav.entry)
