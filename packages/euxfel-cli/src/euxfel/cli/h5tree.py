"""What stands in an HDF5 file, dataset by dataset, without reading data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import h5py

from euxfel.fileaccess.errors import FileStructureError
from euxfel.fileaccess.foreign import translated
from euxfel.fileaccess.handle import FileHandle

_LAYOUTS = {
    h5py.h5d.COMPACT: "compact",
    h5py.h5d.CONTIGUOUS: "contiguous",
    h5py.h5d.CHUNKED: "chunked",
    h5py.h5d.VIRTUAL: "virtual",
}
# Source: the list of registered filters of the HDF Group.
_FILTERS = {
    1: "deflate",
    2: "shuffle",
    3: "fletcher32",
    4: "szip",
    5: "nbit",
    6: "scaleoffset",
    32000: "lzf",
    32001: "blosc",
    32004: "lz4",
    32008: "bitshuffle",
    32015: "zstd",
    32026: "blosc2",
}


class Node(NamedTuple):
    """A dataset, or a link to something else.

    Attributes
    ----------
    path : str
        Where it is in the file.
    link : str
        What it is a link to; empty for a dataset, whose facts follow.
    shape : list of int or None
        None for a dataset without a space.
    dtype : str
        Type as NumPy spells it; ``str`` for text of any length.
    layout : str
        ``"contiguous"``, ``"chunked"``, ``"compact"`` or ``"virtual"``.
    chunks : list of int or None
        Shape of a chunk.
    filters : list of str
        Filters in the order in which data passes them when it is written.
    stored : int
        Bytes in the file.
    """

    path: str
    link: str = ""
    shape: list[int] | None = None
    dtype: str = ""
    layout: str = ""
    chunks: list[int] | None = None
    filters: tuple[str, ...] = ()
    stored: int = 0


def nodes(path: str) -> Iterator[Node]:
    """Go through datasets and links of a file, in the order of their names.

    A group that can be reached in two ways is entered once.

    Raises
    ------
    FileStructureError
        If it is no HDF5 file, or a damaged one.
    """
    # Opened like all files: HDF5 refuses to open one in two ways in one process.
    with translated(path), FileHandle(path).h5() as file:
        yield from _below(file)


def _below(file: Any) -> Iterator[Node]:
    entered = {_address(file)}
    # A stack of our own: files can be nested deeper than calls.
    waiting = [iter(_members(file))]
    groups = [file]
    while waiting:
        name = next(waiting[-1], None)
        if name is None:
            waiting.pop()
            groups.pop()
            continue
        parent = groups[-1]
        path = f"{parent.name.rstrip('/')}/{name}".lstrip("/")
        link = parent.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            yield Node(path, _target(link))
            continue
        item = _opened(parent, name, path)
        if isinstance(item, h5py.Dataset):
            yield _dataset(path, item)
        elif isinstance(item, h5py.Group) and _address(item) not in entered:
            entered.add(_address(item))
            waiting.append(iter(_members(item)))
            groups.append(item)


def _members(group: Any) -> list[str]:
    return sorted(group)


def _opened(parent: Any, name: str, path: str) -> Any:
    try:
        return parent[name]
    except (KeyError, RuntimeError) as exc:
        raise FileStructureError(f"{path} cannot be read: {exc}") from exc


def _address(item: Any) -> int:
    address: int = h5py.h5o.get_info(item.id).addr
    return address


def _target(link: Any) -> str:
    if isinstance(link, h5py.ExternalLink):
        return f"{link.filename}:{link.path}"
    return str(getattr(link, "path", "unknown kind of link"))


def _dataset(path: str, item: Any) -> Node:
    created = item.id.get_create_plist()
    layout = created.get_layout()
    return Node(
        path=path,
        shape=None if item.shape is None else list(item.shape),
        dtype=_type_name(item),
        layout=_LAYOUTS.get(layout, "unknown"),
        chunks=list(item.chunks) if item.chunks else None,
        filters=tuple(_filters(created)),
        stored=item.id.get_storage_size(),
    )


def _type_name(item: Any) -> str:
    try:
        dtype = item.dtype
    except TypeError:
        return "unknown to NumPy"
    if h5py.check_string_dtype(dtype) is not None:
        return "str"
    if h5py.check_vlen_dtype(dtype) is not None:
        return f"lists of {h5py.check_vlen_dtype(dtype)}"
    return "reference" if dtype.kind == "O" else str(dtype)


def _filters(created: Any) -> Iterator[str]:
    for i in range(created.get_nfilters()):
        code, _flags, values, _name = created.get_filter(i)
        name = _FILTERS.get(code, f"filter {code}")
        yield f"{name}({values[0]})" if name == "deflate" else name
