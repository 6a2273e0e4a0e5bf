"""Deeds on stories, scenes and takes: all or nothing, ``by`` whose act it is."""

from studio.services.characters import (
    MOST_PICTURES,
    add_character,
    add_character_picture,
    cast_character,
    change_character,
    delete_character,
    remove_character_picture,
    restore_character,
)
from studio.services.copying import duplicate_story
from studio.services.directing import (
    accept_direction,
    as_shown,
    ask_director,
    begin_direction,
    make_scenes,
    newest_direction,
)
from studio.services.editing import edit_scene, restore_edit
from studio.services.films import (
    bring_music,
    change_film_settings,
    choose_poster,
    delete_film,
    remove_music,
    rename_film,
    request_film,
    restore_film,
    stop_film,
)
from studio.services.generating import animate, start_run, stop_run
from studio.services.importing import import_scenes
from studio.services.scenes import (
    add_scene,
    delete_scene,
    duplicate_scene,
    lock_scene,
    move_scene,
    reorder,
    restore_scene,
    split_scene,
)
from studio.services.stories import (
    archive_story,
    change_story,
    create_story,
    delete_story,
    restore_story,
)
from studio.services.takes import choose_cover, choose_take, mark_stale, show_finished
from studio.services.using import can_use, use_clip

__all__ = [
    "MOST_PICTURES", "accept_direction", "add_character", "add_character_picture", "add_scene", "animate",
    "archive_story", "as_shown", "ask_director", "begin_direction", "bring_music", "can_use", "cast_character",
    "change_character", "change_film_settings", "change_story", "choose_cover", "choose_poster", "choose_take",
    "create_story", "delete_character", "delete_film", "delete_scene", "delete_story", "duplicate_scene",
    "duplicate_story", "edit_scene", "import_scenes", "lock_scene", "make_scenes", "mark_stale", "move_scene",
    "newest_direction", "remove_character_picture", "remove_music", "rename_film", "reorder", "request_film",
    "restore_character", "restore_edit", "restore_film", "restore_scene", "restore_story", "show_finished",
    "split_scene", "start_run", "stop_film", "stop_run", "use_clip",
]  # fmt: skip
