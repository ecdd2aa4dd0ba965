"""Every setting of Bankside, read once from the environment (prefix BANKSIDE_).

docs/operate/settings.md says what each one is for; a house test keeps the two lists equal.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

HERE = Path(__file__).resolve().parent


def _env(name: str, default: str = "") -> str:
    return os.environ.get(f"BANKSIDE_{name}", default)


def _flag(name: str, default: bool = False) -> bool:
    return _env(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


# --- where things lie ------------------------------------------------------------------------------
DATA = Path(_env("DATA", str(HERE.parent / ".data"))).resolve()
KEY_PROVIDER = _env("KEY_PROVIDER", "file")
KEK_FILE = Path(_env("KEK_FILE", str(DATA / "keys" / "kek")))
# How long the key that wraps all keys may lie in memory while its provider is away.
KEY_LEASE_MINUTES = int(_env("KEY_LEASE_MINUTES", "15"))
KEY_PASSPHRASE, KEY_PASSPHRASE_FILE = _env("KEY_PASSPHRASE"), _env("KEY_PASSPHRASE_FILE")
HSM_LIBRARY, HSM_TOKEN = _env("HSM_LIBRARY"), _env("HSM_TOKEN", "bankside")
HSM_KEY, HSM_PIN_FILE = _env("HSM_KEY", "bankside-kek"), _env("HSM_PIN_FILE")
TRANSIT_URL, TRANSIT_NAMESPACE = _env("TRANSIT_URL"), _env("TRANSIT_NAMESPACE")
TRANSIT_MOUNT, TRANSIT_KEY = _env("TRANSIT_MOUNT", "transit"), _env("TRANSIT_KEY", "bankside-kek")
TRANSIT_TOKEN_FILE, TRANSIT_CA_FILE = _env("TRANSIT_TOKEN_FILE"), _env("TRANSIT_CA_FILE")
LOG_KEY_FILE = Path(_env("LOG_KEY_FILE", str(DATA / "keys" / "log")))
LOG_FOLDER = DATA / "log"
# What signs the heads and remembers them, `unix:/a/path` or `127.0.0.1:PORT`; none: the desk signs.
SIGNER = _env("SIGNER")
# A trust file with the witnesses that are asked to sign the heads as well; none: nobody is asked.
WITNESSES = _env("WITNESSES")
# A TOML file with the authorities that time-stamp the heads (RFC 3161), and one with the places where copies
# go that nobody can take back; none: nobody is asked, nothing is copied.
TIMESTAMPERS = _env("TIMESTAMPERS")
WORM_COPIES = _env("WORM_COPIES")
MEDIA_FOLDER = DATA / "media"
NETWORKS_FOLDER = DATA / "networks"

# --- where we are reached --------------------------------------------------------------------------
HOST = _env("HOST", "127.0.0.1")
PORT = int(_env("PORT", "8000"))
PUBLIC_URL = _env("PUBLIC_URL", f"http://{HOST}:{PORT}").rstrip("/")
LIVE_URL = _env("LIVE_URL", f"http://{HOST}:{PORT + 1}").rstrip("/")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or HOST
HTTPS = PUBLIC_URL.startswith("https://")
DEMO = _flag("DEMO")

# --- the record ------------------------------------------------------------------------------------
# The name of the logs for ever; it must not change when the desk moves to another port.
LOG_ORIGIN_HOST = _env("LOG_ORIGIN_HOST", PUBLIC_HOST)
# Classes of personal numbers that are not masked here: of IBAN, BSN, CNID. Cards and RRN always are.
IDENTIFIERS_KEPT = frozenset(_env("IDENTIFIERS_KEPT").upper().replace(",", " ").split())
RETENTION_DEFAULT = _env("RETENTION_DEFAULT", "DEFAULT-10Y")
# The bank's own classes of retention, in the form of record/forgetting/retention.toml; none: those of it.
RETENTION_FILE = _env("RETENTION_FILE")
LANES_POSTGRESQL = 16
# With less room than this on the disk the desk is read-only, until there is more again.
DISK_FREE_MB_MIN = int(_env("DISK_FREE_MB_MIN", "256"))
ACTIVE_WINDOW_DAYS = int(_env("ACTIVE_WINDOW_DAYS", "400"))
# Where the desk's day ends, and with it the daily entry that ties all logs together.
ZONE = _env("ZONE", "UTC")

# --- the outside -----------------------------------------------------------------------------------
# A self-hosted blog may live on the bank's own intranet; hosts listed here pass the guard against
# requests to private addresses. Everything else inside is refused.
WIRE_PRIVATE_HOSTS = frozenset(h for h in _env("WIRE_PRIVATE_HOSTS").split(",") if h)
# Who is asked what a member's domain says (`address` or `address:port`); none: as this machine does.
DNS_SERVERS = tuple(server for server in _env("DNS_SERVERS").split(",") if server)
# Reports and reminders go by the bank's own mail server (smtp:, smtp+tls: or smtps:); none: no mail is sent.
MAIL_URL = _env("MAIL_URL")
MAIL_FROM = _env("MAIL_FROM", f"bankside@{PUBLIC_HOST}")
# Pictures that people send are fetched, drawn again and kept: so many in any 24 hours, 0 for none.
PICTURES_PER_DAY = int(_env("PICTURES_PER_DAY", "2000"))
HOOK_BODY_BYTES_MAX = 1_000_000
POLL_SECONDS = int(_env("POLL_SECONDS", "60"))
CARD_BANK, CARD_PRODUCT = _env("CARD_BANK", "Hanul Bank"), _env("CARD_PRODUCT", "Social Card")
# What the back of a card says; small print of two lines at most, parted by a bar.
CARD_MOTTO, CARD_SMALL_PRINT = _env("CARD_MOTTO"), _env("CARD_SMALL_PRINT")
# Folders with what Apple and Google give to the bank for passes with points; none: no such pass is offered.
APPLE_PASS, GOOGLE_PASS = _env("APPLE_PASS"), _env("GOOGLE_PASS")
# From which age on somebody may take part in the social card. Majority differs by country; in Korea it is 19.
MEMBER_YEARS_MIN = int(_env("MEMBER_YEARS_MIN", "19"))
APPROVAL_HOURS = int(_env("APPROVAL_HOURS", "168"))
# `never`: those who may answer do so on their own; `always`: a second person agrees to every answer.
REPLY_APPROVAL = _env("REPLY_APPROVAL", "never")
# An answer waits this long before it leaves, so that it can be taken back.
REPLY_UNDO_SECONDS = int(_env("REPLY_UNDO_SECONDS", "10"))
ANSWER_MINUTES = int(_env("ANSWER_MINUTES", "60"))


# PostgreSQL: nobody waits for a lock for longer than on SQLite, and who was stopped in the middle of a change
# (a machine that sleeps, a debugger) gives back what others wait for; the change is undone and made again.
LOCK_WAIT_SECONDS_MAX = 20
IDLE_IN_TRANSACTION_SECONDS_MAX = 30
CONNECT_SECONDS_MAX = 10


def _database(url: str) -> dict[str, object]:
    """Django's form of a database address; SQLite in DATA when none is given.

    What stands behind `?` of a PostgreSQL address goes to its driver, such as `sslmode=verify-full`.
    """
    if not url:
        return _sqlite(str(DATA / "bankside.db"))
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(parts.path)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"BANKSIDE_DATABASE_URL: {parts.scheme!r} is not known; use sqlite: or postgresql:")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "connect_timeout": CONNECT_SECONDS_MAX,
            "options": _WAITS,
            # For the cursors of record/prepared.py alone: Django's own put values into the text.
            "prepare_threshold": 0,
            **dict(parse_qsl(parts.query)),
        },
    }


_WAITS = (
    f"-c lock_timeout={LOCK_WAIT_SECONDS_MAX}s"
    f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_SECONDS_MAX}s"
)


def _sqlite(path: str) -> dict[str, object]:
    # synchronous=full: what is acknowledged survives a power cut. secure_delete: erased words are gone.
    pragmas = "pragma journal_mode=wal; pragma synchronous=full; pragma secure_delete=on; "
    pragmas += "pragma cache_size=-64000"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": LOCK_WAIT_SECONDS_MAX,
            "init_command": pragmas,
        },
    }


DATABASES = {"default": _database(_env("DATABASE_URL"))}
# PostgreSQL alone: who owns the tables. Given to `bankside migrate`, and to nothing that runs all day.
MIGRATE_DATABASE_URL = _env("MIGRATE_DATABASE_URL")
if MIGRATE_DATABASE_URL:
    DATABASES["owner"] = _database(MIGRATE_DATABASE_URL)


def _secret_key() -> str:
    """Made by `bankside migrate` in the key folder; never in the repository or the database."""
    given = _env("SECRET_KEY")
    path = DATA / "keys" / "web"
    if given or not path.exists():
        return given or "not-yet-set-up: run bankside migrate"
    return path.read_text().strip()


# --- Django ----------------------------------------------------------------------------------------
SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = [PUBLIC_HOST, "127.0.0.1", "localhost", "[::1]", "testserver"]
ROOT_URLCONF = "bankside.urls"
WSGI_APPLICATION = "bankside.web.wsgi.application"
AUTH_USER_MODEL = "people.Staff"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "bankside.record",
    "bankside.people",
    "bankside.approvals",
    "bankside.channels",
    "bankside.publish",
    "bankside.inbox",
    "bankside.rewards",
    "bankside.measures",
    "bankside.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "bankside.people.sign_in.StaffBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "bankside.web.pages.environment",
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# --- sign-in ---------------------------------------------------------------------------------------
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "bankside.people.sign_in.StaffAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "bankside.people.sign_in.typed_address"
AXES_LOCKOUT_CALLABLE = "bankside.people.sign_in.locked_out"
AXES_VERBOSE = False
# axes counts wrong passwords, in the database and so for all processes; twice counted confuses people.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# The `__Host-` prefix binds a cookie to this host over HTTPS; browsers refuse it on plain HTTP.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "bankside.people.session_store"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "bankside.web.staff.errors.too_old"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"

_SELF = ["'self'"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": _SELF,
        "style-src": _SELF,
        "font-src": _SELF,
        "img-src": _SELF,
        "media-src": _SELF,
        "connect-src": [*_SELF, LIVE_URL],
        "worker-src": _SELF,
        "manifest-src": _SELF,
        "form-action": _SELF,
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["bankside"],
    }
}

# --- languages and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어"), ("zh-hans", "简体中文"), ("nl", "Nederlands")]
LOCALE_PATHS = [HERE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS: list[Path] = [HERE / "web" / "static"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 26_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 26_000_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": _env("LOG_LEVEL", "WARNING")},
}
