"""The four examples that Amazon publishes for signing in the header, and what changes a signature.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, read 2026-11-29.
"""

from __future__ import annotations

import pytest

from bankside.channels.sigv4 import Credentials, encoded, signed

WHO = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
STAMP = "20130524T000000Z"
HOST = {"host": "examplebucket.s3.amazonaws.com"}
PUT = {**HOST, "Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}


def signature(headers: dict[str, str]) -> str:
    return headers["authorization"].rpartition("Signature=")[2]


def test_get_object() -> None:
    sent = signed("GET", "/test.txt", {**HOST, "Range": "bytes=0-9"}, b"", stamp=STAMP, who=WHO)
    assert sent["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_put_object() -> None:
    sent = signed("PUT", "/test$file.text", PUT, b"Welcome to Amazon S3.", stamp=STAMP, who=WHO)
    assert sent["x-amz-content-sha256"] == "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
    assert signature(sent) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ([("lifecycle", "")], "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            [("prefix", "J"), ("max-keys", "2")],
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_a_bucket_is_asked(query: list[tuple[str, str]], wanted: str) -> None:
    assert signature(signed("GET", "/", HOST, b"", stamp=STAMP, who=WHO, query=query)) == wanted


def test_whatever_changes_the_signature_changes() -> None:
    def with_(**changes: object) -> str:
        given: dict[str, object] = {"method": "PUT", "path": "/a", "headers": PUT, "body": b"b", "who": WHO}
        return signature(signed(**{**given, "stamp": STAMP, **changes}))  # type: ignore[arg-type]

    all_of_them = [
        with_(), with_(method="GET"), with_(path="/b"), with_(body=b"c"), with_(stamp="20130525T000000Z"),
        with_(headers={**PUT, "x-amz-object-lock-mode": "COMPLIANCE"}), with_(who=WHO._replace(secret="s")),
        with_(who=WHO._replace(region="eu-central-1")),
    ]  # fmt: skip
    assert len(set(all_of_them)) == len(all_of_them)


def test_a_path_is_encoded_once() -> None:
    assert encoded("/0/2026/3/witness.example_w1.cosigned") == "/0/2026/3/witness.example_w1.cosigned"
    assert encoded("/은행 a+b~$") == "/%EC%9D%80%ED%96%89%20a%2Bb~%24"
