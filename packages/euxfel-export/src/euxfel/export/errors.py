"""What can go wrong with streams, as part of the project's tree of errors.

::

    EuxfelError
    ├── StreamTimeoutError  (TimeoutError)     no train came in time
    ├── StreamLostError     (ConnectionError)  the server went away before the end
    ├── AddressError        (OSError)          an address cannot be used
    ├── BadMessageError     (ValueError)       what came is no train
    └── NotStreamableError  (TypeError)        a value has no form in the protocol
"""

from __future__ import annotations

from euxfel.fileaccess import EuxfelError


class StreamTimeoutError(EuxfelError, TimeoutError):
    """No train came in time."""


class StreamLostError(EuxfelError, ConnectionError):
    """The server went away before it said that the stream ended."""


class AddressError(EuxfelError, OSError):
    """A socket cannot be bound or connected to this address."""


class BadMessageError(EuxfelError, ValueError):
    """A message is not a train of the Karabo bridge."""


class NotStreamableError(EuxfelError, TypeError):
    """A value has no form in the protocol."""
