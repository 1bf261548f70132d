"""How fast the page of connectors is, beside a route of axum that answers nothing, and what it takes of memory.

Makes an estate of a million sales lines and fifty connectors, then lets `hey` ask for the page and for the empty route
in turn, round after round, at a steady pace. Needs Linux, Python 3.9, cargo, and hey (Debian's package of that name).
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import shutil
import signal
import statistics
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benches" / "peers"))
from estate import Estate, Size  # noqa: E402
from program import build  # noqa: E402

# At most: milliseconds, MiB, bytes.
MOST_P99 = 20
MOST_MEMORY = 64
MOST_WEIGHT = 60_000
# Who ask at the same time.
WORKERS = 10
EMPTY = "an empty axum route"
PAGE = "the page of connectors"
SMALL = Size(customers=50, wines=10, sales=100, stock=10)


class Round(NamedTuple):
    """What one server took, in milliseconds and MiB."""

    median: float
    p99: float
    slowest: float
    answers: int
    peak: float


def main() -> None:
    options = parse()
    if not shutil.which("hey"):
        sys.exit("hey is not installed, and it is what asks")
    program = options.program.resolve() if options.program else build()
    scratch = options.work.resolve()
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        home = make_home(scratch, program, options)
        crmreco = [str(program), "--home", str(home), "serve", "--addr", "127.0.0.1:0", "--no-login", "--json"]
        servers = {PAGE: crmreco} if options.page_alone else {EMPTY: [str(build_empty_route()), "--serve"], PAGE: crmreco}
        rounds: dict[str, list[Round]] = {name: [] for name in servers}
        for _ in range(options.rounds):
            for name, command in servers.items():
                with serving(command) as (url, process):
                    rounds[name].append(ask(url, process, options))
        with serving(crmreco) as (url, _):
            weight = weigh(url)
        tell(rounds, weight, options)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 benches/pages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sales", type=int, default=Size.sales, metavar="ROWS")
    parser.add_argument("--customers", type=int, default=Size.customers, metavar="ROWS")
    parser.add_argument("--connectors", type=int, default=50)
    parser.add_argument("--rate", type=int, default=200, help="requests a second [200]")
    parser.add_argument("--seconds", type=int, default=20, help="of each round [20]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page-alone", action="store_true", help="leave out the empty route")
    parser.add_argument("--program", type=Path, help="the crmreco to time [the release build of this checkout]")
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "pages", help="where the estate is made [target/pages]")
    parser.add_argument("--json", type=Path, help="write the results there, for machines")
    return parser.parse_args()


def build_empty_route() -> Path:
    command = ["cargo", "bench", "--no-run", "--locked", "--bench", "empty_route", "--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        sys.exit("the empty route cannot be built")
    messages = map(json.loads, built.stdout.splitlines())
    # The program itself is built on the way, and may come last.
    built_here = [message for message in messages if message.get("executable") and message["target"]["name"] == "empty_route"]
    return Path(built_here[-1]["executable"])


def make_home(work: Path, program: Path, options: argparse.Namespace) -> Path:
    """A home whose first connector is the whole estate, the others small ones; all of them synced."""
    home = work / "home"
    home.mkdir(parents=True)
    sizes = {"whole": Size(options.customers, Size.wines, options.sales, Size.stock), "small": SMALL}
    for name, size in sizes.items():
        (work / name).mkdir()
        Estate(size, 1).export(work / name)
    names = ["whole", *["small"] * (options.connectors - 1)]
    lines = [
        f"CRMRECO_CONNECTOR__CAVE_{at}__{key}={value}\n"
        for at, name in enumerate(names)
        for key, value in (("TYPE", "isavigne"), ("EXPORT_PATH", work / name))
    ]
    (home / ".env").write_text("".join(lines))
    subprocess.run([str(program), "--home", str(home), "sync", "--all", "--quiet"], check=True)
    return home


@contextmanager
def serving(command: list[str]) -> Iterator[tuple[str, subprocess.Popen]]:
    """A server, and the address it answers at."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        said = ""
        while not (found := re.search(r"http://[^\s\"]+", said)):
            line = process.stdout.readline()
            if not line:
                sys.exit(f"{command[0]} does not serve")
            said += line
        yield found.group(), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def ask(url: str, process: subprocess.Popen, options: argparse.Namespace) -> Round:
    """Asks for `url` at a steady pace; every answer must be good."""
    pace = options.rate // WORKERS
    command = ["hey", "-z", f"{options.seconds}s", "-c", str(WORKERS), "-q", str(pace), "-o", "csv", url]
    asked = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answers = list(csv.DictReader(io.StringIO(asked.stdout)))
    if bad := [answer for answer in answers if answer["status-code"] != "200"]:
        sys.exit(f"{len(bad)} of {len(answers)} answers of {url} were no pages")
    times = sorted(1000 * float(answer["response-time"]) for answer in answers)
    return Round(statistics.median(times), times[len(times) * 99 // 100], times[-1], len(times), peak(process))


def peak(process: subprocess.Popen) -> float:
    """The most memory it had, in MiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def weigh(url: str) -> int:
    """Bytes of the page and of all that it names."""
    page = urllib.request.urlopen(url).read()
    named = set(re.findall(rb"(?:src|href)=\"(/assets/[^\"]+)\"", page))
    root = url.rsplit("/", 1)[0]
    return len(page) + sum(len(urllib.request.urlopen(root + path.decode()).read()) for path in named)


def tell(rounds: dict[str, list[Round]], weight: int, options: argparse.Namespace) -> None:
    result = {
        name: {field: statistics.median(getattr(one, field) for one in played) for field in Round._fields}
        for name, played in rounds.items()
    }
    print(f"| {options.rate} requests a second, {options.seconds} s, medians of {options.rounds} rounds | median ms | p99 ms | slowest ms | peak MiB |")
    print("| --- | --: | --: | --: | --: |")
    for name, one in result.items():
        print(f"| {name} | {one['median']:.1f} | {one['p99']:.1f} | {one['slowest']:.1f} | {one['peak']:.0f} |")
    print(f"\nThe page with all that it names weighs {weight:,} bytes.")
    page = result[PAGE]
    for what, value, most in (("p99", page["p99"], MOST_P99), ("memory", page["peak"], MOST_MEMORY), ("weight", weight, MOST_WEIGHT)):
        if value > most:
            print(f"over target: {what} {value:.1f}, at most {most}", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps({"servers": result, "bytes": weight}), encoding="utf-8")


main()
