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
    times: int = 1
    # At most so many times that one's time, and so much memory.
    target: Optional[float] = None
    # Takes part in so many rounds, if it takes long.
    rounds: Optional[int] = None
    # Whether it is crmreco.
    is_ours: bool = False
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
    def ratio(self) -> Optional[float]:
        return median(self.ratios) if self.ratios else None

    @property
    def rows_per_second(self) -> float:
        return self.contender.rows / self.seconds


def compare(contenders: list[Contender], rounds: int, arena: Path, say: Callable[[str], None]) -> list[Result]:
    """Runs all contenders in turn, so many times."""
    results = {contender.name: Result(contender) for contender in contenders}
    for number in range(1, rounds + 1):
        of_round: dict[str, float] = {}
        for contender in contenders:
            if contender.rounds is not None and number > contender.rounds:
                continue
            took = run(contender, arena)
            result = results[contender.name]
            result.took.append(took)
            of_round[contender.name] = took.seconds
            reference = of_round.get(contender.against)
            if reference is not None:
                result.ratios.append(took.seconds / reference / contender.times)
            say(f"{number}/{rounds}  {took.seconds:8.3f} s  {took.peak_bytes / MIB:7.1f} MiB  {contender.label}")
    return list(results.values())


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
