"""Register the studio's job kinds, tasks, checks and slots with the apps that it is built on."""

from accounts.billing.hooks import BillingHooks
from accounts.hooks import AccountHooks, PersonalData
from common.hooks import SiteHooks
from common.live.topics import TopicKind
from generation.hooks import ClipHooks
from jobs import registry
from jobs.hooks import JobHooks
from studio import maintenance, sentences, slots, topics
from studio.director.job_kind import DirectorKind
from studio.drawing.job_kind import RunKind, find_superseded
from studio.films import cards
from studio.films import maintenance as film_maintenance
from studio.films.job_kind import FilmKind, request_film_of_run
from studio.films.music import MusicKind
from studio.films.prefetch import PrefetchKind
from studio.scenes import presence
from studio.scenes.captions import find_captions
from studio.scenes.history import list_asked_scenes
from studio.stories import jobs, library, search, usage
from studio.stories import services as story_services
from studio.timeline.scene_names import format_numbers

CONTRIBUTIONS = (
    SiteHooks(
        sentences=sentences.SENTENCES,
        live_topics={
            "story": TopicKind(topics.list_revisions),
            "presence": TopicKind(presence.list_revisions, keep=presence.keep_visits),
        },
        message_values={"scenes": format_numbers},
        periodic_tasks={**film_maintenance.PERIODIC_TASKS, "empty the trash of stories": maintenance.empty_trash},
        kept_work_folders=["films"],
        slow_invariants=film_maintenance.CHECKS,
        owned_files={"films": film_maintenance.list_film_files, "music": film_maintenance.list_music_files},
        search_indexes={"film": search.FILM_INDEX},
        slots={
            "nav.pages": [slots.render_navigation_entry],
            "home.doors": [slots.render_home_door],
            "home.guest": [slots.render_guest_film],
            "create.doors": [slots.render_create_doors],
            "stories.new": [slots.render_import_card],
            "stories.empty": [slots.render_import_link],
            "stories.acts": [slots.render_shared_characters_link],
            "story.tabs": [cards.render_film_tab, slots.render_characters_tab, slots.render_director_tab],
            "story.below": [slots.render_recurring, slots.render_import_more],
            "scene.below": [slots.render_scene_cast],
            "clip.more": [slots.render_clip_action],
            "clip.facts": [slots.render_clip_scenes],
        },
    ),
    AccountHooks(
        privacy_parts={"stories": PersonalData(maintenance.collect_personal_data, maintenance.erase_personal_data)},
        transfer_guest_work=maintenance.transfer_guest_work,
        guest_page=slots.find_guest_page,
        empty_workspace=maintenance.delete_stories,
        user_figures=maintenance.measure_storage,
    ),
    BillingHooks(
        stories_of_user=jobs.list_stories,
        storage_use=maintenance.measure_workspace,
        largest_files=maintenance.list_largest_films,
        limit_uses={"stories": story_services.count_stories},
        seconds_made={"film": usage.FILM_SECONDS},
        kept_jobs=usage.find_kept_jobs,
        describe_stories=usage.describe_stories,
    ),
    JobHooks(
        kinds=registry.by_name(RunKind(request_film_of_run), FilmKind(), MusicKind(), PrefetchKind(), DirectorKind()),
        cards={FilmKind.name: cards.render_card},
        pictures={FilmKind.name: cards.render_posters},
        stories=jobs.find_stories,
    ),
    ClipHooks(
        pictures_in_use=maintenance.get_used_picture_ids,
        superseded_clips=find_superseded,
        grouped_clips=search.is_take,
        clip_links=slots.find_clip_link,
        clip_captions=find_captions,
        clip_search_texts=search.find_clip_texts,
        library_filters={"story": search.STORY_FILTER},
        library_kinds={"film": search.FILMS},
        wall_kinds=library.WALL_KINDS,
        asked_prompts=list_asked_scenes,
    ),
)
