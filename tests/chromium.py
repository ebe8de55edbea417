"""Debian's own Chromium, headless, with an empty profile, and a server for it to visit.

Nothing is downloaded and nothing outside 127.0.0.1 is contacted. Without Chromium the browser
tests are skipped; on CI that is a failure.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

WAIT_SECONDS = 20
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _chromium():
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    missing = "Chromium is not installed (apt-get install chromium)"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    return pytest.skip(missing)


@pytest.fixture(scope="module")
def chromium():
    """Start a browser; every page of a test gets a context of its own."""
    executable = _chromium()
    # Playwright makes an empty profile for every start and removes it afterwards.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=list(FLAGS), timeout=WAIT_SECONDS * 1000
        )
        yield browser
        browser.close()


def violations(page):
    """Give what axe has to complain of, once the page has all that it is drawn with."""
    # Elements can be found before the last stylesheet came; their colours are the browser's then.
    page.wait_for_load_state("load")
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]


@contextmanager
def served(app, **config):
    """Serve `app` from a thread on a free loopback port; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, **config))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            deadline = time.monotonic() + WAIT_SECONDS
            while not server.started and time.monotonic() < deadline:
                time.sleep(0.02)
            assert server.started, "the server did not start"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(WAIT_SECONDS)
    assert not thread.is_alive(), "the server did not stop"
