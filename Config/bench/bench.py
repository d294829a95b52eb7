#!/usr/bin/env python3
"""How near to the wire kusto-spool is: each figure a ratio of two measurements of one run (see `make bench`).

    bench.py BIN OUT [--points 1,2,…] [--repeats N] [--large GIB] [--files N]

BIN has the release programs; OUT gets results.json, table.md and the plots (bounds.svg, costs.svg).
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time

import plots
import points
from parts import CLOUD_CORE


class Bench:
    """What all points share: programs, a scratch directory, files to ingest."""

    def __init__(self, options):
        self.options = options
        self.bin = os.path.abspath(options.bin)
        self.out = os.path.abspath(options.out)
        self.scratch = f"{self.out}/scratch"
        self.wrapper = options.wrapper.split() if options.wrapper else []
        shutil.rmtree(self.scratch, ignore_errors=True)
        os.makedirs(self.scratch)
        self.made = 0
        self.rows = []
        self.costs = []

    def program(self, name):
        return f"{self.bin}/{name}"

    def fresh(self, name):
        self.made += 1
        path = f"{self.scratch}/{self.made}-{name}"
        os.mkdir(path)
        return path

    def repeats(self, usual):
        return self.options.repeats or usual

    @property
    def certificate(self):
        path = f"{self.scratch}/tls"
        if not os.path.exists(f"{path}.pem"):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{path}.key", "-out", f"{path}.pem"],
                check=True, stderr=subprocess.DEVNULL)
        return f"{path}.pem", f"{path}.key"

    def small_files(self, count, size=4096):
        """A directory of CSV files of that size, of lines such as a web server's."""
        directory = self.fresh("files")
        chance = random.Random(4)
        pages = []
        for _ in range(64):
            lines, length = [], 0
            while True:
                line = "2026-01-01T00:%02d:%02d.%03dZ,10.%d.%d.%d,GET,/api/v1/items/%d,%d,%d,%.4f\n" % (
                    chance.randrange(60), chance.randrange(60), chance.randrange(1000), chance.randrange(256), chance.randrange(256),
                    chance.randrange(256), chance.randrange(10**6), chance.choice([200, 200, 200, 304, 404, 500]),
                    chance.randrange(10**5), chance.random())
                if length + len(line) > size:
                    break
                lines.append(line)
                length += len(line)
            pages.append("".join(lines).encode())
        for number in range(count):
            with open(f"{directory}/{number:07d}.csv", "wb") as file:
                file.write(b"%07d" % number + pages[number % 64][7:])
        return directory

    def large_file(self, gib):
        """A CSV file of that many GiB."""
        path = f"{self.fresh('large')}/large.csv"
        subprocess.run(
            ["python3", f"{os.path.dirname(os.path.abspath(__file__))}/large_file.py", path, str(gib)], check=True)
        return path

    def row(self, point, what, asked, values, unit="", better="less", **details):
        """One line of the table; `values` are of each repeat."""
        middle = statistics.median(values)
        met = middle <= asked if better == "less" else middle >= asked
        self.rows.append({
            "point": point, "what": what, "asked": asked, "better": better, "median": middle, "min": min(values), "max": max(values),
            "unit": unit, "met": met, **details})
        sign = "≤" if better == "less" else "≥"
        print(f"   {what}: {middle:.2f}{unit} ({min(values):.2f} to {max(values):.2f}), asked {sign} {asked}{unit}: "
              f"{'reached' if met else 'missed'}", flush=True)


    def cost(self, what, runs, flushes=None):
        """One line of the table of costs: the medians of its runs, and what they say of the busier side. `flushes` a file are of a run of their own."""
        numbers = {name: statistics.median(run[name] for run in runs) for name in runs[0] if name != "busier"}
        busier = sorted({run["busier"] for run in runs})
        self.costs.append({"what": what, **numbers, **({} if flushes is None else {"flushes": flushes}), "busier": " or ".join(busier)})
        print("   " + ", ".join(f"{name} {value:.3g}" for name, value in numbers.items()) + ("" if flushes is None else f", flushes {flushes:.3g}")
              + f"; the busier side was the {' or '.join(busier)}", flush=True)


def costs_table(costs):
    lines = ["| a file of | files/s | daemon's CPU | floor's | emulator's | commits | row operations | flushes | busier side |",
             "|---|---|---|---|---|---|---|---|---|"]
    for cost in costs:
        def number(name, digits, unit=""):
            return f"{cost[name]:.{digits}f}{unit}" if name in cost else "–"
        lines.append(
            f"| {cost['what']} | {number('files_per_second', 0)} | {number('daemon_us', 0, ' µs')} | {number('floor_us', 0, ' µs')} | "
            f"{number('cloud_us', 0, ' µs')} | {number('commits', 4)} | {number('row_operations', 2)} | {number('flushes', 4)} | {cost['busier']} |")
    return "\n".join(lines) + "\n" if costs else ""


def table(rows):
    lines = ["| point | what | asked | reached | min | max | |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        sign = "≤" if row["better"] == "less" else "≥"
        lines.append(
            f"| {row['point']} | {row['what']} | {sign} {row['asked']}{row['unit']} | {row['median']:.2f}{row['unit']} | {row['min']:.2f} | "
            f"{row['max']:.2f} | {'yes' if row['met'] else '**missed**'} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("out")
    parser.add_argument("--points", default="1,2,3,4,6")
    parser.add_argument("--repeats", type=int, default=0, help="instead of each point's own number")
    parser.add_argument("--files", type=int, default=20_000, help="small files of a measurement")
    parser.add_argument("--coalesced", type=int, default=200_000, help="files of point 2")
    parser.add_argument("--large", type=int, default=1, help="GiB of the large file")
    parser.add_argument("--backlog", type=int, default=1_000_000, help="files of point 5")
    parser.add_argument("--peer", default="", help="the python of a virtual environment with azure-kusto-ingest")
    parser.add_argument("--wrapper", default="", help="words before the daemon's own, such as 'perf record -g'")
    options = parser.parse_args()
    os.sched_setaffinity(0, {CLOUD_CORE})
    bench = Bench(options)
    began = time.monotonic()
    try:
        for name in options.points.split(","):
            points.POINTS[name](bench)
    finally:
        with open(f"{bench.out}/results.json", "w") as file:
            json.dump({"files": options.files, "large_gib": options.large, "rows": bench.rows, "costs": bench.costs}, file, indent=1)
        with open(f"{bench.out}/table.md", "w") as file:
            file.write(table(bench.rows) + "\n" + costs_table(bench.costs))
        plots.draw_bounds(bench.rows, f"{bench.out}/bounds.svg")
        plots.draw_costs(bench.costs, f"{bench.out}/costs.svg")
        if not os.environ.get("BENCH_KEEP"):
            shutil.rmtree(bench.scratch, ignore_errors=True)
    print("\n" + table(bench.rows) + "\n" + costs_table(bench.costs) + f"\n{time.monotonic() - began:.0f} s; {bench.out} has table.md, results.json, bounds.svg and costs.svg.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
