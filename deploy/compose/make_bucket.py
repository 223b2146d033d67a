"""Make the bucket for artifacts where it is not there yet; waits for the store to answer."""

import os
import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError

SECONDS = 60

name = os.environ.get("S3_BUCKET", "mlflow")
store = boto3.client("s3", endpoint_url=os.environ.get("MLFLOW_S3_ENDPOINT_URL") or None)
deadline = time.monotonic() + SECONDS
while True:
    try:
        if name not in {bucket["Name"] for bucket in store.list_buckets()["Buckets"]}:
            store.create_bucket(Bucket=name)
        break
    except (BotoCoreError, ClientError) as error:
        if time.monotonic() > deadline:
            sys.exit(f"the store does not take the bucket {name}: {error}")
        time.sleep(1)
