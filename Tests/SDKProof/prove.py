"""Proves kusto-emulator with Microsoft's own SDKs: what they send is understood, and what it answers they understand.

    python3 -m venv VENV && VENV/bin/pip install -r Tests/SDKProof/requirements.txt
    VENV/bin/python Tests/SDKProof/prove.py .build/debug/kusto-emulator

Each check is a function whose name starts with `check_`; it fails by an exception. Exit status 1 if any did.
"""

import base64
import csv
import datetime
import gzip
import hashlib
import io
import ipaddress
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request
import uuid

VERDICT_TIMEOUT = 60


class Emulator:
    """One emulator process, ended by its own pid."""

    def __init__(self, program, folder, *arguments):
        port_file = pathlib.Path(folder) / f"port-{uuid.uuid4()}"
        command = [program, "--port-file", str(port_file), "--batching-delay", "50ms", "--quiet", *arguments]
        self.process = subprocess.Popen(command)
        deadline = time.monotonic() + 60
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the emulator did not start")
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        scheme = "https" if "--tls-cert" in arguments else "http"
        self.uri = f"{scheme}://127.0.0.1:{self.port}"

    def administer(self, method, path, body=None):
        request = urllib.request.Request(f"{self.uri}/__emulator/{path}", data=body, method=method)
        with urllib.request.urlopen(request) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)


class Proof:
    """What the checks share: clients of one emulator, and an ingestion that waits for its verdict."""

    def __init__(self, emulator, folder):
        from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
        from azure.kusto.ingest import QueuedIngestClient
        from azure.kusto.ingest.status import KustoIngestStatusQueues

        self.emulator = emulator
        self.folder = pathlib.Path(folder)
        self.connection = KustoConnectionStringBuilder.with_aad_application_token_authentication(emulator.uri, "emulator-token")
        self.ingest_client = QueuedIngestClient(self.connection)
        self.query_client = KustoClient(self.connection)
        self.status = KustoIngestStatusQueues(self.ingest_client)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def properties(self, table, data_format, **more):
        from azure.kusto.ingest import IngestionProperties, ReportLevel

        return IngestionProperties("Proof", table, data_format=data_format, report_level=ReportLevel.FailuresAndSuccesses, **more)

    def verdict(self, source_id):
        """The notification of a source, taken from whichever queue it is in."""
        deadline = time.monotonic() + VERDICT_TIMEOUT
        while time.monotonic() < deadline:
            for queue in (self.status.success, self.status.failure):
                for message in queue.pop(8):
                    if message.IngestionSourceId == str(source_id):
                        return message
            time.sleep(0.02)
        raise AssertionError(f"no notification of {source_id}")

    def ingested(self, result):
        from azure.kusto.ingest import IngestionStatus

        assert result.status == IngestionStatus.QUEUED, result
        message = self.verdict(result.source_id)
        assert type(message).__name__ == "SuccessMessage", vars(message)
        return message

    def rows(self, query):
        return [row.to_list() for row in self.query_client.execute("Proof", query).primary_results[0]]

    def root(self, getter):
        return getattr(self.ingest_client._resource_manager, getter)()

    def expect_storage_error(self, code, status, body):
        from azure.core.exceptions import HttpResponseError

        try:
            body()
        except HttpResponseError as error:
            assert (error.error_code, error.status_code) == (code, status), (error.error_code, error.status_code)
            return error
        raise AssertionError(f"{code} was expected")


def check_resources_are_complete(proof):
    for getter, count in [
        ("get_containers", 4), ("get_ingestion_queues", 4), ("get_failed_ingestions_queues", 1), ("get_successful_ingestions_queues", 1),
        ("get_ingestions_status_tables", 1),
    ]:
        assert len(proof.root(getter)) == count, getter
    assert proof.ingest_client._resource_manager._ingest_client_resources.is_applicable()


def check_identity_token_is_given(proof):
    assert proof.root("get_authorization_context").strip()


def check_service_type_is_data_management(proof):
    assert proof.root("retrieve_service_type") == "DataManagement"


