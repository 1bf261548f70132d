"""Makes the pictures of the README from the real program, on a copy of the sample estate.

terminal.svg: what some commands print, colours included. Needs Python 3.9 on a Unix, nothing else.
page.png: the first page of `crmreco serve`. Needs Chromium or Chrome too; without one the old picture stays.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import page
import terminal

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The folder's name as the commands print it.
ESTATE = "examples"


def main() -> None:
    options = parse()
    program = (options.program or build()).resolve()
    with tempfile.TemporaryDirectory(prefix="crmreco-pictures-") as folder:
        work = Path(folder)
        copy_estate(work / ESTATE)
        session = terminal.play(program, work, ESTATE)
        write(options.to / "terminal.svg", terminal.draw(session).encode())
        if options.terminal_only:
            return
        browser = page.find_browser()
        if browser is None:
            sys.exit("page.png was not made: no chromium, chromium-browser, google-chrome or chrome in PATH")
        write(options.to / "page.png", page.shoot(browser, program, work, ESTATE))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 docs/pictures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, help="the crmreco to show [the release build of this checkout]")
    parser.add_argument("--to", type=Path, default=HERE, help="folder of the pictures [docs/pictures]")
    parser.add_argument("--terminal-only", action="store_true", help="make terminal.svg alone")
    return parser.parse_args()


def build() -> Path:
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    return ROOT / "target" / "release" / "crmreco"


def copy_estate(to: Path) -> None:
    """Settings and exports, without the database of earlier syncs."""
    to.mkdir()
    shutil.copy(ROOT / "examples" / ".env", to)
    shutil.copytree(ROOT / "examples" / "exports", to / "exports")


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    print(f"{path}: {len(content) / 1000:.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
