"""Where an application says more of itself: its home page, how it uses what it learns, its terms."""

from hexkeep.core.authrequest.messages import AuthRequestDetails


def links_of(asked: AuthRequestDetails | None) -> dict[str, str]:
    """The links that a page shows, by the name of their text (OIDC Dynamic Client Registration 1.0 section 2).

    Its logo is not shown: browsers would fetch it from there before anybody has agreed to anything.
    """
    if asked is None:
        return {}
    links = {"client_link": asked.client_uri, "policy_link": asked.policy_uri, "tos_link": asked.tos_uri}
    return {name: link for name, link in links.items() if link}
