"""A mail server for tests: keeps what it takes as files in a folder, and misbehaves for some recipients.

    server.py FOLDER    says `listening PORT`

gone@...   no such mailbox          relay@...  we do not like you
busy@...   come back later, always  slow@...   come back later, once
"""

import asyncio
import pathlib
import sys

from aiosmtpd.smtp import SMTP

folder = pathlib.Path(sys.argv[1])
REFUSALS = {"gone": "550 5.1.1 no such mailbox", "relay": "550 5.7.1 relaying denied", "busy": "451 4.3.2 come back later"}
seen = set()
count = 0


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name in REFUSALS:
            return REFUSALS[name]
        if name == "slow" and name not in seen:
            seen.add(name)
            return REFUSALS["busy"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global count
        count += 1
        (folder / f"{count:04}.eml").write_bytes(envelope.content)
        return f"250 taken as {count}"


async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Handler(), enable_SMTPUTF8=True), "127.0.0.1", 0)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
