"""InfluxDB 1.6, the time series database of Debian 12, over HTTP on loopback. Durable by request."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from tests.bench.harness import size_of

CONFIG = """reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
  max-values-per-tag = 0
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  log-enabled = false
"""
START_S = 20.0


def program() -> str | None:
    """Where influxd is, or None; says how to get it."""
    found = shutil.which("influxd")
    if found is None:
        print("  (skipped: InfluxDB; no influxd on PATH, on Debian 12 apt-get install influxdb)")
    return found


class Influx:
    """A server of its own below ``folder``, and one connection to it."""

    name = "InfluxDB 1.6, HTTP"

    def __init__(self, folder: Path, server: str) -> None:
        self._folder = folder / "influx"
        self._folder.mkdir()
        port, rpc = _free_ports(2)
        config = folder / "influx.conf"
        config.write_text(CONFIG.format(folder=self._folder, port=port, rpc=rpc), encoding="utf-8")
        quiet = subprocess.DEVNULL
        self._server = subprocess.Popen([server, "-config", str(config)], stdout=quiet, stderr=quiet)
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._await()
        self._ask("CREATE DATABASE bench", "POST")

    def _await(self) -> None:
        deadline = time.monotonic() + START_S
        while True:
            try:
                self._link.request("GET", "/ping")
                self._link.getresponse().read()
                return
            except OSError:
                self._link.close()
                if time.monotonic() > deadline or self._server.poll() is not None:
                    raise TimeoutError("influxd did not start") from None
                time.sleep(0.05)

    def _ask(self, query: str, method: str = "GET") -> bytes:
        self._link.request(method, f"/query?db=bench&epoch=u&q={quote(query)}")
        answer = self._link.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"InfluxDB refused {query!r}: {body[:200]!r}")
        return body

    def prepared(
        self, time_us: NDArray[np.int64], value: NDArray[np.float64], frames: int
    ) -> Callable[[], None]:
        """The text of all requests is made beforehand and is not in the measured time."""
        bodies = [
            "\n".join(
                f"s,place={tag} v={each!r} {now_us}"
                for now_us, row in zip(
                    time_us[at : at + frames].tolist(), value[at : at + frames].tolist(), strict=True
                )
                for tag, each in enumerate(row)
            ).encode()
            for at in range(0, len(time_us), frames)
        ]

        def send() -> None:
            for body in bodies:
                self._link.request("POST", "/write?db=bench&precision=u", body)
                answer = self._link.getresponse()
                said = answer.read()
                if answer.status != 204:
                    raise RuntimeError(f"InfluxDB refused samples: {said[:200]!r}")

        return send

    def load(self, time_us: NDArray[np.int64], value: NDArray[np.float64]) -> None:
        """All at once, to have something to read."""
        for at in range(0, len(time_us), 50_000):
            part = slice(at, at + 50_000)
            self.prepared(time_us[part], value[part], max(1, 5000 // value.shape[1]))()

    def finish(self) -> int:
        """Bytes on disk now; what it may pack later is not waited for."""
        return size_of(self._folder)

    def raw(self, tag: int, start_us: int, end_us: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Samples of one tag."""
        query = f"SELECT v FROM s WHERE place='{tag}' AND time >= {start_us}u AND time < {end_us}u"
        # Its -0.0 comes as "-0", which only stays what it is when it is read as a float.
        rows = json.loads(self._ask(query), parse_int=float)["results"][0]["series"][0]["values"]
        times, values = zip(*rows, strict=True)
        return np.array(times, np.int64), np.array(values)

    def pixels(self, tag: int, start_us: int, end_us: int, width: int) -> NDArray[np.float64]:
        """Smallest and largest value of each pixel column, float64[width×2]."""
        step = (end_us - start_us) // width
        query = (
            f"SELECT min(v), max(v) FROM s WHERE place='{tag}' AND time >= {start_us}u AND time < {end_us}u "
            f"GROUP BY time({step}u, {start_us % step}u) fill(none)"
        )
        rows = json.loads(self._ask(query))["results"][0]["series"][0]["values"]
        found = np.full((width, 2), np.nan)
        for time_us, low, high in rows:
            found[(time_us - start_us) // step] = low, high
        return found

    def close(self) -> None:
        """End the server."""
        self._link.close()
        self._server.terminate()
        self._server.wait(20)


def _free_ports(count: int) -> list[int]:
    """Ports that the system had free just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
