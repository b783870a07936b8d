"""Small datasets read straight from a file's bytes, without the HDF5 library.

The library takes about a third of a millisecond to find and read one small dataset, and opening
a run reads thousands of them. Data files store names, indexes and train IDs in few of the many
ways that HDF5 has: those are read here. At all else `UnfamiliarError` is raised, and the library
has to do it. What it would read wrongly or refuse is never read here either.
"""

from .datasets import DirectDataset, describe
from .file_bytes import FileBytes
from .headers import Message
from .reading import DirectFile
from .unfamiliar import UnfamiliarError

__all__ = ["DirectDataset", "DirectFile", "FileBytes", "Message", "UnfamiliarError", "describe"]
