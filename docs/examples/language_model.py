"""A portrait that says what a language model writes, while it writes (any OpenAI-like client)."""

import asyncio
from typing import Any

import lipwright


async def tokens(client: Any, model: str, question: str) -> Any:
    """Yield the answer in the pieces in which it comes."""
    messages = [{"role": "user", "content": question}]
    stream = await client.chat.completions.create(model=model, messages=messages, stream=True)
    async for event in stream:
        if event.choices and event.choices[0].delta.content:
            yield event.choices[0].delta.content


async def answer(session: Any, client: Any, model: str, question: str) -> None:
    """Stop whatever is being said, and say the answer sentence by sentence as it is written."""
    await session.interrupt()
    await session.say(tokens(client, model, question))


async def main(client: Any, model: str, sink: Any) -> None:
    """Answer what is typed."""
    async with lipwright.live("me.jpg", voice="anika", sink=sink) as session:
        while question := await asyncio.to_thread(input, "You: "):
            await answer(session, client, model, question)
