"""pdfium's functions, called with plain addresses.

A page takes thousands of calls. The functions of pypdfium2 take and return objects that wrap each
address, which is half of the cost of such a call.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as pdfium

HANDLE, INT = ctypes.c_void_p, ctypes.c_int


def function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Return the function of pdfium of this name, by the types of its result and arguments.

    Without types of arguments a call takes half the time. It must then be given pointers as
    `handle` or `ctypes.byref` makes them, and no number but ints.
    """
    at = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    if at is None:
        raise ImportError(f"pdfium has no function {name}. Install the pypdfium2 that is pinned.")
    return ctypes.CFUNCTYPE(result, *arguments)(at)


def handle(thing: Any) -> ctypes.c_void_p:
    """Return the address of one of pypdfium2's objects."""
    return ctypes.cast(thing.raw, ctypes.c_void_p)
