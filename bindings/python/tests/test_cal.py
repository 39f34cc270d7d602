"""Sessions and clients of boto3 and aioboto3, against a moto server on loopback."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from conftest import Project
from helpers import own
from kstack_lib.any import (
    KStackConfigurationError,
    KStackContainer,
    KStackLayerAccessError,
    KStackServiceNotFoundError,
)
from kstack_lib.any.cal import BotoSessionFactory, client, get_cloud_session_factory, session
from kstack_lib.any.container import default_container
from kstack_lib.any.protocols import CloudSessionFactory, LayerArgument

CREDENTIALS = """\
providers:
  localstack:
    aws_access_key_id: AKIACANARY
    AWS-SECRET-ACCESS-KEY: secret-canary
    session_token: token-canary
  keyless:
    password: password-canary
  cloud:
    access-key: AKIACANARY
    secret-key: secret-canary
"""

ENVIRONMENT = """\
environment: dev
allow_provider_override: true
deployment_targets:
  layer3:
    provider: localstack
"""


def provider(name: str, endpoint: str, family: str = "aws", implementation: str = "localstack", more: str = "") -> str:
    services = "".join(
        f"  {service}:\n    endpoint_url: {endpoint}\n    region: eu-west-1\n{more}"
        for service in ("s3", "sqs", "secretsmanager")
    )
    return f"name: {name}\nprovider_family: {family}\nprovider_implementation: {implementation}\nservices:\n{services}"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def cloud(project: Project, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose layer3 is served by the moto server; boto3 finds nothing elsewhere."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name == "REQUESTS_CA_BUNDLE":
            monkeypatch.delenv(name)
    write(project.root / "config/environments/dev.yaml", ENVIRONMENT)
    folder = project.root / "config/providers"
    write(folder / "localstack.yaml", provider("localstack", endpoint))
    write(folder / "keyless.yaml", provider("keyless", endpoint))
    write(folder / "cloud.yaml", provider("cloud", "https://127.0.0.1:1", more="    verify_ssl: false\n"))
    project.encrypt(CREDENTIALS)
    return project


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o644)


def test_put_and_get_an_object(cloud: Project) -> None:
    s3 = client("s3", "layer3")
    s3.create_bucket(Bucket="first", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="first", Key="a/b", Body=b"\0body")
    assert s3.get_object(Bucket="first", Key="a/b")["Body"].read() == b"\0body"
    assert [one.key for one in session("s3", "layer3", "dev").resource("s3").Bucket("first").objects.all()] == ["a/b"]


def test_send_and_receive_a_message(cloud: Project) -> None:
    sqs = session("sqs", "layer3").client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="do it")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "do it"


def test_read_a_secret(cloud: Project) -> None:
    secrets = (
        KStackContainer().cloud_session_factory().create_session("secretsmanager", "layer3").client("secretsmanager")
    )
    secrets.create_secret(Name="database", SecretString="made up")
    assert secrets.get_secret_value(SecretId="database")["SecretString"] == "made up"


def test_asyncio(cloud: Project) -> None:
    async def work() -> bytes:
        made = get_cloud_session_factory().create_async_session("s3", "layer3")
        async with made.client("s3") as s3:
            await s3.create_bucket(Bucket="later", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            await s3.put_object(Bucket="later", Key="k", Body=b"body")
            answer = await s3.get_object(Bucket="later", Key="k")
            async with answer["Body"] as body:
                found: bytes = await body.read()
        async with made.resource("s3") as resource:
            bucket = await resource.Bucket("later")
            assert [one.key async for one in bucket.objects.all()] == ["k"]
        return found

    assert asyncio.run(work()) == b"body"


def test_what_is_configured_is_applied(cloud: Project, endpoint: str) -> None:
    made = session("s3", "layer3")
    keys = made.get_credentials().get_frozen_credentials()
    assert (keys.access_key, keys.secret_key, keys.token) == ("AKIACANARY", "secret-canary", "token-canary")
    assert made.region_name == "eu-west-1"
    s3 = made.client("s3")
    assert s3.meta.endpoint_url == endpoint
    assert s3._endpoint.http_session._verify is True
    other = session("s3", "layer3", provider="cloud")
    keys = other.get_credentials().get_frozen_credentials()
    assert (keys.access_key, keys.secret_key, keys.token) == ("AKIACANARY", "secret-canary", None)
    assert other.client("s3")._endpoint.http_session._verify is False
    assert other.client("s3", verify=True, endpoint_url=endpoint).meta.endpoint_url == endpoint
    for thing in (made, other, s3, get_cloud_session_factory()):
        assert "anary" not in repr(thing) and "CANARY" not in repr(thing)


def test_the_session_token_is_sent(cloud: Project) -> None:
    sent: dict[str, Any] = {}
    s3 = client("s3", "layer3")
    s3.meta.events.register("before-send.s3", lambda request, **_: sent.update(request.headers.items()))
    s3.list_buckets()
    assert sent["X-Amz-Security-Token"] == b"token-canary"


def test_arguments_of_a_client(cloud: Project) -> None:
    from botocore.config import Config

    s3 = client("s3", "layer3", "dev", None, config=Config(user_agent_extra="ours"), region_name="us-east-1")
    assert s3.meta.region_name == "us-east-1"


@pytest.mark.parametrize("name", ["access_key_id", "secret_access_key", "session_token"])
@pytest.mark.parametrize("end", ["\n", " ", "\t", "\r\n", "\x7f", "\u00a0", "\u00e9"])
def test_a_key_with_white_space_is_named_but_not_shown(cloud: Project, name: str, end: str) -> None:
    keys = {"access_key_id": "AKIACANARY", "secret_access_key": "secret-canary", "session_token": "token-canary"}
    factory = get_cloud_session_factory()
    with default_container().override_providers(secrets_provider=own(**{**keys, name: keys[name] + end})):
        for make in (factory.create_session, factory.create_async_session):
            with pytest.raises(KStackConfigurationError, match="for AWS with white space") as caught:
                make("s3", "layer3")
            assert "canary" not in str(caught.value).lower()
            assert caught.value.__context__ is None


def test_two_spellings_of_a_key(cloud: Project) -> None:
    keys = {"access_key_id": "AKIACANARY", "AWS_ACCESS_KEY": "AKIACANARY", "secret_key": "s", "secret-access-key": ""}
    with default_container().override_providers(secrets_provider=own(**keys)):
        assert session("s3", "layer3").get_credentials().access_key == "AKIACANARY"
    for first, second in (("access_key_id", "AWS-ACCESS-KEY"), ("secret_key", "aws_secretAccessKey")):
        keys = {"access_key_id": "AKIA", "secret_key": "secret", first: "one-canary", second: "other-canary"}
        with default_container().override_providers(secrets_provider=own(**keys)):
            with pytest.raises(KStackConfigurationError, match=r"and they differ") as caught:
                session("s3", "layer3")
            assert "canary" not in str(caught.value)
            # The library refuses the same.
            with pytest.raises(KStackConfigurationError, match="and they differ"):
                default_container().aws_credential_process("s3", "layer3")


CONFIG_OF_THE_USER = {
    "accelerate": "[default]\ns3 =\n  use_accelerate_endpoint = true\n",
    "sso": "[default]\nsso_session = gone\n",
    "byte order mark": "\ufeff[default]\nregion = eu-north-1\n",
    "endpoint": "[default]\nendpoint_url = http://127.0.0.1:1\n",
    "broken": "[default\nregion",
}


@pytest.mark.parametrize("content", CONFIG_OF_THE_USER)
def test_files_of_aws_are_ignored(cloud: Project, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(cloud.root / "aws/config", CONFIG_OF_THE_USER[content])
    write(cloud.root / "aws/credentials", CONFIG_OF_THE_USER["broken"])
    monkeypatch.setenv("AWS_CONFIG_FILE", str(cloud.root / "aws/config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(cloud.root / "aws/credentials"))
    monkeypatch.setenv("AWS_RETRY_MODE", "x")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "none")
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "x")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    s3 = client("s3", "layer3")
    assert s3.meta.region_name == "eu-west-1"
    assert "Buckets" in s3.list_buckets()


def test_what_is_not_aws_gets_its_own_settings(cloud: Project, endpoint: str) -> None:
    folder = cloud.root / "config/providers"
    for implementation in ("localstack", "minio", "digitalocean"):
        write(folder / "localstack.yaml", provider("localstack", endpoint, implementation=implementation))
        s3 = client("s3", "layer3")
        config = s3.meta.config
        assert config.signature_version == "s3v4"
        assert config.s3["addressing_style"] == "path"
        assert getattr(config, "request_checksum_calculation", "when_required") == "when_required"
        assert getattr(config, "response_checksum_validation", "when_required") == "when_required"
        assert s3.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"}).startswith(f"{endpoint}/b/k?")
        assert client("sqs", "layer3").meta.config.signature_version == "v4"
    cloud.encrypt(CREDENTIALS.replace("cloud:", "plain:"))
    write(folder / "plain.yaml", provider("plain", endpoint, implementation="aws"))
    assert client("s3", "layer3", provider="plain").meta.config.s3 is None


@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ("files.example.com", "http://files.example.com/b/k?"),
        ("https://files.example.com", "https://files.example.com/b/k?"),
    ],
)
def test_presigned_urls_have_their_domain(cloud: Project, endpoint: str, domain: str, wanted: str) -> None:
    more = f"    presigned_url_domain: {domain}\n"
    write(cloud.root / "config/providers/localstack.yaml", provider("localstack", endpoint, more=more))
    s3 = client("s3", "layer3")
    url = s3.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})
    assert url.startswith(wanted)
    assert "X-Amz-Signature" in url
    post = s3.generate_presigned_post("b", "k")
    assert post["url"].startswith(wanted.removesuffix("/k?"))

    async def presign() -> str:
        made = get_cloud_session_factory().create_async_session("s3", "layer3")
        async with made.client("s3") as found:
            await found.list_buckets()
            signed: str = await found.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})
            return signed

    assert asyncio.run(presign()).startswith(wanted)


def test_variables_and_files_of_aws_change_neither_keys_nor_endpoint(
    cloud: Project, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cloud.root / "config/providers"
    plain = provider("plain", endpoint, implementation="aws").replace(f"    endpoint_url: {endpoint}\n", "")
    write(folder / "plain.yaml", plain)
    cloud.encrypt(CREDENTIALS + "  plain: {access_key: AKIACANARY, secret_key: secret-canary}\n")
    write(
        cloud.root / "aws",
        "[default]\naws_access_key_id = of-the-file\naws_secret_access_key = of-the-file\n"
        "endpoint_url = http://127.0.0.1:3\nservices = all\n[services all]\ns3 =\n  endpoint_url = http://127.0.0.1:4\n",
    )
    for name, value in {
        "AWS_PROFILE": "absent",
        "AWS_DEFAULT_PROFILE": "absent-too",
        "AWS_CONFIG_FILE": str(cloud.root / "aws"),
        "AWS_SHARED_CREDENTIALS_FILE": str(cloud.root / "aws"),
        "AWS_ACCESS_KEY_ID": "of-the-variable",
        "AWS_SECRET_ACCESS_KEY": "of-the-variable",
        "AWS_SESSION_TOKEN": "of-the-variable",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2",
    }.items():
        monkeypatch.setenv(name, value)

    async def endpoint_for_asyncio() -> str:
        made = get_cloud_session_factory().create_async_session("s3", "layer3", None, "plain")
        async with made.client("s3") as s3:
            found: str = s3.meta.endpoint_url
            return found

    made = session("s3", "layer3", provider="plain")
    keys = made.get_credentials().get_frozen_credentials()
    assert (keys.access_key, keys.secret_key, keys.token) == ("AKIACANARY", "secret-canary", None)
    assert "127.0.0.1" not in made.client("s3").meta.endpoint_url
    assert "127.0.0.1" not in made.resource("s3").meta.client.meta.endpoint_url
    assert "127.0.0.1" not in asyncio.run(endpoint_for_asyncio())
    assert client("s3", "layer3").meta.endpoint_url == endpoint


def test_the_ca_bundle_is_that_of_the_variable(cloud: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/made/up.pem")
    assert client("s3", "layer3")._endpoint.http_session._verify == "/made/up.pem"
    assert client("s3", "layer3", provider="cloud")._endpoint.http_session._verify is False


def test_failures(cloud: Project, endpoint: str) -> None:
    write(
        cloud.root / "config/providers/gcp.yaml",
        provider("gcp", endpoint, family="gcp", implementation="gcp"),
    )
    cloud.encrypt(CREDENTIALS + "  gcp: {key: secret-canary}\n")
    calls: list[tuple[type[Exception], str, tuple[Any, ...]]] = [
        (KStackConfigurationError, "access_key_id, access_key", ("s3", "layer3", None, "keyless")),
        (KStackConfigurationError, "family 'gcp'", ("s3", "layer3", None, "gcp")),
        (KStackServiceNotFoundError, "lambda", ("lambda", "layer3")),
        (KStackLayerAccessError, "layer0", ("s3", "layer0")),
        (KStackConfigurationError, "staging", ("s3", "layer3", "staging")),
    ]
    for kind, words, arguments in calls:
        for make in (session, get_cloud_session_factory().create_async_session):
            with pytest.raises(kind) as caught:
                make(*arguments)
            assert words in str(caught.value)
            assert "canary" not in str(caught.value)


def test_a_service_without_endpoint_is_not_looked_for_in_the_public_cloud(cloud: Project, endpoint: str) -> None:
    folder = cloud.root / "config/providers"
    without = provider("localstack", endpoint).replace(f"    endpoint_url: {endpoint}\n", "")
    write(folder / "localstack.yaml", without)
    for make in (session, get_cloud_session_factory().create_async_session):
        with pytest.raises(KStackConfigurationError, match="endpoint_url"):
            make("sqs", "layer3")
    # AWS itself has endpoints of its own.
    write(folder / "localstack.yaml", without.replace("implementation: localstack", "implementation: aws"))
    assert client("sqs", "layer3").meta.endpoint_url == "https://sqs.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(("package", "extra"), [("boto3", "aws"), ("aioboto3", "aws-async")])
def test_a_missing_package_says_what_to_install(
    cloud: Project, monkeypatch: pytest.MonkeyPatch, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    factory = get_cloud_session_factory()
    make = factory.create_session if package == "boto3" else factory.create_async_session
    with pytest.raises(KStackConfigurationError) as caught:
        make("s3", "layer3")
    assert f'pip install "kstack-lib[{extra}]"' in str(caught.value)


def test_there_is_one_factory_and_it_can_be_replaced(cloud: Project) -> None:
    container = KStackContainer()
    factory = container.cloud_session_factory()
    assert factory is container.cloud_session_factory()
    assert isinstance(factory, CloudSessionFactory)
    assert isinstance(factory, BotoSessionFactory)

    class Own:
        def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> dict[str, str]:
            return {"access_key_id": f"of-{service}", "secret_access_key": "own"}

    with container.override_providers(secrets_provider=Own()):
        keys = factory.create_session("s3", "layer3").get_credentials().get_frozen_credentials()
    assert keys.access_key == "of-s3"
