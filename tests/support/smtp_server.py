"""A real SMTP server (aiosmtpd) on a free loopback port, for tests. Prints one line of JSON when it is ready and one for
each mail it takes. Its argument is JSON:

    user, password   demands AUTH
    mechanisms       of AUTH, e.g. ["LOGIN"]
    tls              "starttls" (offered), "required" or "implicit"
    certificate      folder for a self-signed certificate of localhost and 127.0.0.1
    replies          {"CONNECT" | "EHLO" | "MAIL" | "RCPT" | "DATA": [answer, …]}, one for each time; null: as usual,
                     "CLOSE": hang up, "HANG": no answer
    size, utf8       limit on mails; whether SMTPUTF8 is offered
"""

import asyncio
import json
import logging
import pathlib
import ssl
import subprocess
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

from mail_json import describe

# It warns of logins without TLS, which is what some tests are about.
warnings.simplefilter("ignore")
logging.getLogger("mail.log").setLevel(logging.ERROR)

options = json.loads(sys.argv[1])
connections = 0


def say(value):
    print(json.dumps(value), flush=True)


async def scripted(server, verb):
    queue = options.get("replies", {}).get(verb, [])
    reply = queue.pop(0) if queue else None
    if reply == "CLOSE":
        server.transport.close()
    if reply == "HANG":
        await asyncio.sleep(600)
    return reply


class Server(SMTP):
    def __init__(self, *args, **kwargs):
        global connections
        connections += 1
        self.number = connections
        super().__init__(*args, **kwargs)

    async def push(self, status):
        # The greeting is the only answer that no handler makes.
        if isinstance(status, str) and status.startswith("220 ") and status.endswith(" ESMTP"):
            status = await scripted(self, "CONNECT") or status
        await super().push(status)


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        reply = await scripted(server, "EHLO")
        return [reply] if reply else responses

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        reply = await scripted(server, "MAIL")
        if reply:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        reply = await scripted(server, "RCPT")
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        reply = await scripted(server, "DATA")
        if reply:
            return reply
        say({
            "connection": server.number,
            "hello": session.host_name,
            "tls": session.ssl is not None or options.get("tls") == "implicit",
            "user": session.auth_data if session.authenticated else "",
            "envelope_from": envelope.mail_from,
            "envelope_to": envelope.rcpt_tos,
            "options": envelope.mail_options,
            **describe(envelope.original_content),
        })
        return "250 Message accepted"


def authenticate(server, session, envelope, mechanism, secret):
    good = secret.login.decode() == options["user"] and secret.password.decode() == options["password"]
    return AuthResult(success=good, handled=False, auth_data=f"{options['user']} by {mechanism}")


def tls_context():
    folder = pathlib.Path(options["certificate"])
    if not (folder / "cert.pem").exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def main():
    tls = options.get("tls", "")
    context = tls_context() if tls else None
    mechanisms = {"PLAIN", "LOGIN"} - set(options.get("mechanisms", ["PLAIN", "LOGIN"]))
    make = lambda: Server(
        Handler(), hostname="mail.test", ident="ESMTP", loop=asyncio.get_running_loop(),
        data_size_limit=options.get("size", 1 << 20), enable_SMTPUTF8=options.get("utf8", True),
        tls_context=context if tls in ("starttls", "required") else None, require_starttls=tls == "required",
        auth_required="user" in options, auth_require_tls=False, auth_exclude_mechanism=mechanisms,
        authenticator=authenticate if "user" in options else None)
    server = await asyncio.get_running_loop().create_server(
        make, "127.0.0.1", 0, ssl=context if tls == "implicit" else None)
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


asyncio.run(main())
