"""glibc shares one arena among threads and gives back the holes; elsewhere nothing is done."""

from __future__ import annotations

import subprocess
import sys

import pytest

from backspeak.batch import allocator

needs_glibc = pytest.mark.skipif(allocator._glibc() is None, reason="another allocator")

_ARENAS = """
import ctypes, sys, tempfile, threading
from backspeak.batch import allocator
if sys.argv[1] == "bound":
    allocator.bound()
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
inside = threading.Barrier(5)
def work():
    c.malloc(ctypes.c_size_t(5000))
    inside.wait()
for _ in range(4):
    threading.Thread(target=work).start()
inside.wait()
c.fopen.restype = ctypes.c_void_p
with tempfile.NamedTemporaryFile() as file:
    stream = ctypes.c_void_p(c.fopen(file.name.encode(), b"w"))
    c.malloc_info(0, stream)
    c.fclose(stream)
    print(open(file.name).read().count("<heap nr="))
"""
_HOLES = """
import ctypes
from backspeak.batch import allocator
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def resident():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
blocks = [c.malloc(ctypes.c_size_t(64 << 10)) for _ in range(1000)]
for block in blocks:
    ctypes.memset(block, 1, 64 << 10)
for block in blocks[:-1]:  # the last one keeps the heap from shrinking
    c.free(block)
before = resident()
allocator.give_back()
print(before - resident())
"""


def _printed(program: str, *arguments: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return int(done.stdout)


@needs_glibc
def test_threads_share_one_arena():
    assert _printed(_ARENAS, "free") > 1
    assert _printed(_ARENAS, "bound") == 1


@needs_glibc
def test_holes_are_given_back():
    assert _printed(_HOLES) > 50 << 10  # KiB, of 62 MiB


def test_another_allocator_is_left_alone(monkeypatch):
    allocator._glibc.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    try:
        assert allocator._glibc() is None
        allocator.bound()
        allocator.give_back()
    finally:
        allocator._glibc.cache_clear()
