"""Mails as Python's email package reads them, as JSON; run with a folder, it prints one line per .eml file."""

import email
import email.policy
import json
import pathlib
import sys


def describe(raw):
    # Headers in UTF-8 (RFC 6532) are read right only from text.
    if raw.isascii():
        message = email.message_from_bytes(raw, policy=email.policy.default)
    else:
        message = email.message_from_string(raw.decode(), policy=email.policy.default)
    sender = message["From"].addresses[0]
    parts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
    text = lambda kind: parts[kind].get_content() if kind in parts else ""
    return {
        "headers": [name.lower() for name in message.keys()],
        "from_name": sender.display_name,
        "from_address": sender.addr_spec,
        "to": [address.addr_spec for address in message["To"].addresses],
        "reply_to": message["Reply-To"].addresses[0].addr_spec if message["Reply-To"] else "",
        "subject": str(message["Subject"]),
        "date": message["Date"].datetime.isoformat(),
        "message_id": str(message["Message-ID"]),
        "auto_submitted": str(message["Auto-Submitted"]),
        "content_type": message.get_content_type(),
        "text": text("text/plain"),
        "html": text("text/html"),
        "line_max": max(len(line) for line in raw.split(b"\r\n")),
        "bare_line_ends": raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"),
        "ascii": raw.isascii(),
        "defects": [str(defect) for part in message.walk() for defect in part.defects],
    }


if __name__ == "__main__":
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.eml")):
        print(json.dumps({"file": path.name, **describe(path.read_bytes())}), flush=True)
    print(json.dumps({"end": True}), flush=True)
