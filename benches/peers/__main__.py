"""How fast crmreco is, beside what a user would pick instead: ratios, peak memory, rows per second.

Makes an estate of a million sales lines, then runs crmreco and its peers in turn, round after round; each ratio is
between two runs of one round. Needs a Unix with Python 3.9, cargo and sqlite3; peers that pip cannot install are left
out, and said to be.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from estate import Estate, Size
from measure import Comparison, Contender, Failed, repeat
from peers import PIP_PEERS, pip_peer, sqlite_peers
from program import ROOT, Files, Program, build
from report import Report, write_docs


def main() -> None:
    options = parse()
    if not shutil.which("sqlite3"):
        sys.exit("sqlite3 is not installed, and it is what all is compared with")
    scratch = options.work.resolve() / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        tell(measure(options, scratch), options)
    except Failed as failure:
        sys.exit(str(failure))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def measure(options: argparse.Namespace, scratch: Path) -> Report:
    """Makes the estate, and lets everybody take turns at it."""
    size = Size(options.customers, options.wines, options.sales, options.stock)
    path = options.program.resolve() if options.program else build()
    crmreco = Program(path, make_files(size, options, scratch / "estate"), scratch)
    contenders, absent = pick(options, crmreco, options.work.resolve() / "environments")
    comparison = Comparison(contenders, scratch / "arena", say)
    comparison.play(options.rounds)
    quick = repeat(crmreco.quick_commands(), options.quick_runs, scratch)
    return Report(size, options.rounds, path, comparison.results, quick, absent | comparison.absent)


def tell(report: Report, options: argparse.Namespace) -> None:
    """Says it to whoever wants to know."""
    print(report.text())
    for name, reason in report.absent.items():
        say(f"{name} took no part: {reason}")
    for miss in report.misses():
        say(f"over target: {miss}")
    if options.json:
        options.json.write_text(report.json(), encoding="utf-8")
    if options.write_docs:
        write_docs(report, ROOT)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 benches/peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind in ("customers", "wines", "sales", "stock"):
        parser.add_argument(f"--{kind}", type=int, default=getattr(Size, kind), metavar="ROWS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5, help="times everything is run [5]")
    parser.add_argument("--quick-runs", type=int, default=40, help="times each quick command is run [40]")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these, and what they are compared with")
    parser.add_argument("--no-pip", action="store_true", help="leave out the peers that pip would install")
    parser.add_argument("--shuffled", action="store_true", help="also a sales file in another order")
    parser.add_argument("--tenfold", action="store_true", help="also ten times the sales lines")
    parser.add_argument("--program", type=Path, help="the crmreco to time [the release build of this checkout]")
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "peers", help="where files and environments are made [target/peers]")
    parser.add_argument("--json", type=Path, help="write the results there, for machines")
    parser.add_argument("--write-docs", action="store_true", help="put table and chart into docs/speed.md")
    return parser.parse_args()


def make_files(size: Size, options: argparse.Namespace, folder: Path) -> Files:
    """The exports that everything reads."""
    say(f"writing {size.rows():,} rows into {folder}")
    parts = {name: folder / name for name in ("today", "changed", "shuffled", "tenfold")}
    for part in parts.values():
        part.mkdir(parents=True)
    estate = Estate(size, options.seed)
    tenfold = Size(size.customers, size.wines, 10 * size.sales, size.stock)
    changed, changed_lines = estate.export_changed(parts["changed"])
    return Files(
        exports=estate.export(parts["today"]),
        changed=changed,
        changed_lines=changed_lines,
        shuffled=estate.export_shuffled(parts["shuffled"]) if options.shuffled else None,
        tenfold=Estate(tenfold, options.seed).export(parts["tenfold"]) if options.tenfold else None,
    )


def pick(options: argparse.Namespace, crmreco: Program, environments: Path) -> tuple[list[Contender], dict[str, str]]:
    """Who takes part, each after whom it is compared with, and why others cannot."""
    exports = crmreco.files.exports
    here = sqlite_peers(exports.sales, exports.size.sales) + crmreco.contenders()
    from_pip = [] if options.no_pip else PIP_PEERS
    if options.only:
        wanted = {"import", *options.only}
        known = [one.name for one in [*here, *from_pip]]
        if unknown := wanted.difference(known):
            raise Failed(f"{', '.join(unknown)}: not among {', '.join(known)}")
        wanted |= {one.against for one in here if one.name in wanted}
        here = [one for one in here if one.name in wanted]
        from_pip = [peer for peer in from_pip if peer.name in wanted]
    absent = {}
    for peer in from_pip:
        try:
            say(f"installing {' '.join(peer.packages)}")
            here.append(pip_peer(peer, environments, exports.sales, exports.size.sales))
        except Failed as failure:
            absent[peer.name] = str(failure)
    return here, absent


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


main()
