"""A Souk that runs elsewhere, on AWS's services or their emulators. SOUK_ELSEWHERE names a file that describes it:

    {"url": where its API is, "environment": of souk's commands, "mails": an address that lists the mails SES has sent}
"""

import email
import email.policy
import json
import os
import pathlib

import httpx
from shop import Souk

described = os.environ.get("SOUK_ELSEWHERE")


class Elsewhere(Souk):
    """Not this process's to start, stop or configure."""

    patient = True

    def __init__(self, folder):
        super().__init__(folder)
        about = json.loads(pathlib.Path(described).read_text())
        self.url, self.mail_list = about["url"], about["mails"]
        self.port = httpx.URL(self.url).port
        self.settings = about["environment"] | {"SOUK_DATA": str(self.data)}
        self.http.close()
        self.http = httpx.Client(base_url=self.url, timeout=60, limits=httpx.Limits(max_connections=300))

    def start(self):
        assert self.http.get("/readyz").status_code == 200

    def stop(self, *_):
        pass

    def environment(self):
        # What this process was given for a Souk on one machine is not for the one elsewhere.
        return {name: value for name, value in os.environ.items() if not name.startswith("SOUK_")} | self.settings

    def mails(self, to=None):
        listed = httpx.get(self.mail_list, timeout=30).json()
        raw = [one["raw_data"] for one in listed["ses"]["RawMessage"]] if "ses" in listed else [
            one["RawMessage"]["Data"] if "RawMessage" in one else one["raw"] for one in listed["messages"]
        ]  # fmt: skip
        mails = [email.message_from_string(text, policy=email.policy.default) for text in raw]
        return [mail for mail in mails if to is None or mail["To"] and to in mail["To"]]
