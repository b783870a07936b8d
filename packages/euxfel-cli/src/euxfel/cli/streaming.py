"""What the commands that stream share: arguments, where clients connect, what became of trains."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .exits import FINE, PROBLEMS
from .mistakes import UsageError
from .output import tell

if TYPE_CHECKING:
    from euxfel.core import DataCollection
    from euxfel.export import ServerKeys

_KEY_LETTERS = 40


def add_streaming(parser: ArgumentParser) -> None:
    """Add how trains are sent."""
    parser.add_argument(
        "-z",
        "--socket-type",
        choices=["REP", "PUB", "PUSH"],
        default="REP",
        help="REP: a train for each request (default); PUB: all trains to all; PUSH: each to one",
    )
    parser.add_argument(
        "--append-detector-modules",
        action="store_true",
        help="send the modules of a detector as one source, DETECTOR/DET/APPEND",
    )
    parser.add_argument(
        "--dummy-timestamps",
        action="store_true",
        help="the present time where files do not tell the time of a train",
    )
    parser.add_argument(
        "--use-infiniband", action="store_true", help="bind to the Infiniband interface"
    )
    parser.add_argument(
        "--bind",
        metavar="ADDRESS",
        help="address to bind to, * for all; by default only this machine can connect",
    )
    parser.add_argument("--rate", type=float, metavar="HZ", help="trains per second at most")
    parser.add_argument("--loop", action="store_true", help="begin again after the last train")
    parser.add_argument(
        "--trains", metavar="FIRST:END", help="positions of trains, such as 10:20 or :100"
    )
    parser.add_argument(
        "--protocol", choices=["2.2", "1.0"], default="2.2", help="version of the protocol"
    )
    parser.add_argument(
        "--curve-secret-key",
        metavar="FILE",
        help="the server's secret CURVE key: only who knows its public key gets trains",
    )
    parser.add_argument(
        "--allow-clients",
        metavar="FILE",
        help="public CURVE keys, one a line: of those who know the key, only these get trains",
    )


def serve(data: DataCollection, args: Namespace, port: str, **options: Any) -> int:
    """Send data as the arguments say, until it was delivered or Ctrl-C."""
    from euxfel.export import serve_data

    report = serve_data(
        data,
        port,
        append_detector_modules=args.append_detector_modules,
        dummy_timestamps=args.dummy_timestamps,
        use_infiniband=args.use_infiniband,
        sock=args.socket_type,
        bind=args.bind,
        rate=args.rate,
        loop=args.loop,
        trains=positions(args.trains),
        protocol_version=args.protocol,
        keys=keys_in(args.curve_secret_key, args.allow_clients),
        on_start=lambda serving: print(f"Streamer started on: {serving.endpoint}", flush=True),
        **options,
    )
    tell(str(report))
    return PROBLEMS if report.unacknowledged or report.lost or report.missed else FINE


def keys_in(secret_file: str | None, clients_file: str | None) -> ServerKeys | None:
    """Read the keys of a server; None if it has none."""
    if secret_file is None:
        if clients_file is not None:
            raise UsageError("--allow-clients needs --curve-secret-key: keys come in pairs")
        return None
    from euxfel.export import ServerKeys

    (secret,) = _keys(secret_file, "one")
    return ServerKeys(secret, None if clients_file is None else _keys(clients_file))


def _keys(path: str, number: str = "") -> list[str]:
    try:
        found = Path(path).read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as keys: {error}") from error
    if any(len(key) != _KEY_LETTERS for key in found) or (number and len(found) != 1):
        raise UsageError(f"{path}: wanted {number or 'lines of one'} CURVE key of 40 letters")
    return found


def positions(text: str | None) -> slice | None:
    """Give the slice for a text.

    Examples
    --------
    >>> from euxfel.cli.streaming import positions
    >>> positions("10:20")
    slice(10, 20, None)
    """
    if text is None:
        return None
    first, colon, end = text.partition(":")
    if not colon or not all(part.removeprefix("-").isdecimal() for part in (first, end) if part):
        raise UsageError(f"--trains {text}: positions of trains are such as 10:20, :100 or 50:")
    return slice(int(first) if first else None, int(end) if end else None)
