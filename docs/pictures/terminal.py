"""A terminal session as an SVG: commands are run on a pseudo-terminal, so that their output has its colours."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from dataclasses import dataclass
from html import escape
from pathlib import Path

COMMANDS = [
    "crmreco sync isavigne_demo",
    "crmreco logs isavigne_demo --rejects",
    "crmreco sync isavigne_demo",
]

COLUMNS = 124
# Of a character cell, in pixels.
WIDTH, HEIGHT = 7.8, 18
MARGIN, TITLE_BAR = 16, 34

# Select Graphic Rendition (ECMA-48, 8.3.117): what sets a style here, and its class in the SVG.
CLASSES = {1: "bold", 2: "dim", 31: "red", 32: "green", 33: "yellow", 34: "blue", 35: "magenta", 36: "cyan", 90: "dim"}
ENDS = {0: set(CLASSES.values()), 22: {"bold", "dim"}, 39: {"red", "green", "yellow", "blue", "magenta", "cyan"}}

STYLE = """
    rect { fill: #1c1f26 }
    .bar { fill: #2a2e37 }
    text { fill: #e6e6e6; font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
    .bold { font-weight: 700 }
    .dim { fill: #9aa4b0 }
    .red { fill: #ff7b72 } .green { fill: #7ee787 } .yellow { fill: #e3b341 }
    .blue { fill: #79c0ff } .magenta { fill: #d2a8ff } .cyan { fill: #76e3ea }
    .prompt { fill: #e0567f; font-weight: 700 }
    .typed { fill: #ffffff; font-weight: 700 }
"""


@dataclass(frozen=True)
class Span:
    """Text of one style."""

    text: str
    classes: tuple[str, ...] = ()


Line = list[Span]


def play(program: Path, work: Path, home: str) -> list[Line]:
    """What a person sees who runs the commands one after the other in folder `work`."""
    lines: list[Line] = []
    for command in COMMANDS:
        if lines:
            lines.append([])
        lines.append([Span("$ ", ("prompt",)), Span(command, ("typed",))])
        lines += styled_lines(printed_by(program, command.split()[1:], work, home))
    return lines


def printed_by(program: Path, arguments: list[str], work: Path, home: str) -> str:
    """The standard output of the program, which sees a terminal there. Progress bars go to standard error, unseen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {"PATH": path, "HOME": str(work), "CRMRECO_HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "Europe/Paris"}
    process = subprocess.Popen(["crmreco", *arguments], executable=program, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    printed = bytearray()
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # Linux says so (EIO) once the program has ended.
            break
        if not some:
            break
        printed += some
    os.close(ours)
    _, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"{arguments}: {errors.decode()}")
    return printed.decode().replace("\r\n", "\n")


def styled_lines(printed: str) -> list[Line]:
    lines: list[Line] = []
    classes: list[str] = []
    for row in printed.rstrip("\n").split("\n"):
        line: Line = []
        for at, part in enumerate(re.split(r"\x1b\[([0-9;]*)m", row)):
            if at % 2:
                for code in part.split(";"):
                    classes = changed(classes, int(code or 0))
            elif part:
                line.append(Span(part, tuple(classes)))
        lines += wrapped(line)
    return lines


def wrapped(line: Line) -> list[Line]:
    """`line` as a terminal of `COLUMNS` shows it."""
    rows: list[Line] = [[]]
    room = COLUMNS
    for span in line:
        text = span.text
        while len(text) > room and text.strip():
            rows[-1].append(Span(text[:room], span.classes))
            rows.append([])
            text, room = text[room:], COLUMNS
        rows[-1].append(Span(text, span.classes))
        room -= len(text)
    return rows


def changed(classes: list[str], code: int) -> list[str]:
    """`classes` after a code that sets or ends some."""
    kept = [one for one in classes if one not in ENDS.get(code, ())]
    if code in CLASSES:
        kept = [one for one in kept if one != CLASSES[code]] + [CLASSES[code]]
    return kept


def draw(lines: list[Line]) -> str:
    width = round(COLUMNS * WIDTH + 2 * MARGIN)
    height = len(lines) * HEIGHT + TITLE_BAR + MARGIN
    dots = "".join(
        f'<circle cx="{18 + 18 * at}" cy="17" r="5.5" fill="{colour}"/>' for at, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    rows = "\n".join(draw_line(line, at) for at, line in enumerate(lines) if line)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="title">
  <title id="title">A terminal session: crmreco syncs the sample estate, and lists the rejected rows</title>
  <style>{STYLE}  </style>
  <rect width="{width}" height="{height}" rx="8"/>
  <path class="bar" d="M0 {TITLE_BAR - 4}V8a8 8 0 0 1 8-8H{width - 8}a8 8 0 0 1 8 8V{TITLE_BAR - 4}z"/>
  {dots}
{rows}
</svg>
"""


def draw_line(line: Line, at: int) -> str:
    """Each style's text is given its length: fonts differ in width, the columns of tables must not."""
    y = TITLE_BAR + HEIGHT * (at + 1) - 5
    parts, column = [], 0
    for span in line:
        text = span.text.rstrip() if span is line[-1] else span.text
        if text.strip():
            start = len(text) - len(text.lstrip())
            bare = text.strip()
            x = MARGIN + (column + start) * WIDTH
            style = f' class="{" ".join(span.classes)}"' if span.classes else ""
            length = len(bare) * WIDTH
            parts.append(f'<tspan x="{x:.1f}" textLength="{length:.1f}"{style}>{escape(bare, quote=False)}</tspan>')
        column += len(span.text)
    return f'  <text y="{y}">{"".join(parts)}</text>'
