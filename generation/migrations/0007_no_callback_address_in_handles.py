"""Handles held the whole address of a callback, its secret path too; that one was given is all that is needed."""

from django.db import migrations

ADDRESS = {"replicate": "webhook", "luma-dream-machine": "callback"}


def forget_addresses(apps, schema_editor):
    attempts = apps.get_model("jobs", "Attempt").objects
    for provider, name in ADDRESS.items():
        rows = attempts.filter(provider=provider, handle__has_key=name)
        for pk, handle in list(rows.values_list("pk", "handle")):
            address = handle.pop(name)
            attempts.filter(pk=pk).update(handle=handle | {"calls_back": bool(address)})


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0006_what_is_known_of_providers"),
        ("jobs", "0010_what_it_costs_elsewhere"),
    ]

    operations = [migrations.RunPython(forget_addresses, migrations.RunPython.noop)]
