"""Send trains of recorded runs as the live Karabo bridge does, and receive them.

`serve_files` and `serve_data` replay recorded data, `replay` does so beside other work,
`ZMQStreamer` sends what a program makes; ``for tid, data in stream(address)`` receives.
"""

from typing import TYPE_CHECKING

from euxfel.fileaccess.lazy_names import lazy_names

if TYPE_CHECKING:
    from .client import Stream, stream
    from .counts import StreamReport
    from .curve import ClientKeys, KeyPair, ServerKeys, new_keys
    from .errors import (
        AddressError,
        BadMessageError,
        NotStreamableError,
        StreamLostError,
        StreamTimeoutError,
    )
    from .limits import Limits
    from .replaying import Replay, replay, serve_data, serve_files
    from .streamer import ZMQStreamer

__all__ = [
    "AddressError",
    "BadMessageError",
    "ClientKeys",
    "KeyPair",
    "Limits",
    "NotStreamableError",
    "Replay",
    "ServerKeys",
    "Stream",
    "StreamLostError",
    "StreamReport",
    "StreamTimeoutError",
    "ZMQStreamer",
    "new_keys",
    "replay",
    "serve_data",
    "serve_files",
    "stream",
]

__getattr__ = lazy_names(
    __name__,
    {
        ".client": ["Stream", "stream"],
        ".counts": ["StreamReport"],
        ".curve": ["ClientKeys", "KeyPair", "ServerKeys", "new_keys"],
        ".errors": [
            "AddressError",
            "BadMessageError",
            "NotStreamableError",
            "StreamLostError",
            "StreamTimeoutError",
        ],
        ".limits": ["Limits"],
        ".replaying": ["Replay", "replay", "serve_data", "serve_files"],
        ".streamer": ["ZMQStreamer"],
    },
)


def __dir__() -> list[str]:
    return __all__
