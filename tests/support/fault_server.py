#!/usr/bin/env python3
"""fault_server.py DIR [CERTIFICATE]: serves DIR's files over HTTP (HTTPS) on the loopback, and does
to them what servers and lines do. Prints its port, then serves until its standard input ends.

The first part of a path says how: /plain/a.tar.gz, /cut/a.tar.gz, ... (the functions that are named
after it below). "First" is the first request for that path; a query (?x) makes it another one.
DIR/requests.log gets a line for each request: what was asked for, and the code of the answer."""
import email.utils
import hashlib
import http.server
import os
import pathlib
import ssl
import sys
import threading
import time
import urllib.parse

PIECE = 1 << 14


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path  # a proxy is asked for a whole URL
        how, _, self.name = path.lstrip("/").partition("/")
        with self.server.lock:
            n_before = self.server.n_requests.get(self.path, 0)
            self.server.n_requests[self.path] = n_before + 1
        self.is_first = n_before == 0
        self.close_connection = True
        if how.isdigit():
            self.send_status(int(how))
        else:
            getattr(self, "serve_" + how)()

    # -- the ways ------------------------------------------------------------------------------

    def serve_plain(self):
        self.send_file(self.name)

    def serve_cut(self):
        """The first time the connection breaks half-way."""
        self.send_file(self.name, share=0.5 if self.is_first else 1)

    def serve_always_cut(self):
        self.send_file(self.name, limit=PIECE)

    def serve_stall(self):
        """The first time nothing more comes from half-way on."""
        self.send_file(self.name, share=0.5 if self.is_first else 1)
        if self.is_first:
            self.wait_for_goodbye()

    def serve_hang(self):
        self.note("nothing")
        self.wait_for_goodbye()

    def serve_slow(self):
        self.send_file(self.name, pause=0.02)

    def serve_busy(self):
        """The first time it has no time."""
        self.send_status(503) if self.is_first else self.send_file(self.name)

    def serve_norange(self):
        """Breaks half-way the first time, and knows whole files only."""
        self.send_file(self.name, share=0.5 if self.is_first else 1, ranges=False)

    def serve_no_such_range(self):
        """Breaks half-way the first time, and refuses to continue there."""
        if not self.is_first and self.headers["Range"]:
            self.send_status(416)
        else:
            self.send_file(self.name, share=0.5 if self.is_first else 1)

    def serve_changed(self):
        """Breaks half-way the first time; later there is another file."""
        self.send_file(self.name if self.is_first else "other.tar.gz",
                       share=0.5 if self.is_first else 1)

    def serve_changed_blindly(self):
        """The same, by a server that ignores If-Range."""
        self.send_file(self.name if self.is_first else "other.tar.gz",
                       share=0.5 if self.is_first else 1, obeys_if_range=False)

    def serve_changed_namelessly(self):
        """The same, by one that does not say either which file it is: only the length differs."""
        self.send_file(self.name if self.is_first else "other.tar.gz",
                       share=0.5 if self.is_first else 1, obeys_if_range=False, names=False)

    def serve_nolength(self):
        self.send_file(self.name, length=False)

    def serve_nolength_cut(self):
        """The first time it breaks, after which only the bytes tell that some are missing."""
        self.send_file(self.name, length=False, share=0.5 if self.is_first else 1)

    def serve_private(self):
        known = self.headers["Authorization"] == "Basic bWU6c2VjcmV0"  # me:secret
        self.send_file(self.name) if known else self.send_status(401)

    def serve_redirect(self):
        self.send_status(302, Location="/plain/" + self.name)

    def serve_to_file(self):
        self.send_status(302, Location="file:///etc/passwd")

    def serve_loop(self):
        self.send_status(302, Location="/loop/" + self.name)

    def serve_claims(self):
        """/claims/N/name: says that it has N bytes, and sends some."""
        n_bytes = int(self.name.split("/")[0])
        self.note(200)
        self.send_response(200)
        self.send_header("Content-Length", str(n_bytes))
        self.end_headers()
        self.wfile.write(bytes(min(n_bytes, PIECE)))

    # -- answers -------------------------------------------------------------------------------

    def note(self, code):
        asked = [self.headers["Range"]] if self.headers["Range"] else []
        asked += ["If-Range"] if self.headers["If-Range"] else []
        line = " ".join([self.path.lstrip("/"), *asked, "->", str(code)])
        with self.server.lock, open("requests.log", "a", encoding="utf-8") as log:
            log.write(line + "\n")

    def wait_for_goodbye(self):
        try:
            while self.rfile.read1(1):
                pass
        except OSError:
            pass

    def send_status(self, code, **headers):
        body = b"" if code == 302 else b"<html>An error page, which is no archive.</html>" * 100
        self.note(code)
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.send_bytes(body)

    def send_bytes(self, data, pause=0):
        try:
            for at in range(0, len(data), PIECE):
                self.wfile.write(data[at:at + PIECE])
                time.sleep(pause)
        except OSError:  # the client has gone
            pass

    def first_byte(self, etag, modified, n_all, obeys_if_range):
        """Where an answer starts; None for one about no such bytes."""
        if not self.headers["Range"]:
            return 0
        known = self.headers["If-Range"]
        if obeys_if_range and known and known not in (etag, modified):
            return 0
        first = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        return first if first < n_all else None

    def send_file(self, name, share=1, limit=None, pause=0, ranges=True, obeys_if_range=True,
                  names=True, length=True):
        path = pathlib.Path(name)
        if not path.is_file() or path.parent != pathlib.Path("."):
            return self.send_status(404)
        data = path.read_bytes()
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        modified = email.utils.formatdate(path.stat().st_mtime, usegmt=True)
        first = self.first_byte(etag, modified, len(data), obeys_if_range) if ranges else 0
        if first is None:
            return self.send_status(416, **{"Content-Range": f"bytes */{len(data)}"})
        is_part = ranges and self.headers["Range"] and first > 0
        self.note(206 if is_part else 200)
        self.send_response(206 if is_part else 200)
        if names:
            self.send_header("ETag", etag)
            self.send_header("Last-Modified", modified)
        if is_part:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        if length:
            self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        end = first + int(share * (len(data) - first))
        self.send_bytes(data[first:end if limit is None else min(end, first + limit)], pause)

    def end_headers(self):
        self.send_header("Connection", "close")
        super().end_headers()

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.lock = threading.Lock()
        self.n_requests = {}


def main():
    os.chdir(sys.argv[1])
    server = Server(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 2:  # a certificate, with its key in the same file
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
