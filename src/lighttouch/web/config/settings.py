"""Settings of the platform; what varies comes from :mod:`lighttouch.web.config.environment`."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from lighttouch.web.config.environment import read_environment

ENVIRONMENT = read_environment()
HERE = Path(__file__).parent

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
DEMONSTRATION = ENVIRONMENT.demo
SITE_URL = ENVIRONMENT.url
DATA_FOLDER = ENVIRONMENT.data
VAULT_KEYS = ENVIRONMENT.vault_keys

STAGES = (
    "ui",
    "storage",
    "audit",
    "programmes",
    "accounts",
    "notices",
    "jobs",
    "partners",
    "protocols",
    "returns",
    "enrolment",
    "surveys",
    "questionnaires",
    "meetings",
    "prizes",
    "allocation",
    "contacts",
    "delivery",
    "analysis",
    "overview",
    "config",
)

INSTALLED_APPS = [
    # Ours first: our templates take the place of the libraries'.
    *(f"lighttouch.web.{stage}" for stage in STAGES),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "lighttouch.web.config.middleware.RequestLog",
    "lighttouch.web.surveys.door.Door",  # what is asked for by a private link goes no further
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lighttouch.web.accounts.middleware.SessionLimits",
    "lighttouch.web.accounts.middleware.SecondFactorRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lighttouch.web.config.middleware.PlainFaults",
]

ROOT_URLCONF = "lighttouch.web.config.urls"
WSGI_APPLICATION = "lighttouch.web.config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lighttouch.web.config.context.site",
            ],
        },
    },
]


def _database(url: str) -> dict[str, Any]:
    """One database: SQLite with a write-ahead log and immediate transactions, or PostgreSQL."""
    found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60))
    if found["ENGINE"].endswith("sqlite3"):
        Path(found["NAME"]).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    else:
        found["CONN_HEALTH_CHECKS"] = True
        # For the statements that ask to be prepared: planning them costs ten times running them.
        options = found.setdefault("OPTIONS", {})
        options["prepare_threshold"] = 1
        options.setdefault("options", "-c plan_cache_mode=force_generic_plan")
    return found


DATABASES = {
    "default": _database(ENVIRONMENT.database_url),
    "contacts": _database(ENVIRONMENT.contacts_url),
}
DATABASE_ROUTERS = ["lighttouch.web.config.routing.VaultRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]},
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "overview:home"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
    }
}
SESSION_COOKIE_AGE = int(timedelta(hours=8).total_seconds())
LONGEST_SESSION = timedelta(hours=24)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "lighttouch_session"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "lighttouch.web.config.faults.stale_form"

# allauth carries the second factor; signing in by link is our own, and there are no passwords
ACCOUNT_ADAPTER = "lighttouch.web.accounts.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "overview:home"
MFA_ADAPTER = "lighttouch.web.accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "lighttouch.web.accounts.factor_forms.Confirm",
    "reauthenticate": "lighttouch.web.accounts.factor_forms.ConfirmAgain",
    "activate_totp": "lighttouch.web.accounts.factor_forms.SetUpApp",
    "add_webauthn": "lighttouch.web.accounts.factor_forms.AddPasskey",
}
MFA_TOTP_ISSUER = "Lighttouch"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute out
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.behind_tls


# What browsers are told
SECURE_SSL_REDIRECT = ENVIRONMENT.behind_tls
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.behind_tls else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.behind_tls
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
if ENVIRONMENT.proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.url] if ENVIRONMENT.url.startswith("https") else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Uploads
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
LARGEST_UPLOAD = 50 * 1024 * 1024

# Mail
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(ENVIRONMENT.data / "outbox")
EMAIL_TIMEOUT = 30
if ENVIRONMENT.smtp:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = ENVIRONMENT.smtp.host, ENVIRONMENT.smtp.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ENVIRONMENT.smtp.user, ENVIRONMENT.smtp.password
    EMAIL_USE_TLS = ENVIRONMENT.smtp.tls
NOTIFY_ADDRESS = "https://api.notifications.service.gov.uk"

# Files and words
STATIC_URL = "static/"
STATIC_ROOT = str(ENVIRONMENT.data / "static")
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "lighttouch.web.config.logs.JsonLines"}},
    "handlers": {
        "lines": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"}
    },
    "root": {"handlers": ["lines"], "level": "INFO"},
    "loggers": {
        # Django's own lines carry addresses and tracebacks with values; ours say what is needed.
        "django.request": {"level": "CRITICAL"},
        "django.server": {"level": "WARNING"},
    },
}
