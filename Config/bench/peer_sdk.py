"""azure-kusto-ingest for Python over a directory of files: peer_sdk.py URI DIRECTORY [COUNT]. Prints JSON: files, seconds, CPU seconds, peak MiB.

It ends when the messages are posted; no verdict is drained.
"""

import json
import os
import resource
import sys
import time

from azure.kusto.data import KustoConnectionStringBuilder
from azure.kusto.data.data_format import DataFormat
from azure.kusto.ingest import IngestionProperties, QueuedIngestClient

uri, directory = sys.argv[1], sys.argv[2]
names = sorted(os.listdir(directory))[: int(sys.argv[3]) if len(sys.argv) > 3 else None]
client = QueuedIngestClient(KustoConnectionStringBuilder.with_aad_application_token_authentication(uri, "emulator-token"))
properties = IngestionProperties("Bench", "T", data_format=DataFormat.CSV)
# The first file pays for connections, imports and the resources.
client.ingest_from_file(f"{directory}/{names[0]}", properties)
before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
for name in names[1:]:
    client.ingest_from_file(f"{directory}/{name}", properties)
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "files": len(names) - 1, "seconds": time.monotonic() - began,
    "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, "peak": after.ru_maxrss / 1024}))
