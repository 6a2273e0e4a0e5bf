from django.apps import AppConfig


class ProvingConfig(AppConfig):
    name = "tests.jobs.proving"
    label = "proving"

    def ready(self):
        from tests.jobs.proving import works

        works.register_all()
