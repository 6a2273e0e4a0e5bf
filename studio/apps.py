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
        from studio import maintenance
        from studio import slots as studio_slots
        from studio.director import job_kind as director_job_kind
        from studio.drawing import job_kind as drawing_job_kind
        from studio.films import (
            cards as film_cards,
        )
        from studio.films import (
            job_kind as film_job_kind,
        )
        from studio.films import (
            maintenance as film_maintenance,
        )
        from studio.films import (
            prefetch,
        )

        for kind in (
            drawing_job_kind.RunKind(),
            film_job_kind.FilmKind(),
            film_job_kind.MusicKind(),
            prefetch.PrefetchKind(),
            director_job_kind.DirectorKind(),
        ):
            job_kinds.register(kind)
        job_cards.register("film", film_cards.render, film_cards.pictures)
        for name, check in film_maintenance.CHECKS.items():
            job_invariants.register(name, check, is_slow=True)
        job_maintenance.keep_folder("films")
        for name, chore in film_maintenance.CHORES.items():
            job_maintenance.register(name, chore)
        for tab in (film_cards.tab, studio_slots.characters_tab, studio_slots.director_tab):
            slots.fill("story.tabs", tab)
        slots.fill("stories.new", studio_slots.card_from_text)
        slots.fill("stories.empty", studio_slots.new_from_text)
        slots.fill("story.below", studio_slots.more_from_text)
        slots.fill("stories.acts", studio_slots.shared_characters)
        slots.fill("clip.more", studio_slots.use_clip)
        slots.fill("clip.tile", studio_slots.use_tile)
        slots.fill("scene.below", studio_slots.scene_cast)
        clip_ended.connect(drawing_job_kind.clip_ended, dispatch_uid="studio.takes")
        clip_found.connect(drawing_job_kind.clip_found, dispatch_uid="studio.takes")
        clip_restored.connect(drawing_job_kind.clip_restored, dispatch_uid="studio.takes")
        pre_delete.connect(drawing_job_kind.clip_removed, sender=Clip, dispatch_uid="studio.clips")
        keep_pictures(maintenance.used_pictures)
        ask_first(drawing_job_kind.drawn_again)
        job_maintenance.register("empty the bin of stories", maintenance.empty_bin)
        guest_transfer.register_emptying(maintenance.empty)
        privacy.register("stories", collect=maintenance.collect, erase=maintenance.erase)
        slots.fill("nav.pages", studio_slots.entry)
