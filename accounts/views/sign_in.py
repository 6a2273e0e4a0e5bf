"""allauth's sign-in view, with status 429 while the sign-in is locked."""

from allauth.account.views import LoginView


class SignIn(LoginView):
    def form_invalid(self, form):
        response = super().form_invalid(form)
        if seconds := getattr(self.request, "sign_in_locked_seconds", 0):
            response.status_code = 429
            response.headers["Retry-After"] = str(seconds)
        return response
