from django.urls import path

from studio.characters import views as character_views
from studio.director import views as director_views
from studio.films import views as film_views
from studio.first_film import guest_views, style_views
from studio.first_film import views as first_film_views
from studio.importing import views as import_views
from studio.scenes import captions
from studio.stories import library as library_views
from studio.stories import views as story_views
from studio.storyboard import drawing_views, new_story_views, scene_views, staging_views
from studio.storyboard import views as storyboard_views

app_name = "studio"
urlpatterns = [
    path("", story_views.stories, name="stories"),
    path("new/", first_film_views.new, name="new"),
    path("new/blank/", new_story_views.blank, name="blank"),
    path("try/", guest_views.try_film, name="try_film"),
    path("<uuid:pk>/first-film/", first_film_views.first_film, name="first_film"),
    path("<uuid:pk>/first-film/make/", first_film_views.make_first_film, name="make_first_film"),
    path("<uuid:pk>/first-film/write/", first_film_views.write_again, name="write_again"),
    path("<uuid:pk>/first-film/looks/", first_film_views.change_looks, name="change_looks"),
    path("import/", import_views.import_text, name="import_text"),
    path("<uuid:pk>/import/", import_views.import_into_story, name="import_into_story"),
    path("<uuid:pk>/director/", director_views.director, name="director"),
    path("clips/<uuid:pk>/", scene_views.use, name="use"),
    path("clips/<uuid:pk>/captions.vtt", captions.clip_captions, name="clip_captions"),
    path("characters/", character_views.characters, name="characters"),
    path("<uuid:pk>/characters/", character_views.story_characters, name="story_characters"),
    path("<uuid:pk>/recurring/", character_views.keep_recurring, name="keep_recurring"),
    path("characters/<uuid:pk>/", character_views.character, name="character"),
    path("characters/<uuid:pk>/picture/", character_views.character_picture, name="character_picture"),
    path("characters/<uuid:pk>/delete/", character_views.delete_character, name="delete_character"),
    path("characters/<uuid:pk>/restore/", character_views.restore_character, name="restore_character"),
    path("scenes/<uuid:pk>/cast/", scene_views.cast, name="scene_cast"),
    path("<uuid:pk>/", storyboard_views.story, name="story"),
    path("<uuid:pk>/live/", storyboard_views.live, name="live"),
    path("<uuid:pk>/presence/", storyboard_views.presence, name="presence"),
    path("<uuid:pk>/order/", storyboard_views.order, name="order"),
    path("<uuid:pk>/add/", storyboard_views.add, name="add"),
    path("<uuid:pk>/animate/", storyboard_views.animate, name="animate"),
    path("<uuid:pk>/draw/", drawing_views.draw, name="draw"),
    path("<uuid:pk>/use-new-takes/", drawing_views.use_new_takes, name="use_new_takes"),
    path("<uuid:pk>/stop/", drawing_views.stop, name="stop"),
    path("<uuid:pk>/takes/", library_views.takes, name="takes"),
    path("<uuid:pk>/settings/", story_views.settings, name="settings"),
    path("<uuid:pk>/style/", style_views.change_style, name="change_style"),
    path("<uuid:pk>/duplicate/", new_story_views.duplicate, name="duplicate"),
    path("<uuid:pk>/archive/", story_views.archive, name="archive"),
    path("<uuid:pk>/delete/", story_views.delete, name="delete"),
    path("<uuid:pk>/restore/", story_views.restore, name="restore"),
    path("scenes/<uuid:pk>/", scene_views.scene, name="scene"),
    path("scenes/<uuid:pk>/move/", storyboard_views.move, name="move"),
    path("scenes/<uuid:pk>/split/", scene_views.split, name="split"),
    path("scenes/<uuid:pk>/duplicate/", scene_views.duplicate, name="duplicate_scene"),
    path("scenes/<uuid:pk>/lock/", scene_views.lock, name="lock"),
    path("scenes/<uuid:pk>/delete/", scene_views.delete, name="delete_scene"),
    path("scenes/<uuid:pk>/restore/", scene_views.restore, name="restore_scene"),
    path("scenes/<uuid:pk>/picture/", drawing_views.picture, name="picture"),
    path("scenes/<uuid:pk>/direct/", staging_views.direct, name="direct"),
    path("scenes/<uuid:pk>/direct/picture/", staging_views.panel_picture, name="panel_picture"),
    path("scenes/<uuid:pk>/history/", scene_views.history, name="history"),
    path("scenes/<uuid:pk>/history/restore/", scene_views.restore_edit, name="restore_edit"),
    path("scenes/<uuid:pk>/choose/", drawing_views.choose, name="choose"),
    path("scenes/<uuid:pk>/cover/", drawing_views.cover, name="cover"),
    path("<uuid:pk>/film/", film_views.film, name="film"),
    path("<uuid:pk>/film/settings/", film_views.film_settings, name="film_settings"),
    path("<uuid:pk>/film/make/", film_views.make, name="make_film"),
    path("<uuid:pk>/film/music/", film_views.music, name="music"),
    path("scenes/<uuid:pk>/join/", film_views.join, name="join"),
    path("music/<uuid:pk>/remove/", film_views.remove_music, name="remove_music"),
    path("films/<uuid:pk>/", film_views.film_page, name="film_page"),
    path("films/<uuid:pk>/play/", film_views.play_film, name="play_film"),
    path("films/<uuid:pk>/captions.vtt", film_views.captions, name="film_captions"),
    path("films/<uuid:pk>/download/", film_views.download_film, name="download_film"),
    path("films/<uuid:pk>/rename/", film_views.rename_film, name="rename_film"),
    path("films/<uuid:pk>/poster/", film_views.film_poster, name="film_poster"),
    path("films/<uuid:pk>/delete/", film_views.delete_film, name="delete_film"),
    path("films/<uuid:pk>/restore/", film_views.restore_film, name="restore_film"),
]
