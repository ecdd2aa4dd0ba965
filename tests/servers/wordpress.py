"""A real WordPress on 127.0.0.1, from Debian's own packages, for one test session.

The first run installs WordPress into a template (some 10 s) which is kept under `.cache`; every session
copies it into a folder of its own and starts MariaDB and PHP on free ports. Skips, with the reason, when
a package is missing. Nothing of it is a fake: what the tests see is what WordPress does.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.program import free_port

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "servers"
PACKAGES = (
    "wordpress", "mariadb-server", "php-cli", "php-mysql", "php-curl", "php-gd", "php-xml", "php-mbstring",
    "php-intl", "php-zip",
)  # fmt: skip
START_SECONDS_MAX = 30
PROGRAMS = ("/usr/sbin", "/usr/local/sbin", "/sbin")
TITLE = "Hanul Bank 블로그"


@dataclass
class WordPress:
    """A running blog. Everything here is done over HTTP, as a visitor or with the application password."""

    url: str
    user: str
    app_password: str
    site: Path  # the folder that PHP serves
    _visitors: Iterator[int] = field(default_factory=lambda: itertools.count(2), repr=False)

    @property
    def host(self) -> str:
        """`127.0.0.1:<port>`, as the list of private hosts wants it."""
        return self.url.removeprefix("http://")

    @property
    def settings(self) -> dict[str, str]:
        """Settings of a channel on this blog."""
        return {"site": self.url, "user": self.user}

    @property
    def secrets(self) -> dict[str, str]:
        """Secrets of a channel on this blog."""
        return {"app_password": self.app_password}

    def comment(self, post_id: int, author: str, text: str, *, parent: int = 0) -> int:
        """A visitor fills in the form under a post; each has an address of its own, so none is too fast."""
        n = next(self._visitors)
        form = {
            "comment_post_ID": str(post_id),
            "author": author,
            "email": f"visitor{n}@example.org",
            "comment": text,
            "comment_parent": str(parent),
        }
        source = httpx.HTTPTransport(local_address=f"127.0.{n // 250}.{n % 250 + 1}")
        with httpx.Client(transport=source, timeout=20) as visitor:
            answer = visitor.post(f"{self.url}/wp-comments-post.php", data=form)
        found = re.search(r"#comment-(\d+)|unapproved=(\d+)", answer.headers.get("location", ""))
        assert found, f"no comment was made: {answer.status_code} {answer.text[:300]}"
        return int(found[1] or found[2])

    def posts(self, kind: str = "posts") -> list[dict[str, Any]]:
        """Everything published, oldest first, as its owner sees it; `kind` may be `pages`."""
        return self._all(kind)

    def comments(self, post_id: int | None = None) -> list[dict[str, Any]]:
        """Every comment, oldest first, as the owner sees it."""
        return self._all("comments", **({} if post_id is None else {"post": post_id}))

    def _all(self, path: str, **which: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            where = {"context": "edit", "per_page": 100, "order": "asc", "offset": len(found), **which}
            page = self.api("GET", path, params=where)
            found += page
            if len(page) < 100:
                return found

    def writer(self, name: str) -> tuple[str, str]:
        """(user, application password) of somebody with the role Author: posts of her own, no pages."""
        mail = f"{name}@hanulbank.example"
        person = {"username": name, "email": mail, "password": secrets.token_hex(12), "roles": ["author"]}
        made = self.api("POST", "users", json=person)
        given = self.api("POST", f"users/{made['id']}/application-passwords", json={"name": "Bankside"})
        return name, str(given["password"])

    def api(self, method: str, path: str, **how: Any) -> Any:
        """The owner's own hand on the blog: one call of its interface, its JSON back."""
        with httpx.Client(auth=(self.user, self.app_password), timeout=20) as owner:
            answer = owner.request(method, f"{self.url}/wp-json/wp/v2/{path}", **how)
        answer.raise_for_status()
        return answer.json()


@pytest.fixture(scope="session")
def wordpress() -> Iterator[WordPress]:
    """A WordPress of this session; its posts stay from test to test, so ask for what is yours."""
    if reason := missing():
        pytest.skip(reason)
    with running() as blog:
        yield blog


def missing() -> str:
    """Why there can be no WordPress here, or nothing."""
    if not shutil.which("dpkg-query"):
        return "WordPress is started from Debian's packages, and this is no Debian"
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES],
        capture_output=True,
        text=True,
    )
    there = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    absent = [p for p in PACKAGES if p not in there]
    return f"Debian packages are missing: apt-get install {' '.join(absent)}" if absent else ""


