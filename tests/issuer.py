"""An identity provider on a real socket that checks what it is asked, and lies when told to.

It keeps to OpenID Connect Core 1.0 and RFC 7636: a code is good once and for who proves to have
asked for it. Change its attributes to make it misbehave.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote_plus, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from streams.clock import SystemClock

CLIENT, SECRET = "fairuse-console", "a secret & more"


class Issuer:
    """One provider with one signed-in account."""

    def __init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "k1"}, auto_kid=False)
        self.published = [self.key]
        self.account = {"sub": "u-1", "email": "ana@example.com", "email_verified": True}
        self.changes = {}
        self.header = {}
        self.methods = ["client_secret_basic"]
        self.says_issuer = None
        self.broken = False
        self.asked = []
        self._codes = {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def rotate(self, *, publish=True):
        """Sign with a new key from now on."""
        self.key = RSAKey.generate_key(2048, {"kid": f"k{time.monotonic_ns()}"}, auto_kid=False)
        self.published = [self.key] if publish else self.published

    def consent(self, address):
        """Answer as a person who says yes: give the address that the browser is sent back to."""
        asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def discovery(self):
        return {
            "issuer": self.says_issuer or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": self.methods,
        }

    def keys(self):
        return {"keys": [key.as_dict(private=False) for key in self.published]}

    def token(self, form, authorization):
        asked = self._codes.pop(form.get("code"), None)
        if asked is None or not self._knows(form, authorization):
            return 400, {"error": "invalid_grant"}
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(SystemClock().now().timestamp())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.account,
        }
        claims = {name: value for name, value in (claims | self.changes).items() if value != "gone"}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        return 200, {"token_type": "Bearer", "id_token": jwt.encode(header, claims, self.key)}

    def _knows(self, form, authorization):
        if self.methods == ["client_secret_post"]:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        return tuple(map(unquote_plus, pair.split(":"))) == (CLIENT, SECRET)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        of = self.server.issuer
        found = {"/.well-known/openid-configuration": of.discovery, "/keys": of.keys}.get(self.path)
        of.asked.append(self.path)
        if self.path.startswith("/authorize?"):
            self.send_response(302)
            self.send_header("Location", of.consent(f"{of.url}{self.path}"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._answer(200, found()) if found else self._answer(404, {})

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        form = {n: v[0] for n, v in parse_qs(self.rfile.read(length).decode()).items()}
        self.server.issuer.asked.append(self.path)
        self._answer(*self.server.issuer.token(form, self.headers.get("Authorization", "")))

    def _answer(self, status, said):
        content = b"<html>" if self.server.issuer.broken else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@contextmanager
def issuing():
    """Run a provider for a while."""
    issuer = Issuer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.issuer = issuer
        issuer.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join(10)
