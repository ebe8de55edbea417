"""The databases of the suite: SQLite files, and a private PostgreSQL cluster of our own.

The cluster is made from the installed server binaries in a temporary folder, listens on a free
loopback port, and is stopped by its process id. `FAIRUSE_TEST_POSTGRES=url` uses a running server
instead. Every test has a database for itself alone: a copy of one that was migrated once, or what
an earlier test left, emptied, which takes a fraction of the time of a copy.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from access.database import open_engine, readers, writers
from fairuse.database import migrate
from tests.broker import free_port

START_SECONDS = 60
_names = itertools.count()

# What a test must leave as it was, or its database serves no other; a copy keeps the numbers (oid).
SHAPE = """
    SELECT version_num,
        (SELECT md5(string_agg(concat_ws(' ', oid, relname, attname, atttypid), ' '
            ORDER BY oid, attnum)) FROM pg_class JOIN pg_attribute ON attrelid = oid
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')),
        (SELECT md5(string_agg(concat_ws(' ', oid, tgenabled), ' ' ORDER BY oid)) FROM pg_trigger),
        (SELECT md5(string_agg(oid::text, ' ' ORDER BY oid)) FROM pg_constraint)
    FROM alembic_version
"""
FILLED = """
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    AND query_to_xml(format('SELECT 1 FROM %I LIMIT 1', tablename), true, true, '')::text <> ''
"""
EMPTY = """
    DO $$ DECLARE name text; has_rows bool; BEGIN
        SET LOCAL session_replication_role = replica; -- past the triggers that keep facts
        FOR name IN SELECT format('%I', tablename) FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        LOOP
            EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO has_rows;
            IF has_rows THEN EXECUTE 'TRUNCATE ' || name || ' CASCADE'; END IF;
        END LOOP;
        PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
            FROM pg_sequences WHERE last_value IS NOT NULL;
    END $$
"""
LEAVE = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Database:
    """One migrated, empty database; `engine` is closed when the test ends."""

    url: str
    engine: object

    @property
    def writers(self):
        return writers(self.engine)

    @property
    def readers(self):
        return readers(self.engine)


def is_installed():
    """Whether there is a server to test on."""
    return bool(os.environ.get("FAIRUSE_TEST_POSTGRES")) or _installed() is not None


def _installed():
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    return found[-1] if found and (found[-1] / "initdb").exists() else None


def _binaries():
    if found := _installed():
        return found
    missing = "PostgreSQL's server binaries are not installed (apt-get install postgresql)"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    return pytest.skip(missing)


def _as_server_owner(command):
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


@contextmanager
def private_cluster():
    """Start a PostgreSQL server that belongs to this test session; give its URL."""
    binaries = _binaries()
    home = Path(tempfile.mkdtemp(prefix="fairuse-pg-"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    server = None
    try:
        _run([binaries / "initdb", "-D", home / "data", "-A", "trust", "-U", "fairuse", "-N"])
        server, port = _start(binaries, home)
        yield f"postgresql://fairuse@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(home, ignore_errors=True)


def _run(command):
    done = subprocess.run(
        _as_server_owner([*map(str, command), "--encoding=UTF8", "--locale=C.UTF-8"]),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _start(binaries, home):
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": home,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "32MB",
        "max_connections": 200,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            _as_server_owner([str(binaries / "postgres"), "-D", str(home / "data"), *options]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
        )
    url = f"postgresql://fairuse@127.0.0.1:{port}/postgres"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
            return server, port
        time.sleep(0.05)
    _stop(server)
    return pytest.fail(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")


def _stop(server):
    server.send_signal(2)  # SIGINT: end every session, then stop cleanly
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def postgres_server():
    """Give the address of a PostgreSQL server: the one named in the environment, or our own."""
    running = os.environ.get("FAIRUSE_TEST_POSTGRES")
    if running:
        yield running
        return
    with private_cluster() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server):
    """Migrate one database once, for every test to copy; give its name and its shape."""
    with _postgres_database(postgres_server) as url:
        migrate(url)
        with psycopg.connect(url, connect_timeout=5) as connection:
            shape = connection.execute(SHAPE).fetchone()
            # Emptying would lose rows that a migration wrote: then every test has a fresh copy.
            if connection.execute(FILLED).fetchone():
                shape = None
        yield make_url(url).database, shape


@pytest.fixture(scope="session")
def postgres_databases(postgres_server, postgres_template):
    """Lend databases: a clean one that came back, else a fresh copy."""
    name, shape = postgres_template
    clean = []
    with ExitStack() as made:

        @contextmanager
        def lend():
            if not clean:
                clean.append(made.enter_context(_postgres_database(postgres_server, name)))
            url = clean.pop()
            yield url
            if _emptied(url, shape):
                clean.append(url)

        yield lend


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_database_url(request, tmp_path):
    """Give the address of a database without a schema, of each of the two kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    with _postgres_database(server) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    """Give a migrated, empty database of each of the two kinds."""
    with _database(request, tmp_path) as url:
        engine = open_engine(url, connections=20)
        yield Database(url, engine)
        engine.dispose()


@contextmanager
def _database(request, tmp_path):
    if request.param == "sqlite":
        path = tmp_path / "fairuse.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    with request.getfixturevalue("postgres_databases")() as url:
        yield url


def _emptied(url, shape):
    """Make a database as it was migrated; False where a test changed more than rows."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            connection.execute(LEAVE)
            if connection.execute(SHAPE).fetchone() != shape:
                return False
            connection.execute(EMPTY)
    except psycopg.Error:
        return False
    return True


@contextmanager
def _postgres_database(server, template="template1"):
    name = f"fairuse_test_{os.getpid()}_{next(_names)}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _with_database(server, name)
    finally:
        _execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _with_database(server, name):
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _execute(server, statement):
    with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement)
