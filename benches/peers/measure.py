"""Contenders take turns, round after round; each is compared with the others of its own round."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Callable, Iterable, Optional

LAUNCH = Path(__file__).with_name("launch.py")
MIB = 1024 * 1024


class Failed(Exception):
    """A process that should have ended well did not, or did not do what it was there for."""


@dataclass(frozen=True)
class Took:
    """What one process took."""

    seconds: float
    peak_bytes: int
    output: str


@dataclass(frozen=True)
class Contender:
    """A program at a task, and how to tell that it did it."""

    name: str
    label: str
    # Rows it is given to read.
    rows: int
    # Lays the state it starts from into an empty folder; not timed.
    begin: Callable[[Path], None]
    # What is timed, run for that folder.
    command: Callable[[Path], list[str]]
    # What it left in that folder, or told: compared with `expected`.
    outcome: Callable[[Path, str], object]
    expected: object
    # Files it reads, to be in the cache.
    reads: tuple[Path, ...] = ()
    # What it guarantees, for the table.
    gives: str = ""
    # Whom it is compared with, and how much more it has to do.
    against: str = "import"
    times: float = 1
    # At most so many times that one's time, and so much memory.
    target: Optional[float] = None
    # Takes part in so many rounds, if it takes long.
    rounds: Optional[int] = None
    # Whether it is crmreco.
    is_ours: bool = False
    # Whether the others go on without it when it fails.
    is_optional: bool = False
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Result:
    """What one contender took in each round, and its share of what the one it is compared with took."""

    contender: Contender
    took: list[Took] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return median(took.seconds for took in self.took)

    @property
    def peak_mib(self) -> float:
        return max(took.peak_bytes for took in self.took) / MIB

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def rows_per_second(self) -> float:
        return self.contender.rows / self.seconds


class Comparison:
    """Contenders who take turns, and what they took so far."""

    def __init__(self, contenders: list[Contender], arena: Path, say: Callable[[str], None]):
        self.results = [Result(contender) for contender in contenders]
        self.arena = arena
        self.say = say
        # Why some dropped out.
        self.absent: dict[str, str] = {}

    def play(self, rounds: int) -> None:
        for number in range(1, rounds + 1):
            self.play_round(number)

    def play_round(self, number: int) -> None:
        of_round: dict[str, float] = {}
        for result in list(self.results):
            contender = result.contender
            if contender.rounds is not None and number > contender.rounds:
                continue
            try:
                took = run(contender, self.arena)
            except Failed as failure:
                if not contender.is_optional:
                    raise
                self.absent[contender.name] = str(failure)
                self.results.remove(result)
                continue
            of_round[contender.name] = took.seconds
            result.took.append(took)
            result.ratios.append(took.seconds / of_round[contender.against] / contender.times)
            self.say(f"round {number}  {took.seconds:8.3f} s  {took.peak_bytes / MIB:7.1f} MiB  {contender.label}")


def run(contender: Contender, arena: Path) -> Took:
    """Once, from a fresh folder, with warm files and nobody else's writes to wait for."""
    empty(arena)
    contender.begin(arena)
    for path in contender.reads:
        warm(path)
    os.sync()
    took = launch(contender.command(arena), arena, contender.environment)
    outcome = contender.outcome(arena, took.output)
    if outcome != contender.expected:
        raise Failed(f"{contender.label}: {outcome} in place of {contender.expected}")
    return took


def repeat(commands: dict[str, list[str]], times: int, folder: Path) -> dict[str, float]:
    """The median seconds of quick commands, run in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            seconds[name].append(launch(command, folder).seconds)
    return {name: median(all_seconds) for name, all_seconds in seconds.items()}


def launch(command: Iterable[object], folder: Path, environment: Optional[dict[str, str]] = None) -> Took:
    """Runs `command` in `folder`; it must end well."""
    output = folder / "output"
    words = [str(word) for word in command]
    launched = subprocess.run(
        [sys.executable, "-I", "-S", LAUNCH, output, *words],
        cwd=folder,
        env=scrubbed() | (environment or {}),
        capture_output=True,
        text=True,
    )
    if launched.returncode != 0:
        raise Failed(f"{words[0]} cannot be run: {launched.stderr}")
    status, seconds, peak = launched.stdout.split()
    text = output.read_text(encoding="utf-8", errors="replace")
    if status != "0":
        raise Failed(f"{' '.join(words)}: exit status {status}\n{launched.stderr}{text}")
    return Took(float(seconds), int(peak), text)


def scrubbed() -> dict[str, str]:
    """The environment, without what would change what crmreco does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CRMRECO_")}


def empty(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def warm(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(MIB):
            pass
