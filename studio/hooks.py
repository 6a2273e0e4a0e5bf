"""What the studio contributes to the apps below."""

from common.hooks import AppHooks, PersonalData
from jobs import registry
from studio import maintenance, slots
from studio.director.job_kind import DirectorKind
from studio.drawing.job_kind import RunKind, find_superseded
from studio.films import cards
from studio.films import maintenance as film_maintenance
from studio.films.job_kind import FilmKind, MusicKind
from studio.films.prefetch import PrefetchKind

HOOKS = AppHooks(
    app="studio",
    job_kinds=registry.by_name(RunKind(), FilmKind(), MusicKind(), PrefetchKind(), DirectorKind()),
    job_cards={FilmKind.name: cards.render_card},
    job_pictures={FilmKind.name: cards.render_posters},
    periodic_tasks={**film_maintenance.PERIODIC_TASKS, "empty the bin of stories": maintenance.empty_trash},
    kept_work_folders=["films"],
    slow_invariants=film_maintenance.CHECKS,
    privacy_parts={"stories": PersonalData(maintenance.collect, maintenance.erase)},
    empty_workspace=maintenance.delete_stories,
    pictures_in_use=maintenance.used_picture_ids,
    superseded_clips=find_superseded,
    slots={
        "nav.pages": [slots.navigation_entry],
        "stories.new": [slots.card_from_text],
        "stories.empty": [slots.new_from_text],
        "stories.acts": [slots.shared_characters],
        "story.tabs": [cards.render_tab, slots.characters_tab, slots.director_tab],
        "story.below": [slots.more_from_text],
        "scene.below": [slots.scene_cast],
        "clip.more": [slots.clip_action],
        "clip.tile": [slots.clip_tile],
    },
)
