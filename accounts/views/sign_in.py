"""allauth's sign-in, with the answer code of a door that is closed for a while."""

from allauth.account.views import LoginView


class SignIn(LoginView):
    def form_invalid(self, form):
        response = super().form_invalid(form)
        if seconds := getattr(self.request, "door_opens_in", 0):
            response.status_code = 429
            response.headers["Retry-After"] = str(seconds)
        return response
