"""Storage of clips: a folder, or an S3-compatible store if the environment names one."""

from pathlib import Path

from config import env


def build_clip_store(folder: Path) -> dict:
    """Return an entry of STORAGES. Its timeouts are a few seconds, instead of botocore's two minutes."""
    endpoint, bucket = env.text("S3_ENDPOINT"), env.text("S3_BUCKET")
    if not (endpoint or bucket):
        options = {"location": folder, "allow_overwrite": True}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    from botocore.config import Config  # as large as Django itself; only installs with S3 need it

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 3},
        request_checksum_calculation="when_required",  # newer defaults break some compatible stores
        response_checksum_validation="when_required",
    )
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "endpoint_url": endpoint or None,
            "bucket_name": bucket or "tapwari",
            "access_key": env.text("S3_ACCESS_KEY"),
            "secret_key": env.text("S3_SECRET_KEY"),
            "region_name": env.text("S3_REGION", "us-east-1"),
            "client_config": config,
            "file_overwrite": True,
            "default_acl": None,
            "querystring_expire": 300,
        },
    }
