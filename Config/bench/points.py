"""The points that `make bench` measures, by their numbers in the documentation (SpoolDaemon's page Performance)."""

import os
import shutil
import statistics
import time

from parts import Daemon, Emulator, run_floor


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


def run_small(bench, spool, count, *emulator_options, tls=False, route=None, top=None, first=None):
    """One run of the daemon over a directory of small files, disposals included."""
    with Emulator(bench, *emulator_options, tls=tls) as emulator:
        daemon = Daemon(bench, emulator, [spool], route, top)
        daemon.wait_for("succeeded", first or count)
        if not first:
            daemon.wait_disposed([spool])
        daemon.stop()
    return daemon


def floor_small(bench, directory, tls=False):
    with Emulator(bench, tls=tls) as emulator:
        resources = emulator.resources(f"{emulator.directory}/resources")
        cloud = emulator.cpu()
        cpu, elapsed, said = run_floor(bench, "small", resources, directory)
        return cpu, elapsed, said["files"], emulator.cpu() - cloud


def say(daemon, count, name):
    side = "the daemon" if daemon.cpu > daemon.cloud_cpu else "the emulator"
    print(f"   {name}: {daemon.cpu / count * 1e6:.0f} µs of CPU a file ({daemon.user / count * 1e6:.0f} user, "
          f"{daemon.system / count * 1e6:.0f} system), {count / daemon.elapsed:.0f} files/s, peak {daemon.peak:.0f} MiB; the emulator "
          f"{daemon.cloud_cpu / count * 1e6:.0f} µs; the busier side was {side}", flush=True)


def small(bench):
    """1: small files, one blob each."""
    count = bench.options.files
    print(f"1. {count} files of 4 KiB, one blob each", flush=True)
    for tls in (False, True):
        spool = bench.small_files(count)
        ratios, rates, details = [], [], {}
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
            rates.append(count / daemon.elapsed)
            details = {name: daemon.figures(name) / count for name in ("commits", "row_operations", "flushes")}
            details |= {"daemon_us": daemon.cpu / count * 1e6, "floor_us": floor_cpu / count * 1e6, "cloud_us": daemon.cloud_cpu / count * 1e6}
        print("   " + ", ".join(f"{name} {value:.2f} a file" for name, value in details.items() if not name.endswith("_us")), flush=True)
        name = "small files over TLS" if tls else "small files"
        bench.row("1", f"{name}: CPU a file, of the floor's", 2, ratios, "×", rate=statistics.median(rates), **details)
        if not tls:
            bench.small_rate = statistics.median(rates)
            bench.small_cpu = details["daemon_us"]
            bench.floor_us = details["floor_us"]
        shutil.rmtree(spool)


def latency(bench):
    """3: latency hidden."""
    count = bench.options.files
    print(f"3. The same with latency added to every reply", flush=True)
    spool = bench.small_files(count)
    if not hasattr(bench, "small_rate"):
        daemon = run_small(bench, spool, count)
        bench.small_rate = count / daemon.elapsed
        say(daemon, count, "no latency")
        move_back(spool, count)
    for milliseconds, asked in ((20, 0.8), (100, 0.6)):
        shares = []
        for _ in range(bench.repeats(3)):
            daemon = run_small(bench, spool, count, "--latency", str(milliseconds))
            say(daemon, count, f"{milliseconds} ms")
            move_back(spool, count)
            shares.append(count / daemon.elapsed / bench.small_rate)
        bench.row("3", f"files/s with {milliseconds} ms latency, of those without", asked, shares, better="more")
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
                daemon = Daemon(bench, emulator, [spool])
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


def idle(bench):
    """6: idle, and from drop to queued."""
    print("6. 100 spools without files", flush=True)
    spools = [bench.fresh("spool") for _ in range(100)]
    shares, memory = [], []
    with Emulator(bench) as emulator:
        daemon = Daemon(bench, emulator, spools)
        daemon.wait_ready()
        time.sleep(3)
        for _ in range(bench.repeats(3)):
            before, began = thread_time(daemon.process.pid), time.monotonic()
            time.sleep(20)
            shares.append((thread_time(daemon.process.pid) - before) / (time.monotonic() - began) * 100)
        from parts import memory_of
        memory.append(memory_of(daemon.process.pid, "VmRSS"))
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


POINTS = {"1": small, "3": latency, "4": large, "6": idle}
