"""Open a page in headless Chromium through its debugging protocol and watch it."""

import json
import re
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import websocket

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--remote-debugging-port=0", "--remote-allow-origins=*"),
)
START_SECONDS = 60
PAGE_SECONDS = 30


@dataclass
class Page:
    """What a page did while it was open."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    answers: dict[str, object] = field(default_factory=dict)

    @property
    def foreign_requests(self) -> list[str]:
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]


def open_page(binary, path, profile, *, ask=None, ready="true"):
    """Open `path`; wait until `ready` is true; answer the expressions in `ask` by name."""
    seconds = PAGE_SECONDS
    with _browser(binary, profile) as address:
        connection = websocket.create_connection(address, timeout=seconds)
        try:
            return _watch(connection, Path(path).resolve().as_uri(), ask or {}, ready, seconds)
        finally:
            connection.close()


@contextmanager
def _browser(binary, profile):
    command = [binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _page_address(Path(profile) / "DevToolsActivePort")
    finally:
        process.terminate()
        process.wait(timeout=30)


def _page_address(port_file):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if pages := _pages(port_file):
            return pages[0]["webSocketDebuggerUrl"]
        time.sleep(0.1)
    raise TimeoutError("Chromium did not start")


def _pages(port_file):
    """List the open pages; none while the browser is still starting."""
    lines = port_file.read_text().split() if port_file.is_file() else []
    if not lines:
        return []
    url = f"http://127.0.0.1:{lines[0]}/json/list"
    try:
        with urllib.request.urlopen(url, timeout=START_SECONDS) as answer:
            return [item for item in json.load(answer) if item["type"] == "page"]
    except OSError:
        return []


def _watch(connection, url, ask, ready, seconds):
    page = Page()
    counter = iter(range(1, 10_000))

    def call(method, **params):
        number = next(counter)
        connection.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(connection.recv())
            if message.get("id") == number:
                return message.get("result", {})
            _note(page, message)

    def evaluate(expression):
        result = call("Runtime.evaluate", expression=expression, returnByValue=True)
        return result.get("result", {}).get("value")

    for domain in ("Page", "Runtime", "Network", "Log"):
        call(f"{domain}.enable")
    call("Page.navigate", url=url)
    deadline = time.monotonic() + seconds
    loaded = "document.readyState === 'complete' && location.href !== 'about:blank'"
    while not evaluate(f"{loaded} && ({ready})"):
        if time.monotonic() > deadline:
            page.errors.append(f"not ready after {seconds} s")
            break
        time.sleep(0.1)
    page.answers = {name: evaluate(expression) for name, expression in ask.items()}
    return page


def _note(page, message):
    params = message.get("params", {})
    method = message.get("method")
    if method == "Network.requestWillBeSent":
        page.requests.append(params["request"]["url"])
    elif method == "Runtime.exceptionThrown":
        page.errors.append(json.dumps(params["exceptionDetails"])[:500])
    elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "assert"}:
        page.errors.append(json.dumps(params["args"])[:500])
    elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
        page.errors.append(re.sub(r"\s+", " ", params["entry"]["text"])[:500])
