"""crmreco: built here, and what it is timed at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

from estate import Exports
from measure import Contender, Failed, launch

ROOT = Path(__file__).resolve().parents[2]
NAME = "estate"
SETTINGS = f"""\
CRMRECO_CONNECTOR__{NAME.upper()}__TYPE=isavigne
CRMRECO_CONNECTOR__{NAME.upper()}__EXPORT_PATH=../exports
"""
COUNTED = ("inserted", "updated", "unchanged", "rejected")


def build() -> Path:
    """The release binary of this checkout."""
    command = ["cargo", "build", "--release", "--locked", "--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        raise Failed("crmreco cannot be built")
    messages = map(json.loads, built.stdout.splitlines())
    programs = [message["executable"] for message in messages if message.get("executable")]
    return Path(programs[-1])


@dataclass(frozen=True)
class Files:
    """What an estate exported, and what it will export next."""

    exports: Exports
    # Tomorrow's sales, and how many of their lines are others.
    changed: Path
    changed_lines: int
    # Tomorrow's sales, in another order.
    shuffled: Optional[Path] = None
    # The estate with ten times the sales.
    tenfold: Optional[Exports] = None


class Program:
    """crmreco at one estate. Homes from which it goes on are made once, in `work`."""

    def __init__(self, path: Path, files: Files, work: Path):
        self.path = path
        self.files = files
        self.work = work

    def contenders(self) -> list[Contender]:
        """All that it is timed at, in an order that reads well."""
        exports, files = self.files.exports, self.files
        sales = exports.size.sales
        tomorrow = [*exports.all(), files.changed]
        cases = [
            self.case("first-sales", "first sync of the sales file", [exports.sales], {"inserted": sales}, target=0.9),
            self.case("first-folder", "first sync of the whole folder", exports.all(), {"inserted": exports.size.rows()}, target=1.6),
            self.case("unchanged", "the same folder again, unchanged", exports.all(), {}, synced=exports, target=0.08),
            self.case(
                "changed",
                "a new sales file, 1 % of its lines changed",
                tomorrow,
                {"updated": files.changed_lines, "unchanged": sales - files.changed_lines},
                synced=exports,
                target=0.6,
            ),
            self.case("full", "the same folder again, `--full`", exports.all(), {"unchanged": exports.size.rows()}, synced=exports, flags=["--full"]),
        ]
        if files.shuffled:
            again = [*exports.all(), files.shuffled]
            cases.append(self.case("shuffled", "a new sales file, lines in another order", again, {"unchanged": sales}, synced=exports))
        if files.tenfold:
            cases += self.tenfold(files.tenfold)
        return cases

    def tenfold(self, exports: Exports) -> list[Contender]:
        """The same for ten times the sales: as much time a row, and no more memory."""
        one, ten = self.files.exports.size, exports.size

        def case(against: str, label: str, exported: list[Path], before: int, rows: int) -> Contender:
            name = f"{against}-tenfold"
            return self.case(name, label, exported, {"inserted": rows}, against=against, times=rows / before, target=1.15, rounds=3)

        return [
            case("first-sales", "first sync of a sales file ten times as long", [exports.sales], one.sales, ten.sales),
            case("first-folder", "first sync of a folder with ten times the sales", exports.all(), one.rows(), ten.rows()),
        ]

    def case(
        self,
        name: str,
        label: str,
        exported: list[Path],
        counts: dict[str, int],
        synced: Optional[Exports] = None,
        flags: Optional[list[str]] = None,
        **more,
    ) -> Contender:
        """A sync of the files `exported`, in a home that is new or where `synced` were before."""

        def begin(folder: Path) -> None:
            if synced:
                shutil.copytree(self.synced_home(synced), folder / "home")
            else:
                self.lay_home(folder / "home")
            lay_exports(folder / "exports", exported)

        return Contender(
            name=name,
            label=f"crmreco: {label}",
            rows=sum(counts.values()),
            begin=begin,
            command=lambda folder: self.sync(folder, flags),
            outcome=lambda _, output: counts_of(output),
            expected={one: counts.get(one, 0) for one in COUNTED},
            reads=tuple(exported),
            gives="typed · keyed · upsert",
            is_ours=True,
            **more,
        )

    def sync(self, folder: Path, flags: Optional[list[str]] = None) -> list[str]:
        return [str(self.path), "--home", str(folder / "home"), "sync", NAME, "--json", *(flags or [])]

    def lay_home(self, home: Path) -> None:
        home.mkdir()
        (home / ".env").write_text(SETTINGS)
        (home / ".env").chmod(0o600)

    def synced_home(self, exports: Exports) -> Path:
        """A home where `exports` were synced before."""
        folder = self.work / "synced"
        if not folder.exists():
            folder.mkdir(parents=True)
            self.lay_home(folder / "home")
            lay_exports(folder / "exports", exports.all())
            launch(self.sync(folder), folder)
        return folder / "home"

    def quick_commands(self) -> dict[str, list[str]]:
        """Commands that people wait for, on the synced home."""
        home = ["--home", str(self.synced_home(self.files.exports))]
        commands = {name: [str(self.path), *home, name] for name in ("status", "metrics", "list")}
        commands["logs"] = [str(self.path), *home, "logs", NAME]
        commands["--version"] = [str(self.path), "--version"]
        return commands


def lay_exports(folder: Path, exported: list[Path]) -> None:
    folder.mkdir()
    for path in exported:
        os.link(path, folder / path.name)


def counts_of(output: str) -> dict[str, int]:
    """Rows of all tables, by what became of them."""
    records = json.loads(output)["records"].values()
    return {one: sum(table[one] for table in records) for one in COUNTED}
