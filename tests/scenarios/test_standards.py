"""What foreign tools say of the API: jose on the tokens, a real SMTP server on the mails."""

import json
import pathlib
import re
import socket
import subprocess

from shop import Souk, free_port, wait_for

tests = pathlib.Path(__file__).resolve().parent.parent


def test_a_foreign_library_verifies_our_tokens(souk):
    token = souk.sign_up("/v1", "jose@example.com")["access_token"]
    script = """
        import { createRemoteJWKSet, jwtVerify } from 'jose';
        const [url, token] = process.argv.slice(2);
        const about = await (await fetch(url + '/.well-known/openid-configuration')).json();
        const keys = createRemoteJWKSet(new URL(about.jwks_uri));
        const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: about.issuer, audience: 'souk', algorithms: ['RS256'] });
        console.log(JSON.stringify({ payload, protectedHeader }));
    """
    done = subprocess.run(
        ["node", "--input-type=module", "-", souk.url, token], input=script, text=True, capture_output=True,
        cwd=tests / "node", timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["protectedHeader"]["alg"] == "RS256"
    assert seen["payload"]["token_use"] == "access"


def test_a_real_mail_server_receives_the_mails_of_a_purchase(tmp_path):
    script = f"""
import json, sys, time, email, email.policy
from aiosmtpd.controller import Controller

class Keep:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({{"to": envelope.rcpt_tos, "subject": mail["Subject"],
                          "text": mail.get_body(("plain",)).get_content(),
                          "html": mail.get_body(("html",)).get_content(), "id": mail["Message-ID"]}}), flush=True)
        return "250 OK"

Controller(Keep(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
time.sleep(600)
"""
    port = free_port()
    out = open(tmp_path / "mails.jsonl", "w+")
    server = subprocess.Popen(["/usr/bin/python3", "-c", script, str(port)], stdout=out)
    try:
        wait_for(lambda: accepts(port))
        server_of_mails = {"SOUK_MAIL_HOST": "127.0.0.1", "SOUK_MAIL_PORT": port, "SOUK_MAIL_FROM": "souk@shop.example"}
        with Souk(tmp_path, SOUK_MAIL_ENCRYPTION="none", **server_of_mails) as souk:
            def mails():
                return [json.loads(line) for line in pathlib.Path(out.name).read_text().splitlines()]

            souk.code_mailed_to = lambda to, _: wait_for(
                lambda: next((code_in(m["text"]) for m in reversed(mails()) if to in m["to"]), None)
            )
            store = souk.new_store(name="Café Ünïcode")
            order = store.order(store.cart((store.product(stock=1, title="Blåbær"), 1), address="eve@example.com"))
            mail = wait_for(lambda: next((m for m in mails() if "eve@example.com" in m["to"]), None))
            assert "Blåbær" in mail["text"] and "Blåbær" in mail["html"]
            assert str(order["number"]) in mail["subject"] + mail["text"]
    finally:
        server.kill()
        server.wait()
        out.close()


def code_in(text):
    found = re.search(r"\b(\d{6})\b", text)
    return found and found[1]


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False