def check_wrong_token_is_refused(proof):
    from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
    from azure.kusto.data.exceptions import KustoServiceError

    client = KustoClient(KustoConnectionStringBuilder.with_aad_application_token_authentication(proof.emulator.uri, "wrong"))
    try:
        client.execute_mgmt("NetDefaultDB", ".get ingestion resources")
    except KustoServiceError as error:
        assert "401" in str(error) or error.http_response.status_code == 401, error
        return
    raise AssertionError("a wrong bearer was accepted")


def check_engine_names_the_right_endpoint(proof):
    from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
    from azure.kusto.data.exceptions import KustoApiError

    uri = "http://" + proof.emulator.administer("GET", "stats")["engine"]
    client = KustoClient(KustoConnectionStringBuilder.with_aad_application_token_authentication(uri, "emulator-token"))
    try:
        client.execute_mgmt("NetDefaultDB", ".get ingestion resources")
    except KustoApiError as error:
        api = error.get_api_error()
        assert api.type == "Kusto.Common.Svc.Exceptions.AdminCommandWrongEndpointException", api.type
        assert not api.permanent and proof.emulator.uri in api.description, api.description
        return
    raise AssertionError("the engine answered")


CSV = '1,"a, b",2026-01-02\n2,"é ""quoted""\nand broken",\n3,,x\n'


def check_csv_file_lands_row_by_row(proof):
    from azure.kusto.data.data_format import DataFormat

    path = proof.file("plain.csv", CSV.encode())
    message = proof.ingested(proof.ingest_client.ingest_from_file(path, proof.properties("Csv", DataFormat.CSV)))
    assert message.Database == "Proof" and message.Table == "Csv" and "sig=" not in message.IngestionSourcePath
    assert proof.rows("Csv") == list(csv.reader(io.StringIO(CSV)))
    assert proof.rows("['Csv'] | count") == [[3]]
    assert proof.rows("Csv | take 2") == list(csv.reader(io.StringIO(CSV)))[:2]


def check_compressed_file_lands(proof):
    from azure.kusto.data.data_format import DataFormat
    from azure.kusto.ingest import FileDescriptor

    text = "".join(f"{number},{'x' * 50}\n" for number in range(20_000))
    path = proof.file("big.csv.gz", gzip.compress(text.encode()))
    proof.ingested(proof.ingest_client.ingest_from_file(FileDescriptor(path), proof.properties("Gzip", DataFormat.CSV)))
    assert proof.rows("Gzip") == list(csv.reader(io.StringIO(text)))


def check_header_is_skipped(proof):
    from azure.kusto.data.data_format import DataFormat

    path = proof.file("header.csv", b"h1,h2\n1,2\n")
    proof.ingested(proof.ingest_client.ingest_from_file(path, proof.properties("Header", DataFormat.CSV, ignore_first_record=True)))
    assert proof.rows("Header") == [["1", "2"]]


def check_json_stream_with_inline_mapping_lands(proof):
    from azure.kusto.data.data_format import DataFormat, IngestionMappingKind
    from azure.kusto.ingest import ColumnMapping

    mapping = [
        ColumnMapping("n", "long", path="$.n"), ColumnMapping("deep", "string", path="$.a.b"), ColumnMapping("all", "dynamic", path="$"),
    ]
    objects = [{"n": 1, "a": {"b": "x"}}, {"n": 2, "a": {"b": "é"}}]
    stream = io.BytesIO("\n".join(json.dumps(item) for item in objects).encode())
    properties = proof.properties("Mapped", DataFormat.JSON, column_mappings=mapping, ingestion_mapping_kind=IngestionMappingKind.JSON)
    proof.ingested(proof.ingest_client.ingest_from_stream(stream, properties))
    assert proof.rows("Mapped") == [[1, "x", objects[0]], [2, "é", objects[1]]], proof.rows("Mapped")


