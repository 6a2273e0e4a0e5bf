from django.db import migrations, models


def keep_chosen_tracks_alone(apps, schema_editor):
    """Compose no music for films with an uploaded track, so that they have none if the track is removed."""
    apps.get_model("studio", "FilmSettings").objects.exclude(music=None).update(mood="")


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0004_shot_reasons_as_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="filmsettings",
            name="has_scene_sound",
            field=models.BooleanField(default=True, verbose_name="play the sound of the scenes"),
        ),
        migrations.AddField(
            model_name="filmsettings",
            name="mood",
            field=models.CharField(
                blank=True,
                choices=[
                    ("gentle", "Gentle"),
                    ("hopeful", "Hopeful"),
                    ("tense", "Tense"),
                    ("mysterious", "Mysterious"),
                    ("playful", "Playful"),
                ],
                default="gentle",
                max_length=12,
                verbose_name="music",
            ),
        ),
        migrations.RunPython(keep_chosen_tracks_alone, migrations.RunPython.noop),
    ]
