"""The points that `make bench` measures, by their numbers in the documentation (SpoolDaemon's page Performance)."""

import os
import shutil
import statistics
import time

from parts import Daemon, Emulator, memory_of, run_floor


def move_back(spool, count):
    """The files of a finished run into a fresh spool: renamed, not written again."""
    fresh = f"{os.path.dirname(spool)}/again"
    os.mkdir(fresh)
    for day in os.listdir(f"{spool}/done"):
        for name in os.listdir(f"{spool}/done/{day}"):
            os.rename(f"{spool}/done/{day}/{name}", f"{fresh}/{name}")
    shutil.rmtree(spool)
    os.rename(fresh, spool)
    found = len(os.listdir(spool))
    if found != count:
        raise SystemExit(f"bench: {found} of {count} files are there after a run")


def run_small(bench, spool, count, *emulator_options, tls=False, route=None, environment=None):
    """One run of the daemon over a directory of small files, disposals included."""
    with Emulator(bench, *emulator_options, tls=tls) as emulator:
        daemon = Daemon(bench, emulator, [spool], route, environment=environment)
        # A verdict that overtakes the reply to its post leaves no line that says `queued`.
        daemon.wait_for("queued", count * 99 // 100)
        daemon.posted = daemon.elapsed
        daemon.wait_for("succeeded", count)
        daemon.decided = daemon.elapsed
        daemon.wait_disposed([spool])
        daemon.stop()
    return daemon


def floor_small(bench, directory, tls=False):
    with Emulator(bench, tls=tls) as emulator:
        resources = emulator.resources(f"{emulator.directory}/resources")
        cloud = emulator.cpu()
        cpu, elapsed, said = run_floor(bench, "small", resources, directory)
        return cpu, elapsed, said["files"], emulator.cpu() - cloud


def costs(daemon, count):
    """What a file of a run cost, and which side was the busier one: what the table of costs has of each kind of run."""
    return {
        "files_per_second": count / daemon.elapsed, "daemon_us": daemon.cpu / count * 1e6, "cloud_us": daemon.cloud_cpu / count * 1e6,
        "commits": daemon.figures("commits") / count, "row_operations": daemon.figures("row_operations") / count,
        "busier": "daemon" if daemon.cpu > daemon.cloud_cpu else "emulator"}


def say(daemon, count, name):
    side = f"the {costs(daemon, count)['busier']}"
    print(f"   {name}: {daemon.cpu / count * 1e6:.0f} µs of CPU a file ({daemon.user / count * 1e6:.0f} user, "
          f"{daemon.system / count * 1e6:.0f} system), {count / daemon.elapsed:.0f} files/s (posted after {daemon.posted:.1f} s, decided "
          f"{daemon.decided:.1f} s, disposed {daemon.elapsed:.1f} s), peak {daemon.peak:.0f} MiB; the emulator "
          f"{daemon.cloud_cpu / count * 1e6:.0f} µs; the busier side was {side}", flush=True)
    print("      " + ", ".join(f"{name} {seconds / count * 1e6:.0f}" for name, seconds in sorted(daemon.threads.items(), key=lambda item: -item[1])
                             if seconds > 0), flush=True)


def flushes(bench, spool, count, **run):
    """How many fsync and fdatasync the daemon makes for so many files: counted in a run of its own, by the library that the tests count with."""
    counts = f"{bench.scratch}/flushes"
    environment = {"LD_PRELOAD": bench.program("libCCallCounter.so"), "SPOOL_CALLS_BELOW": bench.scratch, "SPOOL_CALLS": "fsync,fdatasync",
                   "SPOOL_CALLS_COUNT": counts}
    run_small(bench, spool, count, environment=environment, **run)
    move_back(spool, count)
    with open(counts, "rb") as file:
        made = int.from_bytes(file.read(8), "little")
    os.remove(counts)
    return made / count


def small(bench):
    """1: small files, one blob each."""
    count = bench.options.files
    print(f"1. {count} files of 4 KiB, one blob each", flush=True)
    for tls in (False, True):
        spool = bench.small_files(count)
        ratios, runs = [], []
        for _ in range(bench.repeats(5) if not tls else 1):
            floor_cpu, floor_elapsed, files, floor_cloud = floor_small(bench, spool, tls)
            if files != count:
                raise SystemExit(f"bench: the floor sent {files} of {count} files")
            print(f"   floor: {floor_cpu / count * 1e6:.0f} µs of CPU a file, {count / floor_elapsed:.0f} files/s; the emulator "
                  f"{floor_cloud / count * 1e6:.0f} µs", flush=True)
            daemon = run_small(bench, spool, count, tls=tls)
            say(daemon, count, "daemon")
            move_back(spool, count)
            ratios.append(daemon.cpu / floor_cpu)
            runs.append(costs(daemon, count) | {"floor_us": floor_cpu / count * 1e6})
            if os.environ.get("BENCH_PLAIN"):
                return
        name = "small files over TLS" if tls else "small files"
        if not tls:
            bench.small_cpu = statistics.median(run["daemon_us"] for run in runs)
        bench.row("1", f"{name}: CPU a file, of the floor's", 2, ratios, "×")
        bench.cost(name, runs, flushes(bench, spool, count, tls=tls))
        shutil.rmtree(spool)


def coalesced(bench):
    """2: small files of one route that travel together; beside the floor's cost of one file that travels alone."""
    count, few = bench.options.coalesced, bench.options.files
    print(f"2. {count} files of 4 KiB, coalesced", flush=True)
    alone, spool = bench.small_files(few), bench.small_files(count)
    ratios, runs, route = [], [], ["coalesce: { max_wait: 1 s }"]
    for _ in range(bench.repeats(3)):
        floor_cpu, _, files, _ = floor_small(bench, alone)
        if files != few:
            raise SystemExit(f"bench: the floor sent {files} of {few} files")
        daemon = run_small(bench, spool, count, route=route)
        print(f"   floor: {floor_cpu / few * 1e6:.0f} µs of CPU a file", flush=True)
        say(daemon, count, "daemon")
        move_back(spool, count)
        ratios.append(daemon.cpu / count / (floor_cpu / few))
        runs.append(costs(daemon, count) | {"floor_us": floor_cpu / few * 1e6})
        if os.environ.get("BENCH_PLAIN"):
            return
    bench.row("2", "coalesced: CPU a file, of the floor's for one", 0.5, ratios, "×")
    bench.cost("coalesced", runs, flushes(bench, spool, count, route=route))
    shutil.rmtree(alone)
    shutil.rmtree(spool)


def latency(bench):
    """3: latency hidden; each share is of two runs of one round, for the host's speed changes by the minute."""
    count = bench.options.files
    print("3. The same with latency added to every reply", flush=True)
    spool = bench.small_files(count)

    def rate(milliseconds):
        daemon = run_small(bench, spool, count, "--latency", str(milliseconds))
        say(daemon, count, f"{milliseconds} ms")
        move_back(spool, count)
        runs.setdefault(milliseconds, []).append(costs(daemon, count))
        return count / daemon.elapsed

    runs = {}
    asked = {20: 0.8, 100: 0.6}
    shares = {milliseconds: [] for milliseconds in asked}
    for _ in range(bench.repeats(5)):
        near = rate(0)
        for milliseconds in asked:
            shares[milliseconds].append(rate(milliseconds) / near)
    for milliseconds, share in asked.items():
        bench.row("3", f"files/s with {milliseconds} ms latency, of those without", share, shares[milliseconds], better="more")
        bench.cost(f"{milliseconds} ms latency", runs[milliseconds])
    shutil.rmtree(spool)


def large(bench):
    """4: large files."""
    gib = bench.options.large
    print(f"4. One file of {gib} GiB", flush=True)
    path = bench.large_file(gib)
    packed = f"{path}.gz"
    os.system(f"gzip -1 -k -c {path} > {packed}")
    for file, plain in ((path, False), (packed, True)):
        times, peaks = [], []
        for _ in range(bench.repeats(3)):
            with Emulator(bench) as emulator:
                resources = emulator.resources(f"{emulator.directory}/resources")
                floor_cpu, floor_elapsed, _ = run_floor(bench, "large", resources, file, *(["plain"] if plain else []))
            spool = bench.fresh("spool")
            with Emulator(bench) as emulator:
                daemon = Daemon(bench, emulator, [spool], route=["max_file_size: 64 GiB"])
                daemon.wait_ready()
                began = time.monotonic()
                os.rename(file, f"{spool}/{os.path.basename(file)}")
                daemon.wait_for("queued", 1)
                elapsed = time.monotonic() - began
                daemon.wait_for("succeeded", 1)
                daemon.wait_disposed([spool])
                daemon.stop()
            move_back(spool, 1)
            os.rename(f"{spool}/{os.path.basename(file)}", file)
            size = os.path.getsize(file)
            print(f"   {os.path.basename(file)}: {size / elapsed / 1e6:.0f} MB/s, the floor {size / floor_elapsed / 1e6:.0f} MB/s; CPU "
                  f"{daemon.cpu:.2f} s and {floor_cpu:.2f} s; peak {daemon.peak:.0f} MiB", flush=True)
            times.append(elapsed / floor_elapsed)
            peaks.append(daemon.peak)
        kind = "pre-gzipped" if plain else "CSV"
        bench.row("4", f"{gib} GiB {kind}: time, of the floor's", 1.3, times, "×")
        bench.row("4", f"{gib} GiB {kind}: peak memory", 128, peaks, " MiB")


def backlog(bench):
    """5: a million files that wait."""
    count, first = bench.options.backlog, bench.options.files
    print(f"5. {count} files waiting, stopped after {first}", flush=True)
    few = bench.small_files(1000)
    few_daemon = run_small(bench, few, 1000)
    shutil.rmtree(few)
    if not hasattr(bench, "small_cpu"):
        spool = bench.small_files(first)
        daemon = run_small(bench, spool, first)
        bench.small_cpu = daemon.cpu / first * 1e6
        shutil.rmtree(spool)
    spool = bench.small_files(count)
    with Emulator(bench) as emulator:
        daemon = Daemon(bench, emulator, [spool])
        daemon.wait_for("queued", 1, interval=0.002)
        first_post = daemon.elapsed
        daemon.wait_for("succeeded", first)
        settled = daemon.events.count("succeeded")
        daemon.stop()
    print(f"   first post after {first_post:.2f} s; {settled} settled, {daemon.cpu / settled * 1e6:.0f} µs of CPU a file; peak "
          f"{daemon.peak:.0f} MiB, with 1,000 files {few_daemon.peak:.0f} MiB", flush=True)
    bench.row("5", f"{count} files waiting: first post", 2, [first_post], " s")
    bench.row("5", "peak memory above that with 1,000 files", 64, [daemon.peak - few_daemon.peak], " MiB")
    bench.row("5", "CPU a file, of point 1's", 1.2, [daemon.cpu / settled * 1e6 / bench.small_cpu], "×")
    shutil.rmtree(spool)


def awaiting(bench):
    """5: sources that await their verdict: in the ledger and in .active, as a daemon that was stopped has left them."""
    count = bench.options.backlog
    print(f"5. {count} sources that await their verdict", flush=True)
    spool = bench.fresh("spool")
    times, memory = [], []
    with Emulator(bench) as emulator:
        first = Daemon(bench, emulator, [spool])
        first.wait_ready()
        with open(f"{bench.small_files(1)}/0000000.csv", "rb") as file:
            contents = file.read()
        with open(f"{spool}/one.csv", "wb") as file:
            file.write(contents)
        first.wait_for("succeeded", 1)
        first.wait_disposed([spool])
        few = memory_of(first.pid, "VmRSS")
        first.stop()
        await_verdicts(f"{first.directory}/state/ledger.sqlite", spool, count)
        for _ in range(bench.repeats(3)):
            again = Daemon(bench, emulator, [spool], again=first)
            again.wait_ready()
            times.append(again.ready)
            time.sleep(5)
            memory.append(memory_of(again.pid, "VmHWM") - few)
            again.stop()
    bench.row("5", f"{count} sources awaiting: start to READY", 0.5, times, " s")
    bench.row("5", f"{count} sources awaiting: memory above that with none", 64, memory, " MiB")
    shutil.rmtree(spool)


def await_verdicts(ledger, spool, count):
    """Rows that were queued an hour ago, copies of the one that is there, and their files."""
    import sqlite3
    names = [f"{number:07d}.csv" for number in range(count)]
    with sqlite3.connect(ledger) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(sources)") if row[1] != "row"]
        model = dict(zip(columns, db.execute(f"SELECT {', '.join(columns)} FROM sources LIMIT 1").fetchone()))
        # Queued; what they wait for is their verdict, a day from now.
        model |= {"work": 5, "state": 3, "due": model["claimed_at"] + 86_400_000_000, "verdict": None, "location": 0, "path": None,
                  "decided_at": None}
        claim = model["claim"].rsplit("-", 1)[0]
        def rows():
            for number, name in enumerate(names):
                yield [{**model, "claim": f"{claim}-{10**6 + number // 512}", "name": name}[column] for column in columns]
        db.executemany(f"INSERT INTO sources ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows())
    for number, name in enumerate(names):
        directory = f"{spool}/.active/{claim}-{10**6 + number // 512}"
        if number % 512 == 0:
            os.mkdir(directory, 0o700)
        open(f"{directory}/{name}", "w").close()


def drop_to_queued(bench):
    """6: from a drop by rename to the line that says `queued`, on an idle daemon, beside the bare sum of what it takes."""
    rounds = [drops(bench) for _ in range(bench.repeats(3))]
    for name in ("p50", "p99"):
        bench.row("6", f"drop to queued, {name}: of the bare sum", 3, [ours[name] / bare[name] for ours, bare in rounds], "×",
                  ms=statistics.median(ours[name] for ours, _ in rounds))


def drops(bench):
    """One round of drops: milliseconds of ours, and of the bare sum."""
    spool, outside = bench.fresh("spool"), bench.fresh("outside")
    files = bench.small_files(500)
    samples = []
    with Emulator(bench) as emulator:
        resources = emulator.resources(f"{emulator.directory}/resources")
        _, _, floor = run_floor(bench, "latency", resources, files, outside)
        daemon = Daemon(bench, emulator, [spool])
        daemon.wait_ready()
        time.sleep(1)
        for number, name in enumerate(sorted(os.listdir(files))):
            began = time.monotonic()
            os.rename(f"{files}/{name}", f"{spool}/{name}")
            # With a pause: who only looks would take the emulator's core from it, a slice of milliseconds at a time.
            daemon.wait_for("queued", number + 1, interval=0.0001)
            samples.append((time.monotonic() - began) * 1e3)
            time.sleep(0.01)
        daemon.stop()
    samples.sort()
    ours = {"p50": samples[len(samples) // 2], "p99": samples[len(samples) * 99 // 100]}
    bare = {"p50": floor["p50_ms"], "p99": floor["p99_ms"]}
    print(f"   from drop to queued: p50 {ours['p50']:.2f} ms, p99 {ours['p99']:.2f} ms; the bare sum p50 {bare['p50']:.2f} ms, "
          f"p99 {bare['p99']:.2f} ms", flush=True)
    return ours, bare


def idle(bench):
    """6: idle, and from drop to queued."""
    drop_to_queued(bench)
    print("6. 100 spools without files", flush=True)
    spools = [bench.fresh("spool") for _ in range(100)]
    shares, memory = [], []
    with Emulator(bench) as emulator:
        daemon = Daemon(bench, emulator, spools)
        daemon.wait_ready()
        time.sleep(3)
        for _ in range(bench.repeats(3)):
            before, began = thread_time(daemon.pid), time.monotonic()
            time.sleep(20)
            shares.append((thread_time(daemon.pid) - before) / (time.monotonic() - began) * 100)
            memory.append(memory_of(daemon.pid, "VmRSS"))
        daemon.stop()
    bench.row("6", "idle: CPU", 0.1, shares, " %")
    bench.row("6", "idle: resident memory", 40, memory, " MiB")


def thread_time(pid):
    """Seconds of CPU of all threads, to the nanosecond."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def peers(bench):
    """1: beside azure-kusto-ingest for Python, which ends with the post and drains no verdict."""
    import json
    import subprocess
    from parts import DAEMON_CORE, pinned
    print("1. Beside azure-kusto-ingest for Python", flush=True)
    count, few = bench.options.files, 600
    spool = bench.small_files(count)
    ratios = []
    for _ in range(bench.repeats(5)):
        with Emulator(bench) as emulator:
            said = subprocess.run(
                [bench.options.peer, f"{os.path.dirname(os.path.abspath(__file__))}/peer_sdk.py", emulator.uri, spool, str(few)],
                check=True, stdout=subprocess.PIPE, preexec_fn=pinned(DAEMON_CORE)).stdout
        peer = json.loads(said)
        daemon = run_small(bench, spool, count)
        say(daemon, count, "daemon")
        move_back(spool, count)
        print(f"   azure-kusto-ingest: {peer['cpu'] / peer['files'] * 1e6:.0f} µs of CPU a file, {peer['files'] / peer['seconds']:.0f} files/s, "
              f"peak {peer['peak']:.0f} MiB", flush=True)
        ratios.append(peer["cpu"] / peer["files"] / (daemon.cpu / count))
    bench.row("1", "files per CPU second, of azure-kusto-ingest's", 15, ratios, "×", better="more")
    shutil.rmtree(spool)


POINTS = {"peers": peers, "1": small, "2": coalesced, "3": latency, "4": large, "5": backlog, "5b": awaiting, "6": idle}
