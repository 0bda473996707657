"""A process that appends to a ledger as fast as it can, and says what it was promised: to be killed.

``python -m tests.faults.ledger_writer FILE``: a line ``SEQ LEAF SIZE ROOT`` on stdout for the last entry of
every receipt, after it is durable. Two threads append, so that commits are shared.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from engine.clock import SystemClock
from engine.ledger import Draft, Ledger, NoLedger, begin
from engine.ledger.checkpoint import read_checkpoint
from tests.engine.ledger.made import ORIGIN, key


def main(path: Path) -> None:
    """Until somebody ends it."""
    clock, printing = SystemClock(), threading.Lock()
    try:
        ledger = Ledger(path, key(), clock)
    except NoLedger:
        begin(path, ORIGIN, key(), clock)
        ledger = Ledger(path, key(), clock)

    def work(name: str) -> None:
        k = 0
        while True:
            k += 1
            body = {"tag": f"S50/Pressure {k}", "old": k, "new": k + 0.5}
            drafts = [Draft("write_sent", name, body, "orders", hidden=k % 5 == 0)] * (1 + k % 3)
            receipt = ledger.append(drafts)[-1]
            checkpoint = read_checkpoint(receipt.checkpoint)[1]
            with printing:
                print(
                    receipt.seq, receipt.leaf_hash.hex(), checkpoint.size, checkpoint.root.hex(), flush=True
                )

    threads = [threading.Thread(target=work, args=(f"operator {k}",)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
