from django.db import migrations


def add_corrections(apps, schema_editor):
    """Give each limited wallet a grant of what it has, so that its grants add up to it."""
    wallets, grants = apps.get_model("accounts", "Wallet"), apps.get_model("accounts", "Grant")
    for wallet in wallets.objects.filter(is_unlimited=False).iterator():
        if total := wallet.available + wallet.reserved:
            key, amounts = f"migration-{wallet.pk}", {"amount": total, "left": total}
            grants.objects.create(wallet=wallet, source="correction", key=key, **amounts)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_wallets_of_one_currency")]

    operations = [migrations.RunPython(add_corrections, migrations.RunPython.noop)]
