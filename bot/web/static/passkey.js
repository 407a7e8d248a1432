// Making and using a passkey: asks the server what to sign, the browser to sign it, and goes on.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const word = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const ids = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function post(address, body) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  async function make(address) {
    const options = await post(`${address}/options`, {});
    const made = await navigator.credentials.create({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: ids(options.excludeCredentials),
    } });
    return post(address, {
      id: made.id, rawId: word(made.rawId), type: made.type,
      response: {
        clientDataJSON: word(made.response.clientDataJSON),
        attestationObject: word(made.response.attestationObject),
      },
    });
  }

  async function use(address, questions) {
    const options = await post(questions, {});
    const got = await navigator.credentials.get({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: ids(options.allowCredentials),
    } });
    const given = got.response;
    await post(address, {
      id: got.id, rawId: word(got.rawId), type: got.type,
      response: {
        clientDataJSON: word(given.clientDataJSON),
        authenticatorData: word(given.authenticatorData),
        signature: word(given.signature),
        userHandle: given.userHandle ? word(given.userHandle) : null,
      },
    });
  }

  for (const button of document.querySelectorAll("[data-passkey]")) {
    if (!window.PublicKeyCredential) {
      button.disabled = true;
      continue;
    }
    button.addEventListener("click", async () => {
      const trouble = document.getElementById("passkey-trouble");
      trouble.hidden = true;
      try {
        if (button.dataset.passkey === "make") {
          const kept = await make("/desk/me/passkeys");
          if (kept.first) { // the recovery codes that stand in for it, shown once
            document.getElementById("first-recovery").submit();
            return;
          }
        } else await use("/desk/factor/passkey", "/desk/factor/options");
        location.assign(button.dataset.next);
      } catch {
        trouble.hidden = false;
      }
    });
  }
})();
