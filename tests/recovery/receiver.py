#!/usr/bin/env python3
"""A shop's webhook endpoint, in a process of its own: in the shoppers' interpreter it would be slower than what it measures.

As a program: prints its port, then a line {id, type, subject, time, header_id, at} for each webhook; ends with its input.
"""

import http.server
import json
import subprocess
import sys
import threading
import time


class Receiver:
    """Takes webhooks and journals them."""

    def __init__(self, journal):
        command = [sys.executable, __file__]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/hook"
        self.reader = threading.Thread(target=self.read, args=(journal,), daemon=True)
        self.reader.start()

    def read(self, journal):
        for line in self.process.stdout:
            journal.hook(json.loads(line))

    def close(self):
        self.process.stdin.close()
        self.reader.join()  # Of what it took, nothing is left unread.
        self.process.wait()


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, *_):
        pass  # The sender was killed.


def serve():
    telling = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen = {name: event.get(name) for name in ("id", "type", "subject", "time")}
            with telling:
                print(json.dumps(seen | {"header_id": self.headers["webhook-id"], "at": time.time()}), flush=True)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    serve()
