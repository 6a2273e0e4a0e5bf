from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

urlpatterns = [
    # Without a CSRF token: pages that shared caches keep have none. Another site could only change a language.
    path("i18n/setlang/", login_not_required(csrf_exempt(set_language)), name="set_language")
]
