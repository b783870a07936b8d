"""How data is shown: summaries as values, with text, HTML and JSON made of them.

Nothing here prints, and only `plot_missing_data` imports matplotlib.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from euxfel.fileaccess.lazy_names import lazy_names

if TYPE_CHECKING:
    from .grouping import NameGroup, group_names
    from .html import collection_html, key_html, source_html
    from .missing import MissingData, missing_data
    from .plotting import plot_missing_data
    from .summarising import detector_facts, summarise
    from .summary import Summary
    from .train import train_text

__all__ = [
    "MissingData",
    "NameGroup",
    "Summary",
    "collection_html",
    "detector_facts",
    "group_names",
    "key_html",
    "missing_data",
    "plot_missing_data",
    "source_html",
    "summarise",
    "train_text",
]

# What only words something can be had without the libraries that reading takes.
__getattr__ = lazy_names(
    __name__,
    {
        ".grouping": ["NameGroup", "group_names"],
        ".html": ["collection_html", "key_html", "source_html"],
        ".missing": ["MissingData", "missing_data"],
        ".plotting": ["plot_missing_data"],
        ".summarising": ["detector_facts", "summarise"],
        ".summary": ["Summary"],
        ".train": ["train_text"],
    },
)


def __dir__() -> list[str]:
    return __all__
