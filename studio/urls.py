from django.urls import path

from studio.views import board, drawing, scenes, stories

app_name = "studio"
urlpatterns = [
    path("", stories.stories, name="stories"),
    path("new/", stories.new, name="new"),
    path("<uuid:pk>/", board.story, name="story"),
    path("<uuid:pk>/live/", board.live, name="live"),
    path("<uuid:pk>/order/", board.order, name="order"),
    path("<uuid:pk>/add/", board.add, name="add"),
    path("<uuid:pk>/animate/", board.animate, name="animate"),
    path("<uuid:pk>/draw/", drawing.draw, name="draw"),
    path("<uuid:pk>/stop/", drawing.stop, name="stop"),
    path("<uuid:pk>/settings/", stories.settings, name="settings"),
    path("<uuid:pk>/duplicate/", stories.duplicate, name="duplicate"),
    path("<uuid:pk>/archive/", stories.archive, name="archive"),
    path("<uuid:pk>/delete/", stories.delete, name="delete"),
    path("<uuid:pk>/restore/", stories.restore, name="restore"),
    path("scenes/<uuid:pk>/", scenes.scene, name="scene"),
    path("scenes/<uuid:pk>/move/", board.move, name="move"),
    path("scenes/<uuid:pk>/split/", scenes.split, name="split"),
    path("scenes/<uuid:pk>/duplicate/", scenes.duplicate, name="duplicate_scene"),
    path("scenes/<uuid:pk>/lock/", scenes.lock, name="lock"),
    path("scenes/<uuid:pk>/delete/", scenes.delete, name="delete_scene"),
    path("scenes/<uuid:pk>/restore/", scenes.restore, name="restore_scene"),
    path("scenes/<uuid:pk>/picture/", drawing.picture, name="picture"),
    path("scenes/<uuid:pk>/history/", scenes.history, name="history"),
    path("scenes/<uuid:pk>/history/restore/", scenes.take_back, name="take_back"),
    path("scenes/<uuid:pk>/choose/", drawing.choose, name="choose"),
    path("scenes/<uuid:pk>/cover/", drawing.cover, name="cover"),
]
