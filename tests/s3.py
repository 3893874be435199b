"""An S3 server that is not ours: moto's, over HTTP. It takes conditional writes, on which Terraform's locks stand."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

KEY: Final = "AKIACANARY"
SECRET: Final = "canary-S3/9z"
"""The secret key that requests are signed with; it must turn up nowhere."""


@dataclass(frozen=True)
class S3:
    """One that runs, at `url`."""

    url: str

    def settings(self, bucket: str) -> dict[str, Any]:
        """What Terraform's backend needs to reach a bucket of it."""
        skipped = ("credentials_validation", "requesting_account_id", "metadata_api_check", "region_validation")
        return {
            "bucket": bucket,
            "region": "us-east-1",
            "endpoints": {"s3": self.url},
            "use_path_style": True,
            "max_retries": 1,
            **{f"skip_{name}": True for name in skipped},
        }

    @property
    def client(self) -> Any:
        """boto3's."""
        import boto3

        keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=self.url, **keys)

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Everything in a bucket."""
        client = self.client
        listed = client.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {one["Key"]: client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in listed}


@contextmanager
def running() -> Iterator[S3]:
    """A new one, gone afterwards."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()
