"""What requests are changed into."""

import json
from typing import Any

from hypothesis import strategies as st

ODD_NUMBERS = (0, -1, 1.5, 2**31, 2**63, 2**64, 10**18, 10**400, -(10**400), float("nan"), float("inf"), 1e308)
ODD_TEXTS = (
    *("", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\ufeff", "\u202eabc", "\r\nSet-Cookie: a=b", "%00", "%", "+"),
    *("a" * 300, "b" * 2001, "c" * 16_385, "9" * 30, "9" * 5000, "-1", "1e400", "0x10", "null", "{}", "[]", "[[", "{"),
    *("[" * 5000, '{"a":' * 500 + "1" + "}" * 500, '{"a":1,"a":2}', '"\\ud800"', "NaN", '{"userinfo":{"acr":NaN}}'),
    '{"id_token":{"acr":{"values":["\\ud800"],"essential":true}}}',
    '{"id_token":{"sub":{"value":"\\ud800"}},"userinfo":{"\\udfff":null}}',
    '{"id_token":{"acr":{"value":1e999}}}',
    '{"id_token":{"sub":{"value":"\\u0000"}}}',
    '[{"type":"payment","amount":"\\ud800"}]',
    '[{"type":"payment","amount":' + "9" * 4000 + "}]",
    *("https://evil.example.com/", "//evil.example.com", "javascript:alert(1)", "https://app.example.com/callback/.."),
    *("https://app.example.com/callback#x", "https://app.example.com/callback\n", "https://app.example.com@evil.test/"),
    *("a.b.c", "a.b.c.d.e", "..", "....", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJub25lIn0.W10.", "=.=.="),
    *("http://[::1", "https://[v1.x]/", "https://a:99999/", "https://\ud800/", "urn:a", "http:///", "https://é.test/"),
)
MEANINGFUL = (
    *("none", "login", "consent", "select_account", "create", "code", "token", "id_token", "code id_token token"),
    *("query", "fragment", "form_post", "jwt", "query.jwt", "form_post.jwt", "openid", "openid offline_access email"),
    *("authorization_code", "refresh_token", "client_credentials", "implicit", "password", "plain", "S256", "public"),
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:openid:params:grant-type:ciba",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "https://app.example.com/request",
    "https://app.example.com/request#x",
    "urn:ietf:params:oauth:request_uri:x",
    '[{"type":"payment","amount":"5 EUR"}]',
    '{"userinfo":{"name":null},"id_token":{"acr":{"essential":true}}}',
)
TEXTS = st.sampled_from(ODD_TEXTS) | st.sampled_from(MEANINGFUL) | st.text(max_size=40)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from(ODD_TEXTS),
    st.sampled_from(MEANINGFUL),
    st.text(max_size=10),
)
JSON = st.recursive(
    SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=6), one, max_size=3), max_leaves=6
)


def changed(names: tuple[str, ...], values: st.SearchStrategy[Any] = TEXTS) -> st.SearchStrategy[list[Any]]:
    """A few changes of what has members: left out, put in place of another, or given once more."""
    one = st.tuples(st.sampled_from(["drop", "set", "repeat"]), st.sampled_from(names), values)
    return st.lists(one, max_size=4)


def in_pairs(pairs: list[tuple[str, str]], changes: list[Any]) -> list[tuple[str, str]]:
    """The form with the changes."""
    for kind, name, value in changes:
        if kind != "repeat":
            pairs = [pair for pair in pairs if pair[0] != name]
        if kind != "drop":
            pairs = [*pairs, (name, value)]
    return pairs


def in_object(claims: dict[str, Any], changes: list[Any]) -> str:
    """The object with the changes, in JSON; a member may be there twice."""
    again = []
    for kind, name, value in changes:
        if kind == "drop":
            claims = {key: kept for key, kept in claims.items() if key != name}
        elif kind == "set":
            claims = {**claims, name: value}
        else:
            again.append(f"{json.dumps(name)}:{json.dumps(value)}")
    text = json.dumps(claims)
    return text if not again else f"{text[:-1]}{',' if claims else ''}{','.join(again)}}}"
