"""Tell a server what each epoch gave."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
import warnings
from collections.abc import Mapping
from typing import Any

from pylego.callbacks.callback import Callback, Logs

SECONDS = 10.0  # a server that does not answer must not hold training up


class RemoteMonitor(Callback):
    """Send the logs of each epoch to a server, by HTTP POST, as JSON.

    A server that is not there costs a warning, and training goes on.

    Args:
        root: the server's address.
        path: where events go to, after the address.
        field: the form's field that holds the JSON; without a form it is not used.
        headers: further HTTP headers.
        send_as_json: whether the JSON is sent as it is, rather than in a form.

    Raises:
        ValueError: for an address that is not one of http or https.
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ):
        if not str(root).startswith(("http://", "https://")):
            raise ValueError(
                f"RemoteMonitor: root begins with http:// or https://. Received: root={root!r}"
            )
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        event = json.dumps({"epoch": epoch, **{k: _plain(v) for k, v in (logs or {}).items()}})
        if self.send_as_json:
            kind, body = "application/json", event
        else:
            kind = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode({self.field: event})
        headers = {"Content-Type": kind, **(self.headers or {})}
        request = urllib.request.Request(self.root + self.path, body.encode(), headers)
        try:
            urllib.request.urlopen(request, timeout=SECONDS).close()
        except OSError as error:
            warnings.warn(
                f"Could not reach RemoteMonitor root server at {self.root}: {error}", stacklevel=2
            )


def _plain(value: Any) -> Any:
    """Numbers of NumPy as Python's, several as a list."""
    return value.tolist() if hasattr(value, "tolist") else value
