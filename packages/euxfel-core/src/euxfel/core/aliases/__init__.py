"""Short names for sources and keys."""

from .definitions import Alias, AliasDefinitionError
from .indexer import AliasIndexer
from .opening import read_default_aliases
from .table import AliasTable

__all__ = [
    "Alias",
    "AliasDefinitionError",
    "AliasIndexer",
    "AliasTable",
    "read_default_aliases",
]
