"""All settings. Installs differ only by environment variables (see .env.example)."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from accounts.billing import limits
from config import env
from config.memory import standard_workers
from config.storage import build_clip_store

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("TAPWARI_VAR", str(BASE_DIR / "var")))  # a default install writes nothing elsewhere

# --- Site --------------------------------------------------------------------------------------------------------

PORT = int(env.number("PORT", 8000))
SITE_URL = env.text("SITE_URL", f"http://localhost:{PORT}").rstrip("/")
SITE = urlsplit(SITE_URL)
IS_HTTPS = SITE.scheme == "https"
# Media are served from a second origin without cookies, so that no script in a file can act as the site.
MEDIA_ORIGIN = env.text("MEDIA_ORIGIN", f"http://127.0.0.1:{PORT}" if not IS_HTTPS else "").rstrip("/")
if IS_HTTPS and not MEDIA_ORIGIN:
    raise ImproperlyConfigured("MEDIA_ORIGIN is needed beside an https SITE_URL: a second host name for media files.")
MEDIA_HOST = urlsplit(MEDIA_ORIGIN).netloc
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", keep_in=VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.csv("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = [SITE.hostname, urlsplit(MEDIA_ORIGIN).hostname, *env.csv("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
WEBSOCKET_ORIGINS = [SITE_URL]

# --- Apps, middleware, templates ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),  # loads Twisted, which costs other processes 14 MB each
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "django_q",
    "common",
    "common.search",
    "accounts",
    "jobs",
    "generation",
    "studio",
    "gallery",
]
MIDDLEWARE = [
    "common.web.middleware.RequestId",
    "common.web.middleware.AccessLog",
    "common.web.middleware.ReleaseConnection",
    "common.web.middleware.HealthCheck",
    "common.web.media_host.MediaHost",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "common.web.middleware.CompressPages",
    "common.web.middleware.DropInvalidCookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.UserLanguage",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.ClosedForMaintenance",
    "accounts.sign_in.session_lifetime.SessionLifetime",
    "accounts.middleware.SignInRequired",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.TrackSessions",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.CurrentViewer",
    "accounts.middleware.StaffSecondFactor",
    "common.web.middleware.PrivatePages",
    "common.web.middleware.MessagesOutOfBand",
    "jobs.views.middleware.JobErrors",
]
ROOT_URLCONF = "config.urls"
MEDIA_URLCONF = "config.urls_media"
ASGI_APPLICATION = "config.asgi.application"
LOADERS = ["common.web.templates.FileTemplates", "common.web.templates.AppTemplates"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": LOADERS if DEBUG else [("django.template.loaders.cached.Loader", LOADERS)],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "common.templatetags.ui",
                "accounts.templatetags.workspaces",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.web.context_processors.shell",
            ],
        },
    }
]

FORM_RENDERER = "common.web.forms.FormRenderer"

# --- Database, cache, queue, sockets -----------------------------------------------------------------------------

# Seconds, for workers only: a request has its own thread, whose connection would stay open until garbage collection.
CONNECTION_MAX_AGE = env.number("DATABASE_KEEP_SECONDS", 0)
if DATABASE_URL := env.text("DATABASE_URL"):
    DATABASES = {"default": env.postgres(DATABASE_URL, CONNECTION_MAX_AGE, int(env.number("DATABASE_POOL", 20)))}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "tapwari.sqlite3",
            "CONN_MAX_AGE": CONNECTION_MAX_AGE,
            "OPTIONS": {
                # IMMEDIATE takes the write lock at BEGIN, so that no lock upgrade can fail with "locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: the intent row is on the disk before the paid request (docs/adr/0021).
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": VAR_DIR / "test.sqlite3"},
        }
    }
IS_EMBEDDED = not DATABASE_URL
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL", f"unix://{VAR_DIR}/valkey.sock")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    },
    "workers": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache"
    },  # django-q2's statistics, which nothing reads
    "html": {  # parts of pages that are drawn once for each revision of what they show: {% cache … using="html" %}
        "BACKEND": f"django.core.cache.backends.{'dummy.DummyCache' if DEBUG else 'locmem.LocMemCache'}",
        "LOCATION": "html",
        "OPTIONS": {"MAX_ENTRIES": 3000},
    },
}
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py closes sockets after 5 idle seconds by default
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 60, "max_connections": 10_000}]},
    }
}
Q_CLUSTER: dict[str, Any] = {
    "name": "tapwari",
    "orm": "default",
    "broker_class": "jobs.runtime.queue.WatchingBroker",
    "cache": "workers",
    "workers": int(env.number("WORKERS", standard_workers())),
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.03,  # seconds before a worker notices a task; each poll is one small query
    "timeout": 1000,
    "retry": 2500,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "recycle": 200,
    "max_rss": 1_500_000,
    "catch_up": False,
    "guard_cycle": 1,
    "scheduler": False,  # the dispatcher sends periodic tasks; nothing has a schedule
    "log_level": "WARNING",
}
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 60)
JOBS_PER_WORKSPACE = int(env.number("JOBS_PER_WORKSPACE", limits.LIMITS["jobs_at_once"].default))
WATCHDOG_SECONDS = env.number("WATCHDOG_SECONDS", 90)
WORKERS_STOP_SECONDS = 55  # hung workers are killed that long after they were asked to stop; ``work`` waits 48

CONNECTION_KEYS = env.csv("CONNECTION_KEYS") or [SECRET_KEY, *SECRET_KEY_FALLBACKS]  # the first one encrypts
PROVIDER_SECONDS = env.number("PROVIDER_SECONDS", 45)  # one request to a provider, from first byte to last
PROVIDER_PACE = env.number(
    "PROVIDER_PACE", 0
)  # factor for pauses between requests, small in tests; 0: PROVIDER_SECONDS / 45
UNKNOWN_HOURS = env.number("UNKNOWN_HOURS", 72)  # without a response for that long, the hold is released
EXTRA_PROVIDERS = env.csv("EXTRA_PROVIDERS")  # dotted paths of more provider classes
PROVIDER_PRIVATE_HOSTS = env.csv("PROVIDER_PRIVATE_HOSTS")  # host:port inside this network that may be called

# --- Files -------------------------------------------------------------------------------------------------------

WORK_DIR = VAR_DIR / "work"  # private folders of running jobs
CLIP_STORE = build_clip_store(VAR_DIR / "media")
# Browsers reach this host: signed links point to it.
S3_PUBLIC_ENDPOINT = env.text("S3_PUBLIC_ENDPOINT", env.text("S3_ENDPOINT"))
STORAGES = {
    "default": CLIP_STORE,
    "clips": CLIP_STORE,
    "staticfiles": {"BACKEND": "common.web.staticfiles.BundledStaticFiles"},
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = f"{MEDIA_ORIGIN}/media/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500  # an import of 200 scenes, each with its checkbox
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "uploads"

# --- Accounts ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.sign_in.passwords.GuessableValidator"},
]
HAS_MAIL = bool(env.text("EMAIL_URL"))
MAILERS = env.mailers("EMAIL_URL")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", f"Tapwari <tapwari@{SITE.hostname}>")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/create/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if HAS_MAIL else "none"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = HAS_MAIL
ACCOUNT_RATE_LIMITS = limits.default_rates()  # in addition to allauth's own
ACCOUNT_EMAIL_NOTIFICATIONS = HAS_MAIL  # notify users of a changed password or second factor
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.sign_in.adapter.AccountAdapter"
ACCOUNT_USER_DISPLAY = "accounts.models.user.display_name"
ALLAUTH_TRUSTED_PROXY_COUNT = int(env.number("TRUSTED_PROXY_COUNT", 0))
MFA_ADAPTER = "accounts.sign_in.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = not HAS_MAIL
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = HAS_MAIL
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_URL.startswith("http://localhost")
MFA_TOTP_ISSUER = "Tapwari"
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a flushed cache must not sign users out
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- Plans and payments ------------------------------------------------------------------------------------------

BILLING_GRACE_DAYS = int(env.number("BILLING_GRACE_DAYS", 7))  # after a late payment, before the plan is paused
BILLING_PAUSE_DAYS = int(env.number("BILLING_PAUSE_DAYS", 30))  # after that, before the free plan applies
BILLING = env.flag("BILLING")  # off: no page speaks of plans or prices of the site, and limits come from the settings
SITE_CURRENCY = env.currency("SITE_CURRENCY", "USD")  # of all wallets; prices in others are converted
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY")  # without it, or without a webhook secret, nothing can be bought
STRIPE_WEBHOOK_SECRETS = env.csv("STRIPE_WEBHOOK_SECRETS")  # several while one is rotated
STRIPE_PORTAL_CONFIGURATION = env.text("STRIPE_PORTAL_CONFIGURATION")
STRIPE_TAX = env.flag("STRIPE_TAX")  # Stripe adds tax by the buyer's address
BANK_ACCOUNT = env.text("BANK_ACCOUNT")  # to whom buyers transfer; without it nobody can pay by transfer
STRIPE_API_BASE = env.text("STRIPE_API_BASE")  # another host than Stripe's, for a fake
WECHAT_PAY_MERCHANT_ID = env.text("WECHAT_PAY_MERCHANT_ID")  # without it nobody can pay by WeChat Pay
WECHAT_PAY_APP_ID = env.text("WECHAT_PAY_APP_ID")
WECHAT_PAY_PRIVATE_KEY = env.private_key("WECHAT_PAY_PRIVATE_KEY")
WECHAT_PAY_CERTIFICATE_SERIAL = env.text("WECHAT_PAY_CERTIFICATE_SERIAL")
WECHAT_PAY_API_KEY = env.text("WECHAT_PAY_API_KEY")
WECHAT_PAY_PUBLIC_KEY = env.public_key("WECHAT_PAY_PUBLIC_KEY")  # of the platform, not of the merchant
WECHAT_PAY_PUBLIC_KEY_ID = env.text("WECHAT_PAY_PUBLIC_KEY_ID")
WECHAT_PAY_API_BASE = env.text("WECHAT_PAY_API_BASE")  # another host than WeChat's, for a fake
env.check_extra(
    "china",
    "wechatpayv3",
    WECHAT_PAY_MERCHANT_ID=WECHAT_PAY_MERCHANT_ID,
    WECHAT_PAY_APP_ID=WECHAT_PAY_APP_ID,
    WECHAT_PAY_PRIVATE_KEY=WECHAT_PAY_PRIVATE_KEY,
    WECHAT_PAY_CERTIFICATE_SERIAL=WECHAT_PAY_CERTIFICATE_SERIAL,
    WECHAT_PAY_API_KEY=WECHAT_PAY_API_KEY,
    WECHAT_PAY_PUBLIC_KEY=WECHAT_PAY_PUBLIC_KEY,
    WECHAT_PAY_PUBLIC_KEY_ID=WECHAT_PAY_PUBLIC_KEY_ID,
)
if WECHAT_PAY_API_KEY and len(WECHAT_PAY_API_KEY.encode()) != 32:
    raise ImproperlyConfigured("WECHAT_PAY_API_KEY must be the API v3 key, which has 32 characters.")
ALIPAY_APP_ID = env.text("ALIPAY_APP_ID")  # without it nobody can pay by Alipay, unless through Stripe
ALIPAY_PRIVATE_KEY = env.private_key("ALIPAY_PRIVATE_KEY")
ALIPAY_PUBLIC_KEY = env.public_key("ALIPAY_PUBLIC_KEY")  # of Alipay, not of the app
ALIPAY_GATEWAY = env.text("ALIPAY_GATEWAY")  # another one than Alipay's: its sandbox, or a fake
env.check_extra(
    "china",
    "python-alipay-sdk",
    ALIPAY_APP_ID=ALIPAY_APP_ID,
    ALIPAY_PRIVATE_KEY=ALIPAY_PRIVATE_KEY,
    ALIPAY_PUBLIC_KEY=ALIPAY_PUBLIC_KEY,
)

# What a workspace may use; none of these is limited unless it is set (accounts/billing/limits.py)
WORKERS_SHARE = env.whole_number("WORKERS_SHARE")
SECONDS_A_MONTH = env.whole_number("SECONDS_A_MONTH")
STORAGE_PER_WORKSPACE = env.whole_number("STORAGE_PER_WORKSPACE")
STORIES_PER_WORKSPACE = env.whole_number("STORIES_PER_WORKSPACE")
MEMBERS_PER_WORKSPACE = env.whole_number("MEMBERS_PER_WORKSPACE")
LONGEST_CLIP = env.whole_number("LONGEST_CLIP")
HIGHEST_LINES = env.whole_number("HIGHEST_LINES")
ALLOWED_PROVIDERS = env.csv("ALLOWED_PROVIDERS") or None
FILM_MINUTES_A_MONTH = env.whole_number("FILM_MINUTES_A_MONTH")
API_CALLS_A_MINUTE = env.whole_number("API_CALLS_A_MINUTE")
EXPORTS_A_MONTH = env.whole_number("EXPORTS_A_MONTH")

BILLING_APPROVAL_ABOVE = env.number("BILLING_APPROVAL_ABOVE", 100)  # of the site's currency; beyond, a second operator

# --- Gallery -----------------------------------------------------------------------------------------------------

GALLERY = env.choice("GALLERY", ["off", "members", "public"], "members")  # who may read it
# Which works of an author an operator looks at before they appear.
FIRST_LOOK = env.choice("FIRST_LOOK", ["none", "first", "all"], "first" if GALLERY == "public" else "none")
GALLERY_MATURE = env.flag("GALLERY_MATURE")  # mature works may be published, behind an explicit choice

# --- Languages ---------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]  # in their own names
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"

# --- Security ----------------------------------------------------------------------------------------------------

COOKIE_PREFIX = "__Host-" if IS_HTTPS else "tapwari_"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]  # /healthz/jobs/; HealthCheck responds to /healthz/ itself
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS and env.flag("HSTS_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = IS_HTTPS and env.flag("HSTS_PRELOAD", False)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# `check --deploy`: HSTS preloading is optional (HSTS_PRELOAD), and so is email, which the pages mention.
SILENCED_SYSTEM_CHECKS = ["security.W021", *([] if HAS_MAIL else ["mail.E001"])]
FILE_ORIGINS = [MEDIA_ORIGIN, *filter(None, [S3_PUBLIC_ENDPOINT])]  # published files have addresses on the first
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, *FILE_ORIGINS, "data:", "blob:"],
    "media-src": [CSP.SELF, *FILE_ORIGINS, "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF, SITE_URL.replace("http", "ws", 1)],
    "form-action": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    **({"upgrade-insecure-requests": True} if IS_HTTPS else {}),
}
PERMISSIONS_POLICY = {
    **{name: [] for name in ("accelerometer", "geolocation", "gyroscope", "microphone", "payment", "usb", "midi")},
    **{name: ["self"] for name in ("fullscreen", "publickey-credentials-get", "publickey-credentials-create")},
}
LOGS_JSON = env.text("LOG_FORMAT") == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "context": {"()": "common.logs.ContextFilter"},
        "outage": {"()": "common.web.outages.OutageFilter"},
    },
    "formatters": {"plain": {"()": "common.logs.LogFormatter"}, "json": {"()": "common.logs.JsonFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOGS_JSON else "plain",
            "filters": ["context", "outage"],
        }
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "access": {"level": "INFO" if LOGS_JSON else "WARNING"},
        # psycopg.pool would log each attempt to connect
        **{name: {"level": "ERROR"} for name in ("django.request", "django-q", "psycopg.pool")},
        **{name: {"level": "WARNING"} for name in ("daphne", "botocore", "urllib3", "stripe")},  # they would log URLs
    },
}
TESTING = env.flag("TESTING")  # lets failpoints fire (common/failpoints.py); set by tests only
