"""Checksums of the parts of a large file, each compared when the part is first read.

A file of any size then opens at once, and what is read of it is still known to be as written.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as numpy_format
from numpy.typing import DTypeLike, NDArray

from reformqa.files import naming
from reformqa.storage.files.manifest import damaged

#: The bytes in a part: more would read what is not asked for, fewer would need more checksums.
PART = 64 * 1024


class Parts:
    """The parts of a file of a build that `write_sums` was called for; `bytes` are those mapped.

    The first part is checked on opening, since the file may begin with a header that others read.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        file = folder / name
        self.bytes = _mapped(file)
        self._sums = np.load(_sums(file))
        self._checked = np.zeros(len(self._sums), dtype=np.bool_)
        self._whole = False
        if len(self._sums):
            self._compare(0)

    def check(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Compare the parts that have the bytes from each start to its end, which lies behind it.

        Raises DamagedIndexError if one is not as it was written.
        """
        if self._whole:
            return
        firsts, lasts = starts // PART, (ends - 1) // PART
        steps = range(int((lasts - firsts).max(initial=-1)) + 1)
        parts = [np.minimum(firsts + step, lasts) for step in steps]
        wanted = np.unique(np.concatenate(parts)) if parts else firsts
        for n in wanted[~self._checked[wanted]].tolist():
            self._compare(n)
        self._whole = bool(self._checked.all())

    def _compare(self, n: int) -> None:
        if zlib.crc32(self.bytes[n * PART : (n + 1) * PART].data) != self._sums[n]:
            raise damaged(self._folder, f"{self._name} is altered")
        self._checked[n] = True


def _mapped(file: Path) -> NDArray[np.uint8]:
    """Return the bytes of a file, memory-mapped; an empty file cannot be."""
    if not file.stat().st_size:
        return np.zeros(0, dtype=np.uint8)
    # A plain view of the map: numpy's own class for it is slow to slice.
    return np.memmap(file, dtype=np.uint8, mode="r").view(np.ndarray)


def write_sums(file: Path) -> None:
    """Write the checksums of a complete file beside it."""
    with file.open("rb") as data:
        parts = iter(lambda: data.read(PART), b"")
        sums = np.array([zlib.crc32(part) for part in parts], dtype=np.uint32)
    save_array(_sums(file), sums)


def save_array(file: Path, array: NDArray[Any]) -> None:
    """Write an array as `numpy.save` does, whose error on a full disk gives no reason."""
    with written_array(file, array.dtype, *array.shape) as write:
        write(array)


@contextmanager
def written_array(
    file: Path, dtype: DTypeLike, *shape: int
) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Yield what writes the next part of an array of that type and shape into a .npy file."""
    descr = numpy_format.dtype_to_descr(np.dtype(dtype))
    header = {"descr": descr, "fortran_order": False, "shape": tuple(map(int, shape))}
    with naming(file), file.open("wb") as stream:
        numpy_format.write_array_header_1_0(stream, header)
        yield lambda part: _write(stream, part)


def _write(stream: BinaryIO, part: NDArray[Any]) -> None:
    stream.write(np.ascontiguousarray(part).data)


def _sums(file: Path) -> Path:
    return file.with_name(f"{file.name}.sums")
