"""The site's URLs and a page that queries the database and then takes longer than daphne waits."""

import time

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse
from django.urls import path

from config.urls import urlpatterns as pages

SECONDS = 13


@login_not_required
def slow(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    time.sleep(SECONDS)
    return HttpResponse("made at last")


urlpatterns = [*pages, path("slow/", slow)]
