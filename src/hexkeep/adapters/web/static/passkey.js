(() => {
  "use strict";
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const form = document.getElementById("passkey-form");
  if (!form || !window.PublicKeyCredential) return;
  const failed = document.getElementById("passkey-failed");
  const asked = async () => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const request = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    return JSON.parse((await (await fetch(form.dataset.source, request)).json()).options);
  };
  const signed = async () => {
    const options = await asked();
    const allowed = options.allowCredentials.map((one) => ({ ...one, id: bytes(one.id) }));
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: allowed };
    const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
    return {
      id,
      rawId: text(rawId),
      type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        ...(response.userHandle ? { userHandle: text(response.userHandle) } : {}),
      },
    };
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      form.elements.passkey.value = JSON.stringify(await signed());
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
  form.hidden = false;
})();
