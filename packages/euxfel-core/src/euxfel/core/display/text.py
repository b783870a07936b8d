"""A summary as plain text. Whatever names the files hold, a terminal only shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from euxfel.fileaccess.problems import Problem

from . import phrases
from .plain import plain
from .summary import Details, DetectorLine, LegacyLine, SourceLine, Summary, n_sources

# More would drown the rest; `run.problems` has them all.
_SHOWN_PROBLEMS = 10
_LABEL = 10


def summary_text(summary: Summary, width: int | None = None) -> str:
    """Give a summary as lines of text, without a line break at the end."""
    lines = [*_head(summary), *_sections(summary), *_problems(summary.problems)]
    shown = (line for part in lines for line in _wrapped(plain(part), width))
    return "\n".join(shown).rstrip("\n")


def auxiliary_text(reduction: tuple[SourceLine, ...], errata: tuple[SourceLine, ...]) -> str:
    """Give sources on reduction and errata as lines of text."""
    lines = [*_sources("Reduction sources", reduction), *_sources("Errata sources", errata)]
    return "\n".join(map(plain, lines)).strip("\n")


def _head(summary: Summary) -> Iterator[str]:
    yield phrases.title(summary.place)
    yield ""
    for label, fact in phrases.train_facts(summary.trains):
        yield f"{label:<{_LABEL}}{fact}"
    if summary.place.file is None:
        yield f"{'Files':<{_LABEL}}{summary.place.n_files}"
    for i, found in enumerate(summary.shortfalls):
        yield f"{'' if i else 'Lacking':<{_LABEL}}{phrases.shortfall(found)}"
    for i, line in enumerate(summary.offsets):
        yield f"{'' if i else 'Offsets':<{_LABEL}}{phrases.offset(line)}"


def _sections(summary: Summary) -> Iterator[str]:
    if summary.detectors:
        yield from _heading("Detectors", len(summary.detectors))
        for line in summary.detectors:
            yield from _detector(line)
    yield from _sources("Instrument sources", summary.instrument)
    yield from _sources("Control sources", summary.control)
    if summary.reduction is not None:
        yield from _sources("Reduction sources", summary.reduction)
    if summary.errata is not None:
        yield from _sources("Errata sources", summary.errata)
    if summary.legacy:
        yield from _heading("Legacy names", sum(len(line.names) for line in summary.legacy))
        yield from (_legacy(line) for line in summary.legacy)


def _heading(name: str, n: int) -> Iterator[str]:
    yield ""
    yield f"{name} ({n})"


def _detector(line: DetectorLine) -> Iterator[str]:
    yield f"  {line.pattern}{_saved_by(line.aggregators)}"
    yield f"      {phrases.detector_facts(line)}"
    if line.missing_modules:
        yield f"      {phrases.missing_modules(line)}"
    if line.frames is not None and line.frames.error:
        yield f"      frames not known: {line.frames.error}"
    for source in line.sources:
        yield from _source(source, indent="    ")


def _sources(heading: str, lines: tuple[SourceLine, ...]) -> Iterator[str]:
    yield from _heading(heading, n_sources(lines))
    for line in lines:
        yield from _source(line)


def _source(line: SourceLine, indent: str = "  ") -> Iterator[str]:
    details = line.details
    of_class = f"  ({details.device_class})" if details and details.device_class else ""
    yield f"{indent}{line.pattern}{of_class}{_saved_by(line.aggregators)}"
    if details is not None:
        yield from (f"{indent}    {fact}" for fact in _details(details))


def _saved_by(aggregators: tuple[str, ...]) -> str:
    return f"  [{phrases.saved_by(aggregators)}]" if aggregators else ""


def _details(details: Details) -> Iterator[str]:
    if details.error:
        yield f"cannot be read: {details.error}"
    named = max((len(c.group) for c in details.counts), default=0)
    for counts in details.counts:
        gap = "  " if named else ""
        yield f"{counts.group:<{named}}{gap}{phrases.group_counts(counts)}"
    yield from _keys(details)
    if details.run_keys:
        yield "only in RUN: " + ", ".join(details.run_keys)


def _keys(details: Details) -> Iterator[str]:
    known = [k for k in details.keys if not k.error]
    table = [(k.key, k.dtype, phrases.key_shape(k), k.units) for k in known]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True) if width]
        yield "  " + "  ".join(cells).rstrip()
    yield from (f"  {k.key}  cannot be read: {k.error}" for k in details.keys if k.error)


def _legacy(line: LegacyLine) -> str:
    return f"  {line.old} -> {line.new}"


def _problems(problems: tuple[Problem, ...]) -> Iterator[str]:
    if not problems:
        return
    yield from _heading("Problems", len(problems))
    facts = phrases.problem_facts(problems)
    for kind, message, where in facts[:_SHOWN_PROBLEMS]:
        yield f"  {kind}: {message}" + (f" [{where}]" if where else "")
    if len(facts) > _SHOWN_PROBLEMS:
        yield f"  ... and {len(facts) - _SHOWN_PROBLEMS} more, see run.problems"


def _wrapped(line: str, width: int | None) -> Iterable[str]:
    if width is None or len(line) <= width:
        return (line,)
    text = line.lstrip()
    indent = " " * (len(line) - len(text))
    return wrap(
        text,
        max(width, len(indent) + 20),
        initial_indent=indent,
        subsequent_indent=indent + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
