"""Send trains of recorded runs as the live Karabo bridge does, and receive them.

Recorded runs replayed over ZeroMQ in the encoding of the Karabo bridge, and a client for it.
"""

__all__: list[str] = []
