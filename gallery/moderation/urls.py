from django.urls import path

from gallery.moderation.views import mature, owner, report

urlpatterns = [
    path("w/<str:code>/report/", report.report_work, name="report_work"),
    path("u/<str:token>/report/", report.report_unlisted, name="report_unlisted"),
    path("comments/<str:code>/report/", report.report_comment, name="report_comment"),
    path("@<str:handle>/report/", report.report_profile, name="report_profile"),
    path("reported/", report.reported, name="reported"),
    path("mature/", mature.show_mature, name="show_mature"),
    path("settings/decisions/", owner.decisions, name="decisions"),
    path("settings/decisions/<int:decision>/appeal/", owner.appeal, name="appeal"),
]
