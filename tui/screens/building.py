"""Building a request for the eye, in a thread: a template may take its time."""

import asyncio

from core.actions.caller import Caller
from core.actions.preview import Sample, preview
from core.model import Webhook
from core.request import PreparedRequest


def built(caller: Caller, webhook: Webhook, sample: Sample) -> PreparedRequest:
    """The request an attempt would send now. Raises InvalidTemplate, TemplateFailed."""

    async def build() -> PreparedRequest:
        return await preview(caller, webhook, sample)

    # An action is a coroutine; this one waits for nothing, and this is a thread.
    return asyncio.run(build())
