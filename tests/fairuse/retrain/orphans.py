"""Reads an archive in two processes, names them and is killed; what becomes of them?"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path

from fairuse.retrain.logs import ArchiveLog
from tests.fairuse.retrain.archives import counted

if __name__ == "__main__":
    ArchiveLog(Path(sys.argv[1]), processes=2).each(counted)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)  # noqa: T201 - its result
    os.kill(os.getpid(), signal.SIGKILL)
