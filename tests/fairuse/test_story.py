"""Two customers paused by mistake, and how each gets the quota back: the program itself, a browser,
a company account, a webhook receiver.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect
from standardwebhooks import Webhook

from access.books import MakeGood
from access.database import open_engine, writers
from fairuse import database
from fairuse.wiring import review_policy
from fairuse.work.relay import relay
from review_api.intake import intake
from review_api.people import add_person
from review_api.tokens import issue_token
from review_api.vocabulary import Role
from tests.broker import free_port
from tests.chromium import WAIT_SECONDS
from tests.fairuse.world import CLOCK, run_of, settings_in
from tests.issuer import CLIENT, SECRET, issuing
from tests.verdicts import payload

pytestmark = pytest.mark.browser

ANA, BEN = "ana@example.com", "ben@example.com"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"a secret of the story, 32 bytes.").decode()


class Receiver(BaseHTTPRequestHandler):
    """Takes every webhook, and keeps its headers and its bytes."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def receiving():
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.received = []
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)


class Story:
    """The program over one folder: its server, its people, its customers."""

    def __init__(self, folder, issuer, receiver):
        self.issuer = issuer
        self.receiver = receiver
        self.address = f"http://127.0.0.1:{free_port()}"
        told = {
            "session_key": "a key of the story",
            "grace_seconds": 1.0,
            "second_share": 0.0,
            "webhook_url": f"http://127.0.0.1:{receiver.server_port}/hook",
            "webhook_secret": WEBHOOK_SECRET,
            "public_url": self.address,
        }
        self.settings = settings_in(folder, folder / "registry", **told)
        self.environment = {
            **os.environ,
            **{f"FAIRUSE_{name.upper()}": str(value) for name, value in told.items()},
            "FAIRUSE_DATABASE_URL": self.settings.database_url,
            "FAIRUSE_REGISTRY_DIR": str(folder / "registry"),
            "FAIRUSE_OIDC_ISSUER": issuer.url,
            "FAIRUSE_OIDC_CLIENT_ID": CLIENT,
            "FAIRUSE_OIDC_CLIENT_SECRET": SECRET,
        }
        database.migrate(self.settings.database_url)
        self.sessions = writers(open_engine(self.settings.database_url))
        with self.sessions.begin() as session:
            add_person(session, ANA, Role.REVIEWER, CLOCK.now())
            add_person(session, BEN, Role.REVIEWER, CLOCK.now())
            self.platform = issue_token(session, "platform", Role.SERVICE, CLOCK.now())

    def pause(self, account, hours):
        """Let the machine pause an account so many hours ago."""
        when = CLOCK.now() - timedelta(hours=hours)
        sent = payload(account, occurred_at=when.isoformat())
        with self.sessions.begin() as session:
            return intake(session, sent, when, review_policy(self.settings)).case_id

    def run(self, *words):
        """Run a verb of the program to its end."""
        return subprocess.run(
            [sys.executable, "-m", "fairuse", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @contextmanager
    def serving(self):
        command = [sys.executable, "-m", "fairuse", "serve", "--port", self.address[-5:]]
        with subprocess.Popen(command, env=self.environment) as server:
            try:
                yield
            finally:
                server.terminate()
                server.wait(60)


@pytest.fixture
def story(tmp_path):
    with issuing() as issuer, receiving() as receiver:
        yield Story(tmp_path, issuer, receiver)


@pytest.fixture
def ask(story, chromium):
    """Ask the API as the platform does; gives the answer's body."""

    def call(method, path):
        headers = {"Authorization": f"Bearer {story.platform}"}
        context = chromium.new_context()
        answered = context.request.fetch(
            f"{story.address}{path}", method=method, headers=headers, timeout=WAIT_SECONDS * 1000
        )
        assert answered.ok, answered.text()
        body = answered.json()
        context.close()
        return body

    return call


@contextmanager
def sign_in(chromium, story, who):
    """Sign a person in with their company account; gives the page of the queue."""
    story.issuer.account = {"sub": who, "email": who, "email_verified": True}
    context = chromium.new_context()
    context.set_default_timeout(WAIT_SECONDS * 1000)
    page = context.new_page()
    _goto(page, f"{story.address}/console/sign-in")
    page.get_by_role("link", name="Sign in with your company account").or_(
        page.get_by_role("button", name="Sign in with your company account")
    ).click()
    arrive(page, "Queue")
    yield page
    context.close()


def _goto(page, address):
    # The server may still be starting.
    deadline = time.monotonic() + 60
    while True:
        try:
            page.goto(address)
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def arrive(page, heading):
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Turn shortcuts")).to_be_visible()


def open_top(page, account):
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    arrive(page, account)


def test_two_customers_paused_by_mistake_get_their_quota_back(story, chromium, ask):
    expect.set_options(timeout=WAIT_SECONDS * 1000)
    story.pause("acc_1", hours=30)
    story.pause("acc_2", hours=5)
    with story.serving():
        with sign_in(chromium, story, ANA) as page:
            restore_the_top_case_by_keyboard(page)
            eventually(lambda: not ask("GET", "/v1/access/acc_1")["paused"])
        with sign_in(chromium, story, BEN) as page:
            uphold_the_top_case_by_keyboard(page)
        link = ask("POST", "/v1/accounts/acc_2/status-link")["url"]
        appeal(chromium, link)
        with sign_in(chromium, story, BEN) as page:
            try_to_judge_the_appeal_oneself(page)
        with sign_in(chromium, story, ANA) as page:
            overturn_the_appeal(page)
            eventually(lambda: not ask("GET", "/v1/access/acc_2")["paused"])
        read_the_answer(chromium, link)
        standing = ask("GET", "/v1/accounts/acc_1/standing")
    assert standing["pause"] is None
    assert_make_good(story)
    assert_notices(story)
    assert_audit(story)


def restore_the_top_case_by_keyboard(page):
    # The longer pause comes first.
    open_top(page, "acc_1")
    expect(page.get_by_text("212 of 220 jobs").first).to_be_visible()
    strokes = ["r", "1", "t", "Control+Enter"]
    for stroke in strokes:
        page.keyboard.press(stroke)
    expect(page.get_by_role("status").first).to_contain_text("Restore: recorded")


def uphold_the_top_case_by_keyboard(page):
    open_top(page, "acc_2")
    strokes = ["u", "1", "x", "x", "x", "t", "Control+Enter"]
    assert len(strokes) <= 8
    for stroke in strokes:
        page.keyboard.press(stroke)
    expect(page.get_by_role("status").first).to_contain_text("Uphold: recorded")
    page.wait_for_timeout(2500)  # its grace, and a turn of the keeper


def appeal(chromium, link):
    page = chromium.new_page(java_script_enabled=False)
    page.goto(link)
    page.get_by_label("What should they know?").fill("My <b>macro keyboard</b> keeps the rhythm.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="A person looks at it again")).to_be_visible()
    page.close()


def try_to_judge_the_appeal_oneself(page):
    open_top(page, "acc_2")
    expect(page.get_by_text("My <b>macro keyboard</b> keeps the rhythm.").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Record the decision"))).to_have_count(0)


def overturn_the_appeal(page):
    open_top(page, "acc_2")
    for stroke in ["r", "1", "t"]:
        page.keyboard.press(stroke)
    page.get_by_label("Answer to the customer").fill("You are right: a keyboard explains it.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").first).to_contain_text("Restore: recorded")


def read_the_answer(chromium, link):
    page = chromium.new_page(java_script_enabled=False)
    page.goto(link)
    expect(page.get_by_text("You are right: a keyboard explains it.").first).to_be_visible()
    expect(
        page.get_by_role("heading", name="We looked again, and gave access back")
    ).to_be_visible()
    page.close()


def assert_make_good(story):
    with story.sessions.begin() as session:
        lost = {row.account_id: row.seconds for row in session.query(MakeGood)}
    assert lost["acc_1"] == pytest.approx(30 * 3600, abs=600)
    assert lost["acc_2"] == pytest.approx(5 * 3600, abs=600)


def assert_notices(story):
    relay(run_of(story.settings))
    received = []
    for headers, body in story.receiver.received:
        said = Webhook(WEBHOOK_SECRET).verify(body, {k.lower(): v for k, v in headers.items()})
        received.append((said["data"]["account_id"], said["type"]))
    kinds = {account: [kind for who, kind in received if who == account] for account, _ in received}
    assert [kind.rpartition(".")[2] for kind in kinds["acc_1"]] == ["paused", "restored"]
    assert [kind.rpartition(".")[2] for kind in kinds["acc_2"]] == [
        "paused",
        "upheld",
        "appeal_received",
        "appeal_overturned",
    ]


def assert_audit(story):
    assert story.run("audit", "seal").returncode == 0
    verified = story.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def eventually(holds):
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)
