(() => {
  "use strict";
  const cookie = /(?:^|; )__Secure-hexkeep-browser-state=([0-9a-f]{64})(?:;|$)/;
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (one) => one.toString(16).padStart(2, "0")).join("");
  const judged = async (message, origin) => {
    const [client, state, ...more] = String(message).split(" ");
    const salt = (state || "").split(".")[1];
    if (!client || !salt || more.length > 0) return "error";
    const found = cookie.exec(document.cookie);
    if (!found) return "changed";
    const text = new TextEncoder().encode(`${client} ${origin} ${found[1]} ${salt}`);
    return `${hex(await crypto.subtle.digest("SHA-256", text))}.${salt}` === state ? "unchanged" : "changed";
  };
  addEventListener("message", async (event) => {
    if (!event.source || event.origin === "null") return;
    event.source.postMessage(await judged(event.data, event.origin), event.origin);
  });
})();