def check_csv_mapping_lands(proof):
    from azure.kusto.data.data_format import DataFormat, IngestionMappingKind
    from azure.kusto.ingest import ColumnMapping

    mapping = [ColumnMapping("second", "int", ordinal=1), ColumnMapping("constant", "string", const_value="k")]
    path = proof.file("mapped.csv", b"a,7\nb,8\n")
    properties = proof.properties("CsvMapped", DataFormat.CSV, column_mappings=mapping, ingestion_mapping_kind=IngestionMappingKind.CSV)
    proof.ingested(proof.ingest_client.ingest_from_file(path, properties))
    assert proof.rows("CsvMapped") == [[7, "k"], [8, "k"]]


def check_multijson_from_blob_lands_and_tags_keep_it_out_twice(proof):
    from azure.kusto.data.data_format import DataFormat
    from azure.kusto.ingest import BlobDescriptor
    from azure.storage.blob import BlobServiceClient

    container = proof.root("get_containers")[0]
    blob = BlobServiceClient(container.account_uri).get_blob_client(container.object_name, f"{uuid.uuid4()}.multijson")
    content = b'[{"a": 1, "b": true},\n {"a": 2}]\n{"a":\n 3, "c": [1]}'
    blob.upload_blob(content)
    for _ in range(2):
        properties = proof.properties("Multi", DataFormat.MULTIJSON, ingest_by_tags=["once"], ingest_if_not_exists=["once"])
        proof.ingested(proof.ingest_client.ingest_from_blob(BlobDescriptor(blob.url, len(content), uuid.uuid4()), properties))
    assert proof.rows("Multi") == [[1, True, None], [2, None, None], [3, None, [1]]], proof.rows("Multi")


def check_failures_are_read_through_the_status_queues(proof):
    from azure.kusto.data.data_format import DataFormat

    for content, code in [(b'1,"never closed\n', "Stream_ClosingQuoteMissing"), (b"1,2\n3\n", "Stream_WrongNumberOfFields")]:
        path = proof.file("broken.csv", content)
        result = proof.ingest_client.ingest_from_file(path, proof.properties("Broken", DataFormat.CSV))
        message = proof.verdict(result.source_id)
        assert type(message).__name__ == "FailureMessage", message
        assert (message.ErrorCode, message.FailureStatus, message.ShouldRetry) == (code, "Permanent", False), vars(message)
        assert message.OriginatesFromUpdatePolicy is False and message.Details and message.FailedOn and message.RootActivityId
    assert proof.status.failure.is_empty() and proof.status.failure.peek() == []


def check_unknown_table_query_is_an_error(proof):
    from azure.kusto.data.exceptions import KustoApiError

    try:
        proof.rows("Nothing")
    except KustoApiError as error:
        assert error.get_api_error().permanent
        return
    raise AssertionError("an unknown table was found")


def check_blob_in_blocks_with_transactional_hashes(proof):
    from azure.storage.blob import BlobClient

    container = proof.root("get_containers")[0]
    url = container.url.replace("?", f"/{uuid.uuid4()}/in%20blocks.bin?")
    content = os.urandom(1_000_003)
    blob = BlobClient.from_blob_url(url, max_single_put_size=1024, max_block_size=100_000)
    blob.upload_blob(content, max_concurrency=3, validate_content=True, overwrite=True)
    assert blob.download_blob(validate_content=True).readall() == content
    assert blob.get_blob_properties().size == len(content)
    whole = BlobClient.from_blob_url(url.replace("blocks", "whole"))
    whole.upload_blob(content, validate_content=True, metadata={"origin": "proof"})
    properties = whole.get_blob_properties()
    assert bytes(properties.content_settings.content_md5) == hashlib.md5(content).digest() and properties.metadata == {"origin": "proof"}
    empty = BlobClient.from_blob_url(url.replace("blocks", "nothing"))
    empty.upload_blob(b"")
    assert empty.download_blob().readall() == b""
    proof.expect_storage_error("BlobAlreadyExists", 409, lambda: whole.upload_blob(content))
    proof.expect_storage_error("AuthorizationPermissionMismatch", 403, whole.delete_blob)
    proof.expect_storage_error("BlobNotFound", 404, BlobClient.from_blob_url(url.replace("blocks", "none")).get_blob_properties)


