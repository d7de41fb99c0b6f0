"""A small mail server of our own that behaves as badly as a test wants."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread


@dataclass
class Sink:
    """What came in, and how the server answers from now on.

    `mood` is `kind`, `451` or `550` (to every recipient), `554` (to the letter), `421`, `hang`, or
    `drop`: it takes the letter whole and goes away without a word.
    """

    mood: str = "kind"
    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    calls: int = 0

    @property
    def keys(self) -> list[str]:
        """The Message-IDs in the order in which letters came."""
        return [str(letter["Message-ID"]) for letter in self.letters]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.calls += 1
        if self.mood == "hang":
            await reader.read()
        else:
            writer.write(b"220 sink\r\n" if self.mood != "421" else b"421 later\r\n")
            while line := await reader.readline():
                if not await self._answer(line.decode().upper(), reader, writer):
                    break
        writer.close()

    async def _answer(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        if line.startswith("DATA"):
            writer.write(b"354 go on\r\n")
            data = await reader.readuntil(b"\r\n.\r\n")
            if self.mood != "554":
                self.letters.append(message_from_bytes(data[:-5], policy=policy.default))
            if self.mood == "drop":
                return False
            writer.write(b"554 no\r\n" if self.mood == "554" else b"250 taken\r\n")
        elif line.startswith("RCPT") and self.mood in ("451", "550"):
            writer.write(f"{self.mood} no\r\n".encode())
        elif line.startswith("QUIT"):
            writer.write(b"221 bye\r\n")
            return False
        else:
            writer.write(b"250 fine\r\n")
        return True


@contextmanager
def running() -> Iterator[Sink]:
    """A sink on a free port of this machine, in a thread of its own."""
    sink, ready = Sink(), Event()
    ways: list[Callable[[], object]] = []

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        ways.append(lambda: loop.call_soon_threadsafe(stop.set))
        server = await asyncio.start_server(sink.talk, "127.0.0.1", 0)
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(10)
    try:
        yield sink
    finally:
        ways[0]()
        thread.join(10)