@contextmanager
def running() -> Iterator[WordPress]:
    """Copies the template, starts both servers, and ends their process groups whatever happens."""
    with ExitStack() as stack:
        folder = _folder(stack)
        told = _template(folder)
        with _database(folder) as database_port:
            port = free_port()
            _configure(folder, database_port, port)
            with _php(folder, port):
                url = f"http://127.0.0.1:{port}"
                _wait(lambda: httpx.get(f"{url}/wp-json/", timeout=10).status_code == 200, "WordPress")
                yield WordPress(url, told["user"], told["app_password"], folder / "site")


def _folder(stack: ExitStack) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bankside-wordpress-"))
    folder.chmod(0o711)  # the database may run as another user
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


# --- the template ------------------------------------------------------------------------------------
def _template(folder: Path) -> dict[str, str]:
    """Fills the folder with a fresh blog: a copy of the kept template, which is made when there is none."""
    kept = CACHE / f"wordpress-{_edition()}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "told.json").exists():
            _make_template(kept)
    for part in ("mysql", "site"):
        subprocess.run(["cp", "-r", "--reflink=auto", str(kept / part), str(folder / part)], check=True)
    told: dict[str, str] = json.loads((kept / "told.json").read_text())
    return told


def _edition() -> str:
    """Changes with the packages, with this file and with who runs it."""
    asked = subprocess.run(["dpkg-query", "-W", *PACKAGES], capture_output=True, text=True, check=True)
    return hashlib.sha256(f"{asked.stdout}{Path(__file__).read_text()}{os.getuid()}".encode()).hexdigest()[
        :16
    ]


def _make_template(kept: Path) -> None:
    with ExitStack() as stack:
        folder = _folder(stack)
        _lay_out_site(folder)
        _install_database(folder)
        with _database(folder) as database_port:
            create = (
                "create database wp character set utf8mb4; create user wp@'127.0.0.1' identified by 'wp';"
                "grant all on wp.* to wp@'127.0.0.1'"
            )
            client = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{database_port}", "-uroot", "-e", create]
            subprocess.run(client, check=True, capture_output=True)
            _configure(folder, database_port, 8080)
            (folder / "install.php").write_text(INSTALL)
            ran = subprocess.run(
                ["php", str(folder / "install.php"), str(folder / "site"), TITLE, secrets.token_hex(12)],
                capture_output=True, text=True,
            )  # fmt: skip
            assert ran.returncode == 0, f"WordPress was not installed: {ran.stdout}{ran.stderr}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for part in ("mysql", "site"):
            shutil.move(folder / part, kept / part)
        (kept / "told.json").write_text(ran.stdout.splitlines()[-1])


def _lay_out_site(folder: Path) -> None:
    site = folder / "site"
    subprocess.run(["cp", "-rL", "/usr/share/wordpress", str(site)], check=True)
    shutil.rmtree(site / "wp-content")
    (site / "wp-config.php").unlink(missing_ok=True)
    subprocess.run(["cp", "-rL", "/var/lib/wordpress/wp-content", str(site / "wp-content")], check=True)
    (site / "wp-content" / "uploads").mkdir(exist_ok=True)


def _install_database(folder: Path) -> None:
    (folder / "mysql").mkdir()
    _give_to_database(folder)
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", *_as_mysql(), f"--datadir={folder / 'mysql'}",
         "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M"],
        check=True, capture_output=True,
    )  # fmt: skip


