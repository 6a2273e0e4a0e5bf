from django.db import migrations


class Migration(migrations.Migration):
    """django-q2 looks for the next task by these two columns and brings no index of its own."""

    dependencies = [
        ("jobs", "0002_history_only_grows"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX jobs_nudge_by_lock ON django_q_ormq (key, lock)", "DROP INDEX jobs_nudge_by_lock"
        )
    ]
