"""Runs a command and tells the seconds it took and its peak memory.

    python3 -I -S launch.py OUTPUT COMMAND [ARGUMENT…]

A process of its own, and a small one: on Linux the peak memory of a command counts from that of whoever started it.
"""

import os
import sys
import time

# Bytes in the unit that the system counts peak memory in.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main(output, *command):
    to_output = (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    begin = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=[to_output])
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begin
    print(os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss * RSS_UNIT)


main(*sys.argv[1:])
