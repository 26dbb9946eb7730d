"""The `python` runner: one asyncio process on uvloop. COMPUTE and STORE choose the variant."""

import asyncio
import logging
import os
import platform
import resource

import uvloop
from agent_kit import observe
from agent_kit.compute import compute_named
from agent_kit.front import Front, port_from_environment, terminated
from agent_kit.outbound import open_client

from sessions import Sessions
from store import NoStore, Store


def store_named(name: str) -> Store:
    """The one of that name: "none" or "postgres" (at DATABASE_URL)."""
    match name:
        case "none":
            return NoStore()
        case "postgres":
            # Whoever needs no database does not wait for its driver at each start.
            from postgres import PostgresStore

            return PostgresStore(os.environ["DATABASE_URL"])
    raise ValueError(f'STORE is "{name}"; expected none or postgres')


async def main() -> None:
    """Serves until SIGTERM, then lets running turns finish for at most 10 s."""
    observe.start()
    store = store_named(os.environ.get("STORE", "none"))
    compute = compute_named(os.environ.get("COMPUTE", "inline"))
    async with open_client() as http:
        sessions = Sessions(store, compute, http)
        front = Front(sessions, "python", platform.python_version())
        await front.open(port_from_environment())
        opening = asyncio.create_task(sessions.open())
        await terminated()
        drained = await front.drain()
        opening.cancel()
        await store.close()
    if not drained:
        # Python would wait for threads and workers that still compute.
        os._exit(0)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # A stream is a descriptor; the usual soft limit is 1024.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(main())
