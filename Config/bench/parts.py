"""The processes that a measurement is made of: emulator, daemon, floor. Each is pinned to a core, and each is ended by its own id."""

import json
import os
import signal
import subprocess
import time
import urllib.request

DAEMON_CORE, CLOUD_CORE = 0, 1
TOKEN = "emulator-token"


def pinned(core):
    return lambda: os.sched_setaffinity(0, {core})


def cpu_of(pid):
    """CPU seconds that the threads of a process have spent so far, ended ones included."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid, name="VmHWM"):
    """Resident MiB: the peak (VmHWM) or now (VmRSS)."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(name))


def threads_of(pid):
    """CPU seconds of each kind of thread that lives."""
    seconds = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/comm") as file:
            kind = file.read().strip().split("-")[0].replace("oot.default", "engine") or "engine"
        with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            seconds[kind] = seconds.get(kind, 0) + int(file.read().split()[0]) / 1e9
    return seconds


def wait_until(what, condition, deadline=600, interval=0.02):
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"bench: no {what} within {deadline} s")
        if interval:
            time.sleep(interval)


class Emulator:
    """The cloud, on a core of its own."""

    def __init__(self, bench, *options, tls=False):
        self.directory = bench.fresh("emulator")
        port_file = f"{self.directory}/port"
        words = [bench.program("kusto-emulator"), "--quiet", "--ingest", "none", "--batching-delay", "100ms", "--port-file", port_file]
        if tls:
            words += ["--tls-cert", bench.certificate[0], "--tls-key", bench.certificate[1]]
        self.ca = bench.certificate[0] if tls else None
        self.log = open(f"{self.directory}/log", "w")
        self.process = subprocess.Popen(
            words + list(options), preexec_fn=pinned(CLOUD_CORE), stdout=self.log, stderr=self.log)
        wait_until("emulator", lambda: os.path.exists(port_file) and self.is_running())
        port = open(port_file).read().strip()
        self.uri = f"{'https' if tls else 'http'}://127.0.0.1:{port}"

    def is_running(self):
        if self.process.poll() is not None:
            raise SystemExit(f"bench: the emulator ended; see {self.directory}/log")
        return True

    def ask(self, path, body):
        import ssl
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        request = urllib.request.Request(
            self.uri + path, json.dumps(body).encode(),
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=30, context=context))

    def resources(self, path):
        """Writes what the floor needs to know."""
        rows = self.ask("/v1/rest/mgmt", {"db": "NetDefaultDB", "csl": ".get ingestion resources"})["Tables"][0]["Rows"]
        identity = self.ask("/v1/rest/mgmt", {"db": "NetDefaultDB", "csl": ".get kusto identity token"})["Tables"][0]["Rows"][0][0]
        kinds = {"TempStorage": "container", "SecuredReadyForAggregationQueue": "queue", "SuccessfulIngestionsQueue": "success",
                 "FailedIngestionsQueue": "failure"}
        with open(path, "w") as file:
            for row in rows:
                if row[0] in kinds:
                    file.write(f"{kinds[row[0]]} {row[1]}\n")
            file.write(f"identity {identity}\ndatabase Bench\ntable T\n")
            if self.ca:
                file.write(f"cafile {self.ca}\n")
        return path

    def cpu(self):
        return cpu_of(self.process.pid)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Daemon:
    """kusto-spool on the other core, with a state of its own."""

    def __init__(self, bench, emulator, spools, route=None, top=None, environment=None, again=None):
        """`again`: an earlier one, whose state and journal this one goes on with."""
        self.directory = again.directory if again else bench.fresh("daemon")
        self.journal = f"{self.directory}/journal.ndjson"
        self.emulator = emulator
        os.makedirs(f"{self.directory}/state", 0o700, exist_ok=True)
        with open(f"{self.directory}/token", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(TOKEN)
        lines = [
            "cluster:", f"  ingestion_uri: {emulator.uri}", f"  credential: {{ kind: static_token, token: {self.directory}/token }}",
            *([f"  ca_file: {emulator.ca}"] if emulator.ca else []),
            f"state: {self.directory}/state", f"journal: {{ path: {self.journal} }}", "log: { level: info }", "spools:"]
        for path in spools:
            lines += [f"  - path: {path}", "    database: Bench", "    table: T", "    format: csv",
                      # The files were there before, and were made in this minute.
                      "    complete: { quiet: 1 s }", *(f"    {line}" for line in route or [])]
        self.configuration = f"{self.directory}/kusto-spool.yaml"
        with open(self.configuration, "w") as file:
            file.write("\n".join(lines + (top or [])) + "\n")
        self.log_path = f"{self.directory}/log-{len(os.listdir(self.directory))}"
        self.log = open(self.log_path, "w")
        self.cloud_cpu = emulator.cpu()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*bench.wrapper, bench.program("kusto-spool"), "run", "-c", self.configuration], preexec_fn=pinned(DAEMON_CORE), stdout=self.log,
            stderr=self.log, env={**os.environ, **(environment or {})})
        self.events = Tail(self.journal)
        self.posted = self.decided = 0

    @property
    def pid(self):
        """The daemon's own, where a wrapper such as perf stands before it."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            return int((file.read().split() or [self.process.pid])[0])

    def wait_ready(self):
        wait_until("ready daemon", lambda: "ready" in open(self.log_path).read(), 60, 0.005)
        self.ready = time.monotonic() - self.began

    def wait_for(self, event, count, deadline=600, interval=0.02):
        def is_there():
            if self.process.poll() is not None:
                raise SystemExit(f"bench: the daemon ended; see {self.log_path}")
            return self.events.count(event) >= count
        wait_until(f"{count} times {event}", is_there, deadline, interval)
        self.elapsed = time.monotonic() - self.began

    def wait_disposed(self, spools, deadline=600):
        """Every claim's directory is gone when the last of its files is where it belongs."""
        def is_over():
            return all(len(os.listdir(f"{path}/.active")) <= 1 for path in spools)
        wait_until("disposal", is_over, deadline)
        self.elapsed = time.monotonic() - self.began

    def stop(self):
        """The run's figures: seconds of the daemon's CPU and of the cloud's, peak MiB."""
        self.cloud_cpu = self.emulator.cpu() - self.cloud_cpu
        self.peak = memory_of(self.pid)
        self.threads = threads_of(self.pid)
        os.kill(self.pid, signal.SIGTERM)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.user, self.system = usage.ru_utime, usage.ru_stime
        self.log.close()
        if self.process.returncode != 0:
            raise SystemExit(f"bench: the daemon ended with {self.process.returncode}; see {self.log_path}")

    def figures(self, name):
        """A number that the daemon said about itself at its end."""
        for line in reversed(open(self.log_path).read().splitlines()):
            for word in line.split():
                if word.startswith(f"{name}="):
                    return int(word.split("=", 1)[1])
        return 0


class Tail:
    """Counts events in a journal as it grows, without parsing it."""

    def __init__(self, path):
        self.path, self.offset, self.counts, self.rest = path, 0, {}, b""

    def count(self, event):
        try:
            with open(self.path, "rb") as file:
                file.seek(self.offset)
                new = file.read()
        except FileNotFoundError:
            return 0
        self.offset += len(new)
        whole, _, self.rest = (self.rest + new).rpartition(b"\n")
        for name in ("accepted", "queued", "succeeded", "failed"):
            self.counts[name] = self.counts.get(name, 0) + whole.count(b'"event":"' + name.encode() + b'"')
        return self.counts.get(event, 0)


def run_floor(bench, *words):
    """Runs the floor program on the daemon's core; seconds of CPU, of the clock, and what it said."""
    began = time.monotonic()
    process = subprocess.Popen(
        [bench.program("kusto-spool-floor"), *words], preexec_fn=pinned(DAEMON_CORE), stdout=subprocess.PIPE)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit("bench: the floor program failed")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began, json.loads(said)
