"""HTML for notebooks: everything escaped, and no file is opened for it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import starmap
from typing import Any, Protocol

import numpy as np

from . import phrases
from .plain import counted, plain
from .protocols import CollectionLike, KeyLike, SourceLike
from .spans import train_span
from .summarising import summarise_known
from .summary import Details, DetectorLine, SourceLine, Summary, n_sources

# A page with more lines gets slow; the attributes of the collection have them all.
_SHOWN_LINES = 400
# Folded sections up to this length are open from the start.
_OPEN_UP_TO = 12

# Colours follow the page's own, so that dark themes work; amber reads well on both.
_STYLE = """<style>
.euxfel{line-height:1.45;max-width:60em}
.euxfel table{border-collapse:collapse;margin:.3em 0}
.euxfel .euxfel-facts th,.euxfel .euxfel-facts td{text-align:left;padding:.1em 1.2em .1em 0;\
background:none;border:none;vertical-align:top;font-weight:normal}
.euxfel .euxfel-facts th{opacity:.65}
.euxfel ul{margin:.1em 0 .4em 1.2em;padding:0;list-style:none}
.euxfel li{margin:0;padding:0}
.euxfel code{background:none;padding:0;color:inherit}
.euxfel summary{cursor:pointer}
.euxfel .euxfel-note{opacity:.65}
.euxfel .euxfel-warn{border-left:3px solid #d98200;padding-left:.5em}
</style>"""


def collection_html(collection: CollectionLike) -> str:
    """Give what a person wants to see first of a collection."""
    return summary_html(summarise_known(collection))


def summary_html(summary: Summary) -> str:
    """Give a summary as HTML."""
    body = [
        f"<strong>{_text(phrases.title(summary.place))}</strong>",
        _facts(_head(summary)),
        *_warnings(summary),
        *_sections(summary),
    ]
    return _page(body)


def source_html(source: SourceLike) -> str:
    """Give what is known of a source without opening a file."""
    files = list(source.files)
    aggregators = {f.aggregator for f in files if f.aggregator}
    facts = [("Kind", source.section.lower()), *phrases.train_facts(train_span(source.train_ids))]
    facts.append(("Files", f"{len(files)}" + _in_brackets(phrases.saved_by(tuple(aggregators)))))
    return _page([f"<strong><code>{_text(source.source)}</code></strong>", _facts(facts)])


class IndexedKey(KeyLike, Protocol):
    """A key that knows which part of its source it belongs to."""

    @property
    def index_group(self) -> str:
        """Part of the source with entries of its own; empty for control data."""


class LayoutLike(Protocol):
    """Type and shape of one entry."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the data."""

    @property
    def entry_shape(self) -> tuple[int, ...]:
        """Shape of one entry."""


def key_html(key: IndexedKey, layout: LayoutLike | None = None) -> str:
    """Give what is known of a key without opening a file.

    Parameters
    ----------
    key : KeyData
        The key.
    layout : KeyLayout, optional
        Type and shape of its entries, if something else asked for them before.
    """
    facts = [("Source", key.source), ("Kind", key.section.lower())]
    if key.index_group:
        facts.append(("Group", key.index_group))
    if layout is not None:
        facts.append(("Entries", phrases.entry_facts(layout.dtype, layout.entry_shape)))
    facts += phrases.train_facts(train_span(key.train_ids))
    return _page([f"<strong><code>{_text(key.key)}</code></strong>", _facts(facts)])


def _page(body: Iterable[str]) -> str:
    return f'{_STYLE}<div class="euxfel">' + "\n".join(body) + "</div>"


def _text(text: str) -> str:
    return escape(plain(text))


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><th>{_text(a)}</th><td>{_text(b)}</td></tr>" for a, b in facts)
    return f'<table class="euxfel-facts">{rows}</table>'


def _head(summary: Summary) -> list[tuple[str, str]]:
    counts = [
        counted(len(summary.detectors), "detector") if summary.detectors else "",
        counted(n_sources(summary.instrument), "instrument source"),
        counted(n_sources(summary.control), "control source"),
    ]
    facts = [f for f in phrases.train_facts(summary.trains) if f[0] in ("Trains", "Duration")]
    facts.append(("Sources", ", ".join(c for c in counts if c)))
    if summary.place.file is None:
        facts.append(("Files", str(summary.place.n_files)))
    return facts


def _warnings(summary: Summary) -> list[str]:
    """Give what may spoil an analysis, before anything else."""
    facts = [f for f in phrases.train_facts(summary.trains) if f[0] in ("Absent", "Suspect")]
    facts += [("Lacking", phrases.shortfall(s)) for s in summary.shortfalls]
    facts += [("Offset", phrases.offset(line)) for line in summary.offsets]
    facts += [
        ("Modules", f"{d.name}: {phrases.missing_modules(d)}")
        for d in summary.detectors
        if d.missing_modules
    ]
    if not facts and not summary.problems:
        return []
    lines = starmap(_problem, phrases.problem_facts(summary.problems))
    problems = _folded("Problems", len(summary.problems), lines)
    return [f'<div class="euxfel-warn">{_facts(facts)}{problems}</div>']


def _problem(kind: str, message: str, where: str) -> str:
    note = f' <span class="euxfel-note">{_text(where)}</span>' if where else ""
    return f"<em>{_text(kind)}</em> {_text(message)}{note}"


def _sections(summary: Summary) -> list[str]:
    legacy = [
        f"<code>{_text(line.old)}</code> &rarr; <code>{_text(line.new)}</code>"
        for line in summary.legacy
    ]
    n_legacy = sum(len(line.names) for line in summary.legacy)
    return [
        _folded("Detectors", len(summary.detectors), map(_detector, summary.detectors)),
        _source_lines("Instrument sources", summary.instrument),
        _source_lines("Control sources", summary.control),
        _source_lines("Reduction sources", summary.reduction or ()),
        _source_lines("Errata sources", summary.errata or ()),
        _folded("Legacy names", n_legacy, legacy),
    ]


def _source_lines(heading: str, lines: tuple[SourceLine, ...]) -> str:
    return _folded(heading, n_sources(lines), map(_source, lines))


def _folded(heading: str, n: int, lines: Iterable[str]) -> str:
    """Give lines under a heading that opens; nothing if there are none."""
    items = list(lines)
    if not items:
        return ""
    shown = "".join(f"<li>{item}</li>" for item in items[:_SHOWN_LINES])
    if len(items) > _SHOWN_LINES:
        more = len(items) - _SHOWN_LINES
        shown += f'<li class="euxfel-note">and {more} more lines</li>'
    is_open = " open" if len(items) <= _OPEN_UP_TO else ""
    return f"<details{is_open}><summary>{heading} ({n})</summary><ul>{shown}</ul></details>"


def _detector(line: DetectorLine) -> str:
    facts = phrases.detector_facts(line)
    if line.missing_modules:
        facts += ", " + phrases.missing_modules(line)
    head = f'<code>{_text(line.pattern)}</code> <span class="euxfel-note">{_text(facts)}</span>'
    modules = "".join(f"<li>{_source(source)}</li>" for source in line.sources)
    return head + (f"<ul>{modules}</ul>" if modules else "")


def _source(line: SourceLine) -> str:
    head = f"<code>{_text(line.pattern)}</code>"
    if line.aggregators:
        head += f' <span class="euxfel-note">{_text(phrases.saved_by(line.aggregators))}</span>'
    return head if line.details is None else head + _details(line.details)


def _details(details: Details) -> str:
    if details.error:
        return f' <span class="euxfel-warn">cannot be read: {_text(details.error)}</span>'
    counts = [(c.group or "Data", phrases.group_counts(c)) for c in details.counts]
    keys = [
        (k.key, k.error or "  ".join(p for p in (k.dtype, phrases.key_shape(k), k.units) if p))
        for k in details.keys
    ]
    run = [("Only in RUN", ", ".join(details.run_keys))] if details.run_keys else []
    return _facts([*counts, *keys, *run])
