"""The first page of `crmreco serve` as a headless browser draws it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Optional

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Of the window, in pixels.
SIZE = (1000, 760)


def find_browser() -> Optional[str]:
    found = (shutil.which(name) for name in BROWSERS)
    return next((path for path in found if path), None)


def shoot(browser: str, program: Path, work: Path, home: str) -> bytes:
    environment = {**os.environ, "CRMRECO_HOME": home, "TZ": "Europe/Paris"}
    command = [program, "serve", "--addr", "127.0.0.1:0", "--json"]
    server = subprocess.Popen(command, cwd=work, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        return picture_of(browser, url_of(server))
    finally:
        server.terminate()
        server.wait()


def url_of(server: subprocess.Popen) -> str:
    """The address in the JSON document that the server prints once it listens; the one that logs in, where there is one."""
    document = ""
    for line in server.stdout:
        document += line
        if line.startswith("}"):
            printed = json.loads(document)
            return printed.get("login_url") or printed["url"]
    raise SystemExit("crmreco serve ended before it listened")


def picture_of(browser: str, url: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="crmreco-browser-") as folder:
        to = Path(folder) / "page.png"
        width, height = SIZE
        command = [browser, "--headless=new", "--disable-gpu", "--hide-scrollbars", "--lang=fr", f"--user-data-dir={folder}/profile"]
        # In a container the sandbox cannot start; nothing but our own page is opened. The page listens to events for as
        # long as it is open: the timeout ends the wait for more.
        command += ["--no-sandbox", "--timeout=2000", f"--window-size={width},{height}", f"--screenshot={to}", url]
        done = subprocess.run(command, capture_output=True, timeout=60)
        if not to.exists():
            raise SystemExit(f"{browser} drew nothing:\n{done.stderr.decode(errors='replace')}")
        return to.read_bytes()
