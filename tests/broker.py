"""A real Apache Kafka broker (KRaft, one node) on a free loopback port, for tests and scripts.

The jars come from Maven Central once and stay in a user cache folder.
`FAIRUSE_TEST_KAFKA=host:port` uses a running broker instead. `python -m tests.broker` runs one
until it is interrupted.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

POM = Path(__file__).parent / "kafka" / "pom.xml"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
START_SECONDS = 60.0
# A server takes its port later, and takes it again after a restart. Systems hand out ports above
# these (Linux from 32768), so that nothing of the tests beside us gets it meanwhile; and each
# process begins at a place of its own.
PORTS = count(20_000 + os.getpid() % 12 * 1_000)
CLUSTER = "ZmFpcnVzZS10ZXN0cy0wMA"

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={home}/logs
auto.create.topics.enable=false
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
log.retention.ms=-1
log.cleaner.dedupe.buffer.size=8388608
"""

# A pipe that closes when its owner dies, however it dies: the broker never outlives the tests.
KEEPER = '"$@" & echo $!; read -r _; kill -9 $! 2>/dev/null; wait'


class NoKafkaError(Exception):
    """The broker cannot be had on this machine; the message says why in one line."""


class Broker:
    """One broker with its own data folder; it keeps port and records over `kill` and `start`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self._controller = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._keeper: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._classpath = f"{jars()}/*"
        self._settings = home / "server.properties"
        home.mkdir(parents=True, exist_ok=True)
        self._settings.write_text(
            SETTINGS.format(port=self.port, controller=self._controller, home=home)
        )
        self._format()

    def start(self) -> None:
        """Start the broker and wait until it answers, at most a minute."""
        log = (self.home / "broker.log").open("ab")
        self._keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, "sh", *self._java("kafka.Kafka", str(self._settings))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        log.close()
        self._pid = int(self._keeper.stdout.readline())
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.address):
            if time.monotonic() > deadline or not Path(f"/proc/{self._pid}").exists():
                self.kill()
                raise NoKafkaError(f"Kafka did not start:\n{self.log_tail()}")
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill the broker at once, as a power cut would, and wait until it is gone."""
        if self._keeper is None:
            return
        self._keeper.stdin.close()
        self._keeper.wait(timeout=10)
        self._keeper.stdout.close()
        self._keeper = None

    def stop(self) -> None:
        """Ask the broker to stop; kill it if it takes more than a few seconds."""
        if self._keeper is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not has_ended(self._pid):
            time.sleep(0.05)
        self.kill()

    def restart(self) -> None:
        """Kill the broker and start it again on the same port and records."""
        self.kill()
        self.start()

    def log_tail(self) -> str:
        """Give the last lines of the broker's log."""
        return "\n".join((self.home / "broker.log").read_text(errors="replace").splitlines()[-15:])

    def _format(self) -> None:
        words = ["format", "-t", CLUSTER, "-c", str(self._settings), "--ignore-formatted"]
        done = subprocess.run(
            self._java("kafka.tools.StorageTool", *words),
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode:
            raise NoKafkaError(f"Kafka's storage could not be formatted: {done.stderr[-400:]}")

    def _java(self, program: str, *words: str) -> list[str]:
        # A small heap and the first compiler only: the broker starts in seconds beside the tests.
        flags = ["-Xmx512m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return ["java", *flags, quiet, "-cp", self._classpath, program, *words]


def jars() -> Path:
    """Give the folder of the broker's jars, filled by Maven on first use."""
    for tool in ("java", "mvn"):
        if not shutil.which(tool):
            raise NoKafkaError(f"a test broker needs {tool}, which is not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fairuse" / "kafka"
    folder = cache / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=cache))
    # The plugin is named in full, so that an old Maven does not bring an old one of its own.
    words = [
        "-q",
        "-B",
        "-f",
        str(POM),
        COPY,
        "-DincludeScope=runtime",
        f"-DoutputDirectory={fresh}",
    ]
    done = subprocess.run(["mvn", *words], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        shutil.rmtree(fresh)
        raise NoKafkaError(f"Maven could not fetch Kafka: {done.stdout.strip()[-400:]}")
    with suppress(OSError):  # another session was faster: its folder is as good as ours
        fresh.rename(folder)
    return folder


def free_port() -> int:
    """Give a loopback port that nobody listens on, never the same twice."""
    return next(filter(is_free, PORTS))


def is_free(port: int) -> bool:
    """Tell whether a server could listen at a loopback port now."""
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


def answers(address: str) -> bool:
    """Tell whether somebody accepts connections at `host:port`."""
    host, port = address.rsplit(":", 1)
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False


def has_ended(pid: int) -> bool:
    """Tell whether the process is gone or waits only to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture(scope="module", autouse=True)
def sockets_collected(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect what kafka-python left of brokers that went away, so that no later test is blamed."""
    yield
    here = [item for item in request.session.items if item.path == request.path]
    if any(item.get_closest_marker("kafka") for item in here):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@contextmanager
def running_broker() -> Iterator[Broker]:
    """Run a broker of our own in a temporary folder, gone afterwards whatever happens."""
    with tempfile.TemporaryDirectory(prefix="fairuse-kafka-", ignore_cleanup_errors=True) as home:
        broker = Broker(Path(home))
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()


def unavailable(reason: str) -> None:
    """Skip the test on a developer's machine; fail it where everything must run."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must run the broker tests: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """`host:port` of one broker for the whole session; tests use fresh topic names."""
    given = os.environ.get("FAIRUSE_TEST_KAFKA")
    if given:
        yield given
        return
    try:
        jars()
    except NoKafkaError as reason:
        unavailable(str(reason))
    with running_broker() as broker:
        yield broker.address


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """Give a broker of the test's own, to be killed and started again."""
    try:
        jars()
    except NoKafkaError as reason:
        unavailable(str(reason))
    with running_broker() as broker:
        yield broker


def main() -> None:
    """Run a broker until interrupted, after one line with its address."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt), running_broker() as broker:
        sys.stdout.write(f"{broker.address}\n")
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
