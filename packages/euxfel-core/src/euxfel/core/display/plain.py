"""Names and messages as they may be shown: files choose them, terminals and browsers obey them."""

from __future__ import annotations


def plain(text: str) -> str:
    r"""Give text in which every character shows; the others are spelled out.

    Control characters can move a cursor, recolour a terminal or reverse the order of letters.

    Examples
    --------
    >>> from euxfel.core.display.plain import plain
    >>> plain("MOTOR\x1b[31m")
    'MOTOR\\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def counted(n: int, noun: str) -> str:
    """Give a number with its noun.

    Examples
    --------
    >>> from euxfel.core.display.plain import counted
    >>> counted(1, "train"), counted(64, "train"), counted(2, "entry")
    ('1 train', '64 trains', '2 entries')
    """
    if n == 1:
        return f"1 {noun}"
    return f"{n} {noun[:-1]}ies" if noun.endswith("ry") else f"{n} {noun}s"


def percent(part: int, whole: int) -> str:
    """Give a share in percent, which is 0 or 100 only if it is exactly that.

    Examples
    --------
    >>> from euxfel.core.display.plain import percent
    >>> percent(63, 64), percent(1, 20000), percent(19999, 20000), percent(5, 5)
    ('98.4 %', '<0.1 %', '>99.9 %', '100 %')
    """
    if not whole or part in (0, whole):
        return "100 %" if part and whole else "0 %"
    share = 100 * part / whole
    if share < 0.1:
        return "<0.1 %"
    return ">99.9 %" if share > 99.9 else f"{share:.1f} %"