def check_queue_operations(proof):
    from azure.storage.queue import QueueClient

    queue = QueueClient.from_queue_url(proof.root("get_failed_ingestions_queues")[0].url)
    sent = queue.send_message("<text & more>", time_to_live=-1)
    assert queue.peek_messages()[0].content == "<text & more>"
    assert queue.get_queue_properties().approximate_message_count == 1
    got = queue.receive_message(visibility_timeout=60)
    assert got.id == sent.id and got.dequeue_count == 1 and queue.receive_message() is None
    updated = queue.update_message(got, content="other", visibility_timeout=0)
    proof.expect_storage_error("PopReceiptMismatch", 400, lambda: queue.delete_message(got.id, got.pop_receipt))
    again = queue.receive_message(visibility_timeout=60)
    assert (again.content, again.dequeue_count) == ("other", 2) and again.pop_receipt != updated.pop_receipt
    queue.delete_message(again)
    proof.expect_storage_error("MessageNotFound", 404, lambda: queue.delete_message(again))
    proof.expect_storage_error("MessageTooLarge", 400, lambda: queue.send_message("x" * 65_537))
    add_only = QueueClient.from_queue_url(proof.root("get_ingestion_queues")[0].url)
    proof.expect_storage_error("AuthorizationPermissionMismatch", 403, add_only.receive_message)


def check_signatures_made_by_the_sdks_are_accepted(proof):
    from azure.storage import blob as blobs
    from azure.storage import queue as queues

    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    container = proof.root("get_containers")[0]
    account, name = container.object_name.split("/")
    base = container.url.split("?")[0]
    key = proof.emulator.administer("GET", "accounts")[account]
    tokens = [
        blobs.generate_container_sas(account, name, key, permission="rcw", expiry=until, protocol="https,http"),
        blobs.generate_blob_sas(account, name, "dir/\u00e9 x", account_key=key, permission="rcw", expiry=until, ip="127.0.0.1"),
        blobs.generate_account_sas(account, key, resource_types="co", permission="rcw", expiry=until),
    ]
    for token in tokens:
        blob = blobs.BlobClient.from_blob_url(f"{base}/dir/%C3%A9%20x?{token}")
        blob.upload_blob(b"x", overwrite=True)
        assert blob.download_blob().readall() == b"x"
    wrong = blobs.generate_container_sas(account, name, base64.b64encode(os.urandom(64)).decode(), permission="rcw", expiry=until)
    error = proof.expect_storage_error(
        "AuthenticationFailed", 403, lambda: blobs.BlobClient.from_blob_url(f"{base}/x?{wrong}").upload_blob(b"x"))
    assert "Signature did not match" in str(error), error
    queue = proof.root("get_failed_ingestions_queues")[0].object_name.split("/")[1]
    token = queues.generate_queue_sas(account, queue, key, permission="raup", expiry=until)
    assert queues.QueueClient.from_queue_url(f"{proof.emulator.uri}/{account}/{queue}?{token}").peek_messages() == []


def status_table(proof):
    from azure.data.tables import TableClient

    return TableClient.from_table_url(proof.root("get_ingestions_status_tables")[0].url)


