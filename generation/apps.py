from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self):
        from accounts import adoption
        from generation import cards, kinds
        from jobs import cards as job_cards
        from jobs import kinds as job_kinds

        job_kinds.register(kinds.CLIP)
        job_cards.register("clip", cards.render)
        adoption.register(kinds.adopt)
        adoption.register_emptying(kinds.empty)
