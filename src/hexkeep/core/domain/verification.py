"""Showing that a domain is the organization's: something that only its owner can publish is found there.

As ACME does it (RFC 8555 §8.3 and §8.4): a TXT record under a name of our own, or a file under ``/.well-known/`` on
port 80. The file says more than its name, so that a server that repeats what it is asked for proves nothing.
"""

from pydantic import Field

from hexkeep.core.domain.access import known, reached
from hexkeep.core.domain.events import OrganizationDomainValidationGenerated, OrganizationDomainVerified
from hexkeep.core.domain.names import DomainName
from hexkeep.core.domain.state import DOMAINS, Domain, DomainValidationMethod, domain_key
from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    PermissionDenied,
    ResourceExhausted,
    Violation,
)
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.outside import FetchText, LookUpTxt
from hexkeep.core.kernel.unique import Claim

RECORD = "_hexkeep-challenge"
FILE = "/.well-known/hexkeep-challenge/"
ATTEMPTS, WINDOW_SECONDS = 20, 600
"""How many looks one organization may have us take in a window: each is a call to somebody's server."""


class GenerateOrganizationDomainValidation(Message):
    """The domain to validate, and how."""

    organization_id: Id
    domain: DomainName
    method: DomainValidationMethod = Field(description="A TXT record, or a file on the domain's web server.")


class OrganizationDomainValidation(Message):
    """What to publish: a TXT record of that name, or a file at that URL, with that value."""

    domain: str
    method: DomainValidationMethod
    record: str = Field(description="Name of the TXT record; empty for a file.")
    url: str = Field(description="Where the file has to be; empty for a record.")
    value: str = Field(description="What record or file has to say.")


class VerifyOrganizationDomain(Message):
    """The domain to look at."""

    organization_id: Id
    domain: DomainName
    unchecked: bool = Field(
        default=False, description="Take the caller's word for it. Only callers with instance-wide rights may."
    )


def generate_organization_domain_validation(
    request: GenerateOrganizationDomainValidation, ctx: Context
) -> Decision[OrganizationDomainValidation]:
    """Tell what to publish to show that the domain is the organization's. What was told before is void."""
    domain = known(reached(request.organization_id, ctx), request.domain, ctx)
    if domain.verified:
        raise FailedPrecondition("The domain is verified already")
    if request.method is DomainValidationMethod.UNSPECIFIED:
        raise InvalidInput("", Violation("method", "must be dns or http"))
    token = ctx.new_secret()
    generated = OrganizationDomainValidationGenerated(domain=domain.name, method=request.method.value, token=token)
    dns = request.method is DomainValidationMethod.DNS
    answer = OrganizationDomainValidation(
        domain=domain.name,
        method=request.method,
        record=_record(domain.name) if dns else "",
        url="" if dns else _url(domain.name, token),
        value=token if dns else _content(token, request.organization_id),
    )
    return Decision(answer, DOMAINS.append(request.organization_id, generated))


def verify_organization_domain(request: VerifyOrganizationDomain, ctx: Context) -> Decision[Empty]:
    """Look whether what was to be published is there; then the domain is the organization's alone in this instance.

    What is not found yet is `failed_precondition`, with `found` telling what was seen instead. Nobody has to leave the
    record or the file there.
    """
    domains = reached(request.organization_id, ctx)
    domain = known(domains, request.domain, ctx)
    if domain.verified:
        return Decision(Empty())
    owner = ctx.owner(domain_key(domain.name))
    if owner is not None:
        raise AlreadyExists("domain")
    if request.unchecked:
        _insist_on_instance(ctx)
    else:
        _look(request.organization_id, domain, ctx)
    return Decision(
        Empty(),
        DOMAINS.append(request.organization_id, OrganizationDomainVerified(domain=domain.name)),
        Claim(domain_key(domain.name), DOMAINS.ref(request.organization_id)),
    )


def _insist_on_instance(ctx: Context) -> None:
    if not ctx.caller.may(ctx.request.permission):
        raise PermissionDenied("Only callers with instance-wide rights may verify a domain without a look")


def _look(organization_id: str, domain: Domain, ctx: Context) -> None:
    """Raise ``FailedPrecondition`` unless the token is found, ``ResourceExhausted`` for too many looks."""
    if not domain.token:
        raise FailedPrecondition("Generate a validation first")
    if ctx.ask(CountUp(f"domain-verification:{organization_id}", WINDOW_SECONDS)) > ATTEMPTS:
        raise ResourceExhausted("Too many looks at domains", retry_after=WINDOW_SECONDS)
    if domain.method is DomainValidationMethod.DNS:
        _look_at_records(domain, ctx)
    else:
        _look_at_file(organization_id, domain, ctx)


def _look_at_records(domain: Domain, ctx: Context) -> None:
    records = ctx.ask(LookUpTxt(_record(domain.name)))
    if domain.token not in {record.strip() for record in records}:
        found = "other_record" if records else "no_record"
        raise FailedPrecondition("The record was not found", found=found, record=_record(domain.name))


def _look_at_file(organization_id: str, domain: Domain, ctx: Context) -> None:
    url = _url(domain.name, domain.token)
    fetched = ctx.ask(FetchText(url, plain=True))
    if fetched.failure or fetched.status != 200 or fetched.text.strip() != _content(domain.token, organization_id):  # noqa: PLR2004 - OK
        found = fetched.failure or ("other_file" if fetched.status == 200 else f"status_{fetched.status}")  # noqa: PLR2004 - OK
        raise FailedPrecondition("The file was not found", found=found, url=url)


def _record(name: str) -> str:
    return f"{RECORD}.{name}"


def _url(name: str, token: str) -> str:
    return f"http://{name}{FILE}{token}"


def _content(token: str, organization_id: str) -> str:
    return f"{token}.{organization_id}"