def check_table_entities(proof):
    from azure.core import MatchConditions
    from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
    from azure.data.tables import EdmType, EntityProperty, UpdateMode

    table = status_table(proof)
    at, who = datetime.datetime(2026, 1, 2, 3, 4, 5, 678900, datetime.timezone.utc), uuid.uuid4()
    values = {
        "text": "it's \u00e9", "number": 7, "big": EntityProperty(2**53 + 1, EdmType.INT64), "share": 0.5, "flag": True, "at": at, "who": who,
        "raw": b"\x00\xff",
    }
    keys = {"PartitionKey": "it's a key", "RowKey": "\u00e9 1"}
    made = table.create_entity({**keys, **values})
    entity = table.get_entity(keys["PartitionKey"], keys["RowKey"])
    for name, value in values.items():
        got, wanted = entity[name], value
        if name == "big":
            got, wanted = got.value if hasattr(got, "value") else got, 2**53 + 1
        assert got == wanted and (name != "who" or isinstance(got, uuid.UUID)), (name, entity[name], value)
    assert entity.metadata["etag"] == made["etag"], (entity.metadata, made)
    try:
        table.create_entity(keys)
        raise AssertionError("an entity was made twice")
    except ResourceExistsError as error:
        assert "EntityAlreadyExists" in str(error), error
    changed = table.update_entity({**keys, "number": 8}, mode=UpdateMode.MERGE, etag=made["etag"], match_condition=MatchConditions.IfNotModified)
    assert changed["etag"] != made["etag"]
    entity = table.get_entity(keys["PartitionKey"], keys["RowKey"], select=["number", "flag"])
    assert (entity["number"], entity["flag"]) == (8, True) and "text" not in entity, entity
    try:
        table.update_entity({**keys, "number": 9}, etag=made["etag"], match_condition=MatchConditions.IfNotModified)
        raise AssertionError("a stale etag was accepted")
    except ResourceModifiedError as error:
        assert error.error_code == "UpdateConditionNotSatisfied", error.error_code
    table.upsert_entity({**keys, "number": 10}, mode=UpdateMode.REPLACE)
    assert set(table.get_entity(**{"partition_key": keys["PartitionKey"], "row_key": keys["RowKey"]})) == {*keys, "number"}
    table.delete_entity(keys)
    try:
        table.get_entity(keys["PartitionKey"], keys["RowKey"])
        raise AssertionError("an entity outlived its deletion")
    except ResourceNotFoundError as error:
        assert error.error_code == "ResourceNotFound", error.error_code
    try:
        table.update_entity({**keys, "number": 1})
        raise AssertionError("an entity that there is not was updated")
    except HttpResponseError as error:
        assert error.status_code == 404, error


def check_table_queries(proof):
    table = status_table(proof)
    for number in range(25):
        table.upsert_entity({"PartitionKey": f"query {number % 5}", "RowKey": f"row+{number:02}", "number": number})
    both = table.query_entities("PartitionKey eq @one or (PartitionKey eq @two and RowKey lt @end )", parameters={"one": "query 1", "two": "query 2", "end": "row+10"})
    assert sorted(item["number"] for item in both) == [1, 2, 6, 7, 11, 16, 21]
    span = "PartitionKey ge 'query ' and PartitionKey lt 'query!'"
    pages = [list(page) for page in table.query_entities(span, results_per_page=10, select=["RowKey"]).by_page()]
    assert [len(page) for page in pages] == [10, 10, 5] and len({item["RowKey"] for page in pages for item in page}) == 25
    assert [item["number"] for item in table.query_entities("number ge 20 and number ne 22 and not (number gt 23)")] == [20, 21, 23]
    proof.expect_storage_error("InvalidInput", 400, lambda: list(table.query_entities("PartitionKey like 'x'")))


def check_table_signatures_made_by_the_sdk_are_accepted(proof):
    from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential
    from azure.data.tables import TableClient, generate_table_sas

    root = proof.root("get_ingestions_status_tables")[0]
    account, name = root.object_name.split("/")
    credential = AzureNamedKeyCredential(account, proof.emulator.administer("GET", "accounts")[account])
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)

    def client(permission, key=credential):
        token = generate_table_sas(key, name, permission=permission, expiry=until)
        return TableClient(f"{proof.emulator.uri}/{account}", name, credential=AzureSasCredential(token))

    client("raud").upsert_entity({"PartitionKey": "signed", "RowKey": "r"})
    assert client("r").get_entity("signed", "r")["RowKey"] == "r"
    proof.expect_storage_error("AuthorizationPermissionMismatch", 403, lambda: client("r").upsert_entity({"PartitionKey": "p", "RowKey": "r"}))
    wrong = AzureNamedKeyCredential(account, base64.b64encode(os.urandom(64)).decode())
    proof.expect_storage_error("AuthenticationFailed", 403, lambda: client("raud", wrong).get_entity("signed", "r"))


