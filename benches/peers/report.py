"""What was measured, told to people and to machines."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Optional

import chart
from estate import Size
from measure import Failed, Result

MOST_PEAK_MIB = 48
# Ten times the lines may take so much more memory.
MOST_PEAK_GROWTH = 1.1
QUICK_TARGETS_MS = {"status": 20, "metrics": 20, "list": 20, "logs": 20, "--version": 5}

CHART = Path(__file__).with_name("chart.svg")
BEGIN = "<!-- figures: python3 benches/peers --write-docs -->"
END = "<!-- end of figures -->"


@dataclass(frozen=True)
class Report:
    """All figures of one run."""

    size: Size
    rounds: int
    program: Path
    results: list[Result]
    # Median seconds of the commands that people wait for.
    quick: dict[str, float]
    # Why some peers took no part.
    absent: dict[str, str]

    def text(self) -> str:
        """Markdown, which a terminal shows as well."""
        parts = [self.conditions(), self.comparison(), self.growth(), self.commands(), self.absence()]
        return "\n\n".join(part for part in parts if part) + "\n"

    def conditions(self) -> str:
        return (
            f"{self.size.sales:,} sales lines, {self.size.customers:,} customers, {self.size.wines:,} wines; {os.cpu_count()} cores; "
            f"medians of {self.rounds} rounds, {datetime.date.today():%B %Y}; each ratio is between two runs of one round. "
            f"crmreco may take {MOST_PEAK_MIB} MiB at most."
        )

    def comparison(self) -> str:
        compared = [result for result in self.results if result.contender.against == "import"]
        rows = [
            (
                result.contender.label,
                figure(result.ratio, 2),
                figure(result.contender.target, 2),
                figure(result.seconds, 2),
                f"{result.rows_per_second:,.0f}" if result.contender.rows else "—",
                figure(result.peak_mib, 0),
                result.contender.gives,
            )
            for result in compared
        ]
        return table(("", "× `.import`", "at most", "seconds", "rows/s", "peak MiB", "rows are"), rows)

    def growth(self) -> str:
        """Of those with more to do, against the same with less."""
        grown = [result for result in self.results if result.contender.against != "import"]
        rows = [
            (
                result.contender.label,
                figure(result.ratio, 2),
                figure(result.contender.target, 2),
                figure(self.peak_growth(result), 2),
                figure(MOST_PEAK_GROWTH, 2),
                figure(result.seconds, 2),
                figure(result.peak_mib, 0),
            )
            for result in grown
        ]
        return table(("", "time a row ×", "at most", "peak ×", "at most", "seconds", "peak MiB"), rows) if rows else ""

    def peak_growth(self, result: Result) -> float:
        smaller = next(one for one in self.results if one.contender.name == result.contender.against)
        return result.peak_mib / smaller.peak_mib

    def commands(self) -> str:
        rows = [(f"`{name}`", figure(seconds * 1000, 1), str(QUICK_TARGETS_MS[name])) for name, seconds in self.quick.items()]
        return table(("on that database", "ms", "at most"), rows)

    def absence(self) -> str:
        return f"Could not be had here: {', '.join(self.absent)}." if self.absent else ""

    def misses(self) -> list[str]:
        """Figures over their targets."""
        checks = []
        for result in self.results:
            contender = result.contender
            checks.append((contender.label, "×", result.ratio, contender.target))
            checks.append((contender.label, "MiB", result.peak_mib, MOST_PEAK_MIB if contender.is_ours else None))
            checks.append((contender.label, "× peak", self.peak_growth(result), MOST_PEAK_GROWTH if contender.times > 1 else None))
        checks += [(name, "ms", seconds * 1000, QUICK_TARGETS_MS[name]) for name, seconds in self.quick.items()]
        return [f"{label}: {value:.2f} {unit}, at most {most}" for label, unit, value, most in checks if most is not None and value > most]

    def json(self) -> str:
        """Everything, one document."""
        document = {
            "size": vars(self.size),
            "rounds": self.rounds,
            "system": system(self.program),
            "contenders": [self.contender_json(result) for result in self.results],
            "commands": [
                {"name": name, "milliseconds": seconds * 1000, "target": QUICK_TARGETS_MS[name]} for name, seconds in self.quick.items()
            ],
            "absent": self.absent,
            "misses": self.misses(),
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    def contender_json(self, result: Result) -> dict:
        contender = result.contender
        return {
            "name": contender.name,
            "label": contender.label,
            "rows": contender.rows,
            "outcome": contender.expected,
            "against": contender.against,
            "ratio": result.ratio,
            "target": contender.target,
            "seconds": result.seconds,
            "rows_per_second": result.rows_per_second,
            "peak_mib": result.peak_mib,
            "all_seconds": [took.seconds for took in result.took],
            "all_ratios": result.ratios,
        }


def write_docs(report: Report, root: Path) -> None:
    """Puts the figures between their two comments in docs/speed.md, and draws the chart above them."""
    CHART.write_text(chart.draw(report.results), encoding="utf-8")
    page = root / "docs" / "speed.md"
    before, begun, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        raise Failed(f"{page} has no place for the figures: {BEGIN} … {END}")
    picture = f"![Time of each, as a multiple of sqlite3 .import](../{CHART.relative_to(root).as_posix()})"
    page.write_text(f"{before}{BEGIN}\n\n{picture}\n\n{report.text()}\n{END}{after}", encoding="utf-8")


def system(program: Path) -> dict:
    def told_by(*command: object) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")[0]

    return {
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite3": told_by("sqlite3", "--version").split()[0],
        "crmreco": told_by(program, "--version"),
    }


def figure(value: Optional[float], decimals: int) -> str:
    return "" if value is None else f"{value:,.{decimals}f}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table whose columns stand under one another: the first at its left, figures at their right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    first, *others = widths
    lines.insert(1, ["-" * first, *("-" * (width - 1) + ":" for width in others)])
    return "\n".join(
        f"| {line[0]:<{first}} | {' | '.join(cell.rjust(width) for cell, width in zip(line[1:], others))} |" for line in lines
    )
