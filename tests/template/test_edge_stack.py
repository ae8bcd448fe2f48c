"""What stacks/edge.yaml makes: the ways to the functions, the domain, the rate rule, the page's bucket."""

import json

import pytest

from chat.client_buffer import HEARTBEAT_SECONDS
from dev.template import read_template
from tests.template.edge import PARAMETERS, Edge
from tests.template.edge_world import FUNCTIONS, edge_with
from tests.template.resolved import Resolved


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_asked_over_tls_with_the_secret_and_longer_than_a_stream_is_silent(
    edge: Edge, function: str
) -> None:
    origin = edge.origins[function]
    connection = origin["CustomOriginConfig"]

    assert origin["DomainName"] == f"{function}.lambda-url.us-east-1.on.aws"
    assert origin["OriginCustomHeaders"] == [
        {
            "HeaderName": "x-origin-secret",
            "HeaderValue": f"{{{{resolve:secretsmanager:{PARAMETERS['OriginSecretArn']}}}}}",
        }
    ]
    assert connection["OriginProtocolPolicy"] == "https-only"
    assert connection["OriginSSLProtocols"] == ["TLSv1.2"]
    assert 2 * HEARTBEAT_SECONDS < connection["OriginReadTimeout"] <= 60


def test_a_browser_comes_over_tls_to_all_of_it(edge: Edge) -> None:
    behaviors = [*edge.distribution["CacheBehaviors"], edge.distribution["DefaultCacheBehavior"]]

    assert {behavior["ViewerProtocolPolicy"] for behavior in behaviors} == {"redirect-to-https"}
    assert edge.distribution["HttpVersion"] == "http2and3"
    assert edge.distribution["IPV6Enabled"] is True


def test_the_page_is_at_the_distributions_domain_or_at_a_domain_of_ones_own() -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/one"
    own = edge_with(DomainName="code.example.com", CertificateArn=certificate)
    edge = edge_with()

    assert edge.stack.output("Origin") == "https://Distribution.DomainName"
    assert "Aliases" not in edge.distribution
    assert edge.distribution["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    assert own.stack.output("Origin") == "https://code.example.com"
    assert own.distribution["Aliases"] == ["code.example.com"]
    assert own.distribution["ViewerCertificate"] == {
        "AcmCertificateArn": certificate,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }


def test_a_rate_rule_stands_before_it_where_a_number_is_given() -> None:
    template = read_template("stacks/edge.yaml")
    guarded = edge_with(WafRequestsPerFiveMinutes=2000)
    [rule] = guarded.stack.properties("WebAcl")["Rules"]
    body = guarded.stack.properties("WebAcl")["CustomResponseBodies"]["RateLimited"]["Content"]

    assert "WebACLId" not in edge_with().distribution
    assert not edge_with().stack.holds(template["Resources"]["WebAcl"]["Condition"])
    assert guarded.distribution["WebACLId"] == "WebAcl.Arn"
    assert rule["Statement"]["RateBasedStatement"]["Limit"] == 2000
    assert rule["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429
    assert json.loads(body)["error"].keys() == {"code", "message", "requestId"}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, []),
        ({"WafRequestsPerFiveMinutes": 2000}, []),
        ({"WafRequestsPerFiveMinutes": 9}, ["must be 10 or more"]),
        (
            {"WafRequestsPerFiveMinutes": 2000, "AWS::Region": "eu-central-1"},
            ["only for a stack in us-east-1"],
        ),
        ({"WafRequestsPerFiveMinutes": 2000, "Edge": "none", "SignIn": "none"}, ["needs Edge=cloudfront"]),
        ({"DomainName": "code.example.com"}, ["DomainName needs CertificateArn."]),
        ({"Edge": "none"}, ["Edge=none needs SignIn=none"]),
    ],
)
def test_parameters_that_do_not_fit_together_are_refused_in_plain_words(
    parameters: dict[str, str | int], words: list[str]
) -> None:
    refusals = Resolved(read_template(), parameters).refusals()

    assert len(refusals) == len(words)
    assert all(word in refusal for word, refusal in zip(words, refusals, strict=True))


def test_only_the_distribution_reads_the_page_and_tells_missing_from_forbidden(edge: Edge) -> None:
    bucket = edge.stack.properties("PageBucket")
    statements = edge.stack.properties("PageBucketPolicy")["PolicyDocument"]["Statement"]
    allowed = {entry["Action"]: entry for entry in statements if entry["Effect"] == "Allow"}
    own = {"StringEquals": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/Distribution"}}

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert allowed.keys() == {"s3:GetObject", "s3:ListBucket"}
    for entry in allowed.values():
        assert entry["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        assert entry["Condition"] == own
    assert edge.origins["page"]["OriginAccessControlId"] == "PageAccess.Id"
    access = edge.stack.properties("PageAccess")["OriginAccessControlConfig"]
    assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")
    assert access["OriginAccessControlOriginType"] == "s3"


def test_the_stack_is_given_what_it_asks_for() -> None:
    given = read_template()["Resources"]["EdgeStack"]["Properties"]["Parameters"]

    assert given.keys() == read_template("stacks/edge.yaml")["Parameters"].keys()