class StatusTable:
    """Makes the ingestion client report through the status table as the SDKs of other languages do; the one for Python knows only the queues."""

    def __init__(self, proof, method):
        from azure.kusto.ingest import ingestion_blob_info

        self.info, self.original = ingestion_blob_info.IngestionBlobInfo, ingestion_blob_info.IngestionBlobInfo.to_json
        self.method, self.table, self.url = method, status_table(proof), proof.root("get_ingestions_status_tables")[0].url

    def __enter__(self):
        method, table, url, original = self.method, self.table, self.url, self.original

        def to_json(info):
            source = info.properties["Id"]
            table.create_entity({
                "PartitionKey": source, "RowKey": source, "Status": "Pending", "IngestionSourceId": source,
                "Database": info.properties["DatabaseName"], "Table": info.properties["TableName"],
            })
            info.properties["ReportMethod"] = method
            info.properties["IngestionStatusInTable"] = {"TableConnectionString": url, "PartitionKey": source, "RowKey": source}
            return original(info)

        self.info.to_json = to_json
        return self

    def __exit__(self, *_):
        self.info.to_json = self.original

    def final(self, source_id):
        deadline = time.monotonic() + VERDICT_TIMEOUT
        while time.monotonic() < deadline:
            entity = self.table.get_entity(str(source_id), str(source_id))
            if entity["Status"] != "Pending":
                return entity
            time.sleep(0.02)
        raise AssertionError(f"the status of {source_id} is still Pending")


def check_verdicts_in_the_status_table(proof):
    from azure.kusto.data.data_format import DataFormat

    by_table, by_both = 1, 2
    for method in (by_table, by_both):
        for content, status, code in [(b"1,2\n", "Succeeded", None), (b"1,2\n3\n", "Failed", "Stream_WrongNumberOfFields")]:
            with StatusTable(proof, method) as statuses:
                result = proof.ingest_client.ingest_from_file(proof.file("status.csv", content), proof.properties("Status", DataFormat.CSV))
            entity = statuses.final(result.source_id)
            assert (entity["Status"], entity.get("ErrorCode")) == (status, code), entity
            assert isinstance(entity["OperationId"], uuid.UUID) and isinstance(entity["UpdatedOn"], datetime.datetime), entity
            assert entity["IngestionSourceId"] == str(result.source_id) and "sig=" not in entity["IngestionSourcePath"], entity
            if code:
                assert entity["FailureStatus"] == "Permanent" and entity["Details"], entity
            if method == by_both:
                assert (type(proof.verdict(result.source_id)).__name__ == "SuccessMessage") == (code is None)
    assert proof.status.success.is_empty() and proof.status.failure.is_empty()
    assert proof.emulator.administer("GET", "stats")["statuses"] == {"written": 4, "lost": 0, "unprepared": 0}


def check_the_engine_shows_ingestion_failures(proof):
    from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
    from azure.kusto.data.data_format import DataFormat

    engine = "http://" + proof.emulator.administer("GET", "stats")["engine"]
    client = KustoClient(KustoConnectionStringBuilder.with_aad_application_token_authentication(engine, "emulator-token"))
    rule = {"notification": "failure", "action": "lose"}
    try:
        proof.emulator.administer("POST", "faults", json.dumps([rule]).encode())
        result = proof.ingest_client.ingest_from_file(proof.file("unheard.csv", b"1,2\n3\n"), proof.properties("Unheard", DataFormat.CSV))
        deadline = time.monotonic() + VERDICT_TIMEOUT
        rows = []
        while not rows and time.monotonic() < deadline:
            command = f".show ingestion failures | where IngestionSourcePath contains '{result.source_id}'"
            rows = list(client.execute_mgmt("Proof", command).primary_results[0])
        assert len(rows) == 1 and rows[0]["ErrorCode"] == "Stream_WrongNumberOfFields", rows
        assert rows[0]["Table"] == "Unheard" and rows[0]["ShouldRetry"] is False and isinstance(rows[0]["FailedOn"], datetime.datetime), rows
        assert proof.status.failure.is_empty()
    finally:
        proof.emulator.administer("DELETE", "faults")


