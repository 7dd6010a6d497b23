"""Memory kept between steps of a training. Used by the train_*.py."""

from __future__ import annotations

import ctypes


def keep_memory() -> None:
    """Asks glibc not to hand big blocks back after each step: fetching them anew costs a third of the time."""
    try:
        libc = ctypes.CDLL("libc.so.6")
    except OSError:
        return  # another C library: only slower
    trim_threshold, top_pad, mmap_max = -1, -2, -4
    libc.mallopt(mmap_max, 0)
    libc.mallopt(trim_threshold, 2**31 - 1)
    libc.mallopt(top_pad, 2**28)
