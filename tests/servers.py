"""Servers on real sockets that answer well, badly, slowly or not at all."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager, suppress

REASONS = {200: "OK", 302: "Found", 404: "Not Found", 409: "Conflict", 422: "Unprocessable"}


def answer(status=200, body=None, content=None):
    """Give the bytes of an answer; `content` instead of `body` if it is no JSON."""
    content = json.dumps(body).encode() if content is None else content
    head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


class Server:
    """Calls `serve(connection, request)` for every request; None for the rest of a connection."""

    def __init__(self, serve):
        self.requests = []
        self.connections = 0
        self._serve = serve
        self._open = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with suppress(OSError, ValueError):
            while request := _request(connection):
                self.requests.append(request)
                if self._serve(connection, request) == "close":
                    connection.close()


def _request(connection):
    """Give (verb, path, headers, body), or None when the other side has gone."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = connection.recv(65536)
        if not piece:
            return None
        text += piece
    head, _, body = text.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    pairs = (each.split(": ", 1) for each in lines)
    headers = {name.lower(): value for name, value in pairs}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    verb, path, _ = line.split(" ")
    return verb, path, headers, json.loads(body) if body else None


@contextmanager
def served(serve):
    """Run a server for a while; bytes are what it always answers."""
    server = Server(serve if callable(serve) else lambda connection, _: connection.sendall(serve))
    try:
        yield server
    finally:
        server.close()


def closed_port():
    """Give the address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
