"""The HTTP client of a runner: one pool of connections for the model and the tools."""

import aiohttp


def open_client() -> aiohttp.ClientSession:
    """Opens a client that keeps connections alive. To be called within a running loop, and closed by the caller."""
    # aiohttp allows 100 connections at once unless told otherwise, and the 101st stream would wait for one to end.
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
