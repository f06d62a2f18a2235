"""A backend job on the library Authlib: counts patients, and ends.

It proves who it is by a signed statement (private_key_jwt), for which the library needs nothing but
the key; what the platform demands of that statement (RS384, the id of the key, at most five minutes)
is said here.
"""

import os
import sys
import time
from pathlib import Path

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT


def main():
    token_endpoint = os.environ["TOKEN_ENDPOINT"]
    session = OAuth2Session(
        client_id=os.environ["CLIENT_ID"],
        client_secret=Path(os.environ["PRIVATE_KEY_FILE"]).read_text(),
        token_endpoint_auth_method="private_key_jwt",
        scope=os.environ["SCOPE"],
    )
    session.register_client_auth_method(
        PrivateKeyJWT(
            token_endpoint,
            alg="RS384",
            headers={"kid": os.environ["KEY_ID"], "typ": "JWT"},
            claims={"exp": int(time.time()) + 240},
        )
    )
    session.fetch_token(token_endpoint, grant_type="client_credentials")
    answer = session.get(os.environ["FHIR_BASE"] + "/Patient", timeout=10)
    answer.raise_for_status()
    print(answer.json().get("total"), "patients")


try:
    main()
except Exception as error:
    sys.exit(f"the job failed: {error}")
