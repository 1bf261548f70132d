"""What a user would pick instead, given the same sales file. The first is what all are compared with."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from measure import Contender, Failed

LOADERS = Path(__file__).with_name("loaders")
DATABASE = "sales.db"
# dlt calls home and warns at every batch, unless told.
ENVIRONMENT = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}

COLUMNS = ["line", "document", "customer", "wine", "day", "quantity", "unit", "price", "total", "channel"]
BARE = ", ".join(COLUMNS)
KEYED = BARE.replace("line", "line TEXT PRIMARY KEY", 1)
# The file writes `1 234,50`; the blank does not break, and is a byte A0 in Windows-1252.
AMOUNT = "CAST(replace(replace({0}, CAST(x'A0' AS TEXT), ''), ',', '.') AS REAL)"
TYPED = {
    "day": "substr(day, 7) || '-' || substr(day, 4, 2) || '-' || substr(day, 1, 2)",
    "quantity": "CAST(quantity AS INTEGER)",
    "price": AMOUNT.format("price"),
    "total": AMOUNT.format("total"),
}
UPSERT = f"""
    INSERT INTO sales SELECT {", ".join(TYPED.get(column, column) for column in COLUMNS)} FROM staged WHERE true
    ON CONFLICT (line) DO UPDATE SET {", ".join(f"{column} = excluded.{column}" for column in COLUMNS[1:])}"""


def sqlite_peers(sales: Path, rows: int) -> list[Contender]:
    """Those that need nothing but sqlite3."""

    def peer(name: str, label: str, gives: str, before: list[str], into: str, after: str = "") -> Contender:
        load = [".mode csv", ".separator ;", f'.import --skip 1 "{sales}" {into}']
        return loads(name, label, gives, sales, rows, ["sqlite3", DATABASE, *before, *load, after])

    return [
        peer("import", "`sqlite3 .import`, bare table", "—", [f"CREATE TABLE sales ({BARE})"], "sales"),
        peer("import-keyed", "`sqlite3 .import`, keyed table", "keyed", [f"CREATE TABLE sales ({KEYED})"], "sales"),
        peer(
            "import-upsert",
            "`sqlite3 .import`, then a typed upsert in SQL",
            "typed · keyed · upsert",
            [f"CREATE TABLE staged ({BARE})", f"CREATE TABLE sales ({KEYED})"],
            "staged",
            f"{UPSERT}; DROP TABLE staged",
        ),
    ]


@dataclass(frozen=True)
class PipPeer:
    """A program that pip installs, in an environment of its own, and the loader that makes it load the file."""

    name: str
    label: str
    gives: str
    packages: tuple[str, ...]
    rounds: Optional[int] = None


PIP_PEERS = [
    PipPeer("duckdb", "DuckDB {duckdb}, its own table", "typed", ("duckdb",)),
    PipPeer("duckdb-sqlite", "DuckDB {duckdb} → SQLite", "typed", ("duckdb", "duckdb-extension-sqlite-scanner")),
    PipPeer("pandas", "pandas {pandas} → SQLite", "typed", ("pandas",)),
    PipPeer("sqlite-utils", "sqlite-utils {sqlite-utils}, upsert", "keyed · upsert", ("sqlite-utils",), rounds=1),
    PipPeer("dlt", "dlt {dlt}, Arrow → SQLite, merge", "typed · keyed · upsert", ("dlt[sqlalchemy]", "pyarrow"), rounds=1),
]


def pip_peer(peer: PipPeer, environments: Path, sales: Path, rows: int) -> Contender:
    """Installs `peer`, unless it is there. `Failed` when pip cannot."""
    python = install(peer, environments / peer.name)
    loader = LOADERS / f"{peer.name.replace('-', '_')}_loader.py"
    label = re.sub(r"\{(.+)\}", lambda package: version(python, package[1]), peer.label)
    command = [str(python), str(loader), str(sales), DATABASE]
    return loads(peer.name, label, peer.gives, sales, rows, command, rounds=peer.rounds, environment=ENVIRONMENT, is_optional=True)


def install(peer: PipPeer, environment: Path) -> Path:
    """The Python that has the packages of `peer`."""
    python = environment / "bin" / "python"
    if not python.exists():
        run(sys.executable, "-m", "venv", environment)
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.packages)
    return python


def version(python: Path, package: str) -> str:
    return run(python, "-c", f"from importlib.metadata import version; print(version({package!r}))").strip()


def run(*command: object) -> str:
    """What `command` prints; its last complaint when it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        complaints = (done.stderr or done.stdout).strip().splitlines() or ["it failed"]
        raise Failed(f"{' '.join(map(str, command))}: {complaints[-1]}")
    return done.stdout


def loads(name: str, label: str, gives: str, sales: Path, rows: int, command: list[str], **more) -> Contender:
    """A contender that loads `sales` into the table of that name."""
    return Contender(
        name=name,
        label=label,
        rows=rows,
        begin=lambda _: None,
        command=lambda _: command,
        outcome=lambda folder, output: rows_in(folder / DATABASE, output),
        expected=rows,
        reads=(sales,),
        gives=gives,
        **more,
    )


def rows_in(database: Path, output: str) -> int:
    """Rows that a loader left in `database`; one that leaves no SQLite file tells itself."""
    if not database.exists():
        return 0
    with database.open("rb") as file:
        is_sqlite = file.read(6) == b"SQLite"
    if not is_sqlite:
        return int(output)
    connection = sqlite3.connect(database)
    try:
        return connection.execute("SELECT count(*) FROM sales").fetchone()[0]
    finally:
        connection.close()
