"""The frame of OIDC Session Management 1.0 in a real browser, within the page of an application.

The profile keeps cookies from the frames of other sites, as most do by now. So the application is at another origin of
the same site; at another site it hears that everything has changed, and asks the provider itself.
"""

from urllib.parse import urlencode

from tests.browser.chromium import SHARING
from tests.browser.conftest import Elsewhere, Served, Visitor
from tests.browser.person import sign_in
from tests.unit.adapters.site import PASSWORD, USER_NAME, answered, authorization

pytestmark = SHARING

ASK = """
([frame, text]) => new Promise((told) => {
  const asked = document.createElement("iframe");
  asked.hidden = true;
  asked.src = frame;
  addEventListener("message", (event) => told(event.data), { once: true });
  asked.addEventListener("load", () => asked.contentWindow.postMessage(text, new URL(frame).origin));
  document.body.append(asked);
})
"""


async def test_frame_tells_whether_somebody_is_still_signed_in(
    served: Served, visitor: Visitor, elsewhere: Elsewhere
) -> None:
    """Unchanged as long as the session is, changed after a logout, an error for what makes no sense."""
    await served.tenant.do("SetFeature", feature="session_management", enabled=True)
    visit, own = await visitor(script=True), elsewhere.origin.replace("127.0.0.1", "localhost")
    page, frame = visit.page, f"{served.origin}/ui/check-session"
    callback = f"{own}/callback"
    client = await served.tenant.application(redirect_uris=(callback,))
    asked = authorization(client, redirect_uri=callback)
    await page.goto(f"{served.origin}/oauth/authorize?{urlencode(asked)}")
    await sign_in(page, USER_NAME, PASSWORD)
    await page.wait_for_url(f"{callback}**")
    state = answered(page.url)["session_state"]
    text = f"{client['client_id']} {state}"
    assert await page.evaluate(ASK, [frame, text]) == "unchanged"
    assert await page.evaluate(ASK, [frame, f"other {state}"]) == "changed"
    assert await page.evaluate(ASK, [frame, "nonsense"]) == "error"
    await page.goto(elsewhere.origin)
    assert await page.evaluate(ASK, [frame, text]) == "changed"
    await page.goto(own)
    assert await page.evaluate(ASK, [frame, text]) == "unchanged"
    await page.goto(f"{served.origin}/ui/logout")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/ui/signed-out")
    await page.goto(own)
    assert await page.evaluate(ASK, [frame, text]) == "changed"
    assert visit.complaints == []
