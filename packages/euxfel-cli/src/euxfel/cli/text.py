"""Text for a terminal or a pipe: sizes with units, aligned columns, nothing that moves a cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def plain(text: str) -> str:
    r"""Give text in which every character shows; the others are spelled out.

    Files choose their names, terminals obey them. `euxfel.core.display` has the same for
    summaries; here it is needed before any library is loaded.

    Examples
    --------
    >>> from euxfel.cli.text import plain
    >>> plain("MOTOR\x1b[31m")
    'MOTOR\\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def size(n_bytes: float) -> str:
    """Give a number of bytes for people, with three digits.

    Examples
    --------
    >>> from euxfel.cli.text import size
    >>> size(999), size(1000), size(2_345_678_901), size(123_400_000_000_000)
    ('999 B', '1.00 kB', '2.35 GB', '123 TB')
    """
    if n_bytes < 1000:
        return f"{int(n_bytes)} B"
    shown, power = n_bytes / 1000, 0
    # What would be rounded to 1000 is 1.00 of the next unit.
    while shown >= 999.5 and power < len(_UNITS) - 1:
        shown, power = shown / 1000, power + 1
    digits = 2 if shown < 9.995 else 1 if shown < 99.95 else 0
    return f"{shown:.{digits}f} {_UNITS[power]}"


def counted(n: int, noun: str) -> str:
    """Give a number with its noun.

    Examples
    --------
    >>> from euxfel.cli.text import counted
    >>> counted(1, "file"), counted(420, "file")
    ('1 file', '420 files')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def wrapped(line: str, columns: int | None) -> Iterable[str]:
    """Give a line as several where it is too long. Names are never cut.

    Parameters
    ----------
    line : str
        Plain text; its indentation is kept.
    columns : int or None
        How many there are; None if it does not matter.
    """
    if columns is None or len(line) <= columns:
        return (line,)
    from textwrap import wrap

    text = line.lstrip()
    indent = " " * (len(line) - len(text))
    return wrap(
        text,
        max(columns, len(indent) + 20),
        initial_indent=indent,
        subsequent_indent=indent + "    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(
    rows: Iterable[Sequence[str]], head: Sequence[str] = (), align: str = ""
) -> Iterator[str]:
    r"""Give the lines of a table with aligned columns. Cells are made plain and never cut.

    Parameters
    ----------
    rows : iterable of sequence of str
        Cells, all rows of one length.
    head : sequence of str
        Names of the columns.
    align : str
        ``<`` or ``>`` for each column; those not given are ``<``.

    Examples
    --------
    >>> from euxfel.cli.text import table
    >>> print(*table([["r0001", "64"], ["r0002", "1280"]], ["run", "trains"], "<>"), sep="\n")
    run    trains
    r0001      64
    r0002    1280
    """
    cells = [[plain(cell) for cell in row] for row in ([head, *rows] if head else rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    sides = align.ljust(len(widths), "<")
    for row in cells:
        columns = zip(row, sides, widths, strict=True)
        yield "  ".join(f"{cell:{side}{width}}" for cell, side, width in columns).rstrip()
