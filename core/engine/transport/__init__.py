"""The transport: one httpx request to one receiver, cheaply and within bounds.

    transport   takes an idle connection or dials one, sends, waits     ◄─ start here
    ├─ wire         the request's bytes, checked
    ├─ pool         connections at rest
    ├─ dial         name, address policy, TCP, TLS
    │  ├─ resolve      names to addresses, in threads of our own
    │  └─ tls          the two policies, and what a handshake showed
    └─ connection   one socket: carries one exchange at a time
       ├─ exchange     a response as it arrives, and the stream that httpx reads
       └─ reader       HTTP/1.1 from bytes; no I/O

`httpx.AsyncHTTPTransport` can stand in for it: it ignores our extensions, and then
there are no phases, no address policy and one TLS policy for all.
"""

from core.engine.transport.dial import Blocked, Vet, allow_all
from core.engine.transport.pool import Pool
from core.engine.transport.resolve import Address, Answer, Resolver
from core.engine.transport.tls import Trust
from core.engine.transport.transport import TIMING, VERIFY, HooklineTransport

__all__ = [
    "TIMING",
    "VERIFY",
    "Address",
    "Answer",
    "Blocked",
    "HooklineTransport",
    "Pool",
    "Resolver",
    "Trust",
    "Vet",
    "allow_all",
]