def _configure(folder: Path, database_port: int, port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    constants: dict[str, str | bool] = {
        "DB_NAME": "wp",
        "DB_USER": "wp",
        "DB_PASSWORD": "wp",
        "DB_HOST": f"127.0.0.1:{database_port}",
        "DB_CHARSET": "utf8mb4",
        "WP_HOME": url,
        "WP_SITEURL": url,
        "WP_ENVIRONMENT_TYPE": "local",  # application passwords need HTTPS or this
        "WP_HTTP_BLOCK_EXTERNAL": True,
        "DISABLE_WP_CRON": True,
        "FS_METHOD": "direct",
        **{
            f"{name}_{kind}": f"{name}-{kind}-of-a-test"
            for name in ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")
            for kind in ("KEY", "SALT")
        },
    }
    lines = [f"define({json.dumps(name)}, {json.dumps(value)});" for name, value in constants.items()]
    lines += ["$table_prefix = 'wp_';", "require __DIR__ . '/wp-settings.php';"]
    (folder / "site" / "wp-config.php").write_text("<?php\n" + "\n".join(lines) + "\n")
    (folder / "router.php").write_text(ROUTER)


INSTALL = """<?php
[$_, $site, $title, $password] = $argv;
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1:8080';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
require $site . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
function wp_new_blog_notification() {}
wp_install($title, 'desk', 'desk@hanulbank.example', true, '', $password);
update_option('permalink_structure', '/%postname%/');
update_option('comment_moderation', 0);
update_option('comment_previously_approved', 0);
flush_rewrite_rules();
foreach (['post', 'page'] as $kind) {
    foreach (get_posts(['post_type' => $kind, 'post_status' => 'any', 'numberposts' => -1]) as $post) {
        wp_delete_post($post->ID, true);
    }
}
$user = get_user_by('login', 'desk');
wp_update_user(['ID' => $user->ID, 'display_name' => 'Hanul Bank']);
[$secret] = WP_Application_Passwords::create_new_application_password($user->ID, ['name' => 'Bankside']);
$shown = WP_Application_Passwords::chunk_password($secret);
echo "\\n" . json_encode(['user' => 'desk', 'app_password' => $shown]);
"""

ROUTER = """<?php
$root = $_SERVER['DOCUMENT_ROOT'];
$path = urldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$file = realpath($root . $path);
if ($file !== false && is_dir($file) && is_file($file . '/index.php')) {
    $path = rtrim($path, '/') . '/index.php';
    $file = $file . '/index.php';
}
if ($file !== false && is_file($file) && str_starts_with($file, realpath($root))) {
    if (!str_ends_with($file, '.php')) {
        return false;
    }
} else {
    $path = '/index.php';
    $file = $root . $path;
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $path;
$_SERVER['SCRIPT_FILENAME'] = $file;
chdir(dirname($file));
require $file;
"""


# --- the servers -------------------------------------------------------------------------------------
@contextmanager
def _database(folder: Path) -> Iterator[int]:
    """MariaDB on a free port. Root hands it to the user `mysql`, anybody else runs it as himself."""
    _give_to_database(folder)
    port = free_port()
    data = folder / "mysql"
    command = [
        _program("mariadbd"), "--no-defaults", *_as_mysql(), f"--datadir={data}",
        f"--socket={data / 's.sock'}",
        f"--pid-file={data / 'pid'}", "--bind-address=127.0.0.1", f"--port={port}", "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=8M",
        "--performance-schema=OFF",
    ]  # fmt: skip
    with _process(command, folder / "mariadb.log"):
        _wait(lambda: _listens(port), "MariaDB")
        yield port


@contextmanager
def _php(folder: Path, port: int) -> Iterator[None]:
    command = [
        "php", "-d", "upload_max_filesize=64M", "-d", "post_max_size=64M", "-S", f"127.0.0.1:{port}",
        "-t", str(folder / "site"), str(folder / "router.php"),
    ]  # fmt: skip
    with _process(command, folder / "php.log", PHP_CLI_SERVER_WORKERS="4"):
        _wait(lambda: _listens(port), "PHP")
        yield


@contextmanager
def _process(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    """A process in a group of its own; the group is ended, workers that outlive their parent included."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **environment},
        )  # fmt: skip
    guard = _guard(process.pid, log.parent)
    try:
        yield
    finally:
        for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            try:
                os.killpg(process.pid, sign)
                process.wait(seconds)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        guard.kill()
        guard.communicate()


def _guard(group: int, folder: Path) -> subprocess.Popen[bytes]:
    """Ends the group when we are killed: its standard input closes with us, whatever the reason was."""
    script = f"read -r _; kill -TERM -{group}; sleep 2; kill -KILL -{group}; rm -rf '{folder}'"
    return subprocess.Popen(
        ["/bin/sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def _give_to_database(folder: Path) -> None:
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", "mysql:", str(folder / "mysql")], check=True)


def _as_mysql() -> list[str]:
    return ["--user=mysql"] if os.getuid() == 0 else []


def _program(name: str) -> str:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *PROGRAMS))) or name


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def _wait(ready: Any, what: str) -> None:
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end:
        try:
            if ready():
                return
        except (OSError, httpx.HTTPError):
            pass
        time.sleep(0.02)
    raise TimeoutError(f"{what} did not start within {START_SECONDS_MAX} s")