def check_faults_are_retried_by_the_sdks(proof):
    from azure.kusto.data.data_format import DataFormat

    # Not reset-after for the blob: the retry would find it there, and the Kusto SDK then uploads its spent stream, empty, elsewhere.
    plan = {"rules": [
        {"endpoint": "blob.put", "when": {"first": 1}, "action": "reset-before"},
        {"endpoint": "queue.put", "when": {"first": 1}, "action": {"status": 503, "body": "storage", "code": "ServerBusy"}},
    ]}
    try:
        ids = proof.emulator.administer("POST", "faults", json.dumps(plan).encode())["ids"]
        path = proof.file("retried.csv", b"1,2\n")
        proof.ingested(proof.ingest_client.ingest_from_file(path, proof.properties("Retried", DataFormat.CSV)))
        fired = {rule["id"]: rule["fired"] for rule in proof.emulator.administer("GET", "faults")}
        assert [fired[number] for number in ids] == [1, 1], fired
        assert proof.rows("Retried | count") == [[1]]
    finally:
        proof.emulator.administer("DELETE", "faults")


def check_expired_signatures_and_their_detail(proof):
    from azure.storage.blob import BlobClient

    url = proof.root("get_containers")[0].url.replace("?", "/late?")
    proof.emulator.administer("POST", "signatures/expire", b"")
    error = proof.expect_storage_error("AuthenticationFailed", 403, lambda: BlobClient.from_blob_url(url).upload_blob(b"x"))
    assert "Signature not valid in the specified time frame" in str(error), error


def check_client_secret_through_msal_over_tls(program, folder):
    """The whole way of an application: metadata, MSAL's discovery and token request, ingestion, query; over TLS."""
    import msal.authority
    from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
    from azure.kusto.data.data_format import DataFormat

    certificate, key = make_certificate(folder)
    os.environ["REQUESTS_CA_BUNDLE"] = certificate
    emulator = Emulator(program, folder, "--tls-cert", certificate, "--tls-key", key)
    # MSAL asks Microsoft about hosts it does not know; the emulator's is made known to it.
    known = msal.authority.WELL_KNOWN_AUTHORITY_HOSTS
    msal.authority.WELL_KNOWN_AUTHORITY_HOSTS = type(known)([*known, "127.0.0.1", f"127.0.0.1:{emulator.port}"])
    try:
        connection = KustoConnectionStringBuilder.with_aad_application_key_authentication(
            emulator.uri, "00000000-0000-0000-0000-0000000000ec", "emulator-secret", "emulator")
        proof = Proof.__new__(Proof)
        from azure.kusto.ingest import QueuedIngestClient
        from azure.kusto.ingest.status import KustoIngestStatusQueues

        proof.folder, proof.emulator = pathlib.Path(folder), emulator
        proof.ingest_client, proof.query_client = QueuedIngestClient(connection), KustoClient(connection)
        proof.status = KustoIngestStatusQueues(proof.ingest_client)
        path = proof.file("tls.csv", b"1,2\n")
        proof.ingested(proof.ingest_client.ingest_from_file(path, proof.properties("Tls", DataFormat.CSV)))
        assert proof.rows("Tls") == [["1", "2"]]
    finally:
        assert emulator.stop() == 0


def make_certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    certificate_file, key_file = pathlib.Path(folder) / "cert.pem", pathlib.Path(folder) / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(certificate_file), str(key_file)


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else ".build/debug/kusto-emulator"
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        emulator = Emulator(program, folder)
        proof = Proof(emulator, folder)
        for name, check in list(globals().items()):
            if not name.startswith("check_"):
                continue
            try:
                check(proof) if check.__code__.co_argcount == 1 else check(program, folder)
                passed += 1
                print(f"ok      {name[6:].replace('_', ' ')}")
            except Exception:
                failed += 1
                print(f"FAILED  {name[6:].replace('_', ' ')}\n{traceback.format_exc()}")
        if emulator.stop() != 0:
            failed += 1
            print("FAILED  the emulator ends with status 0 when it is told to stop")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
