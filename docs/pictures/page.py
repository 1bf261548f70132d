"""The first page of `crmreco serve` as a headless browser draws it."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Optional

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Of the window, in pixels.
SIZE = (1000, 760)


def find_browser() -> Optional[str]:
    found = (shutil.which(name) for name in BROWSERS)
    return next((path for path in found if path), None)


def shoot(browser: str, program: Path, work: Path, home: str) -> bytes:
    token = secrets.token_hex(32)
    environment = {**os.environ, "CRMRECO_HOME": home, "CRMRECO_SERVE_TOKEN": token, "TZ": "Europe/Paris"}
    command = [program, "serve", "--addr", "127.0.0.1:0", "--json"]
    server = subprocess.Popen(command, cwd=work, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        return picture_of(browser, html_of(url_of(server), token))
    finally:
        server.terminate()
        server.wait()


def url_of(server: subprocess.Popen) -> str:
    """The address in the JSON document that the server prints once it listens."""
    document = ""
    for line in server.stdout:
        document += line
        if line.startswith("}"):
            return json.loads(document)["url"]
    raise SystemExit("crmreco serve ended before it listened")


def html_of(url: str, token: str) -> str:
    """The page, to be drawn from a file: the served one keeps a connection open for events, and a browser waits for its end."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}", "Accept": "text/html"})
    html = read(request).decode()

    def within(image: re.Match) -> str:
        content = base64.b64encode(read(urllib.parse.urljoin(url, image[1]))).decode()
        return f'src="data:image/svg+xml;base64,{content}"'

    return re.sub(r'src="(/[^"]+\.svg)"', within, html).replace("<script", "<script type=none")


def read(request: urllib.request.Request | str) -> bytes:
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def picture_of(browser: str, html: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="crmreco-browser-") as folder:
        page, picture = Path(folder) / "page.html", Path(folder) / "page.png"
        page.write_text(html, encoding="utf-8")
        width, height = SIZE
        # In a container the sandbox cannot start; nothing but our own page is opened.
        command = [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--lang=fr"]
        command += [f"--user-data-dir={folder}/profile", f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=60)
        if not picture.exists():
            raise SystemExit(f"{browser} drew nothing:\n{done.stderr.decode(errors='replace')}")
        return picture.read_bytes()
