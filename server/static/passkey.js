// Passkeys: carries what the server asks to the device and its answer back into the form, which is then sent as any other.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (it) => it.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const WORDS = {
  NotAllowedError: "Nothing was done: the device was not asked to the end, or took too long. Try again.",
  InvalidStateError: "This device has a passkey of yours already.",
};

async function ask(form) {
  const answer = await fetch(form.dataset.begin, { method: "POST", headers: { accept: "application/json" } });
  if (!answer.ok || !answer.headers.get("content-type")?.startsWith("application/json")) {
    throw new Error("The server did not answer. Reload the page and try again.");
  }
  return answer.json();
}

async function create({ publicKey }) {
  const known = publicKey.excludeCredentials ?? [];
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: known.map((it) => ({ ...it, id: toBytes(it.id) })),
    },
  });
  return { made, response: { attestationObject: toText(made.response.attestationObject) } };
}

async function prove({ publicKey }) {
  const made = await navigator.credentials.get({ publicKey: { ...publicKey, challenge: toBytes(publicKey.challenge) } });
  const { authenticatorData, signature, userHandle } = made.response;
  const response = { authenticatorData: toText(authenticatorData), signature: toText(signature) };
  return { made, response: { ...response, userHandle: userHandle && toText(userHandle) } };
}

async function carry(form) {
  const question = await ask(form);
  const { made, response } = await (form.dataset.passkey === "create" ? create : prove)(question.options);
  response.clientDataJSON = toText(made.response.clientDataJSON);
  form.elements.word.value = question.word;
  form.elements.answer.value = JSON.stringify({ id: made.id, rawId: toText(made.rawId), type: made.type, response, extensions: {} });
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector(".wrong-text");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    button.disabled = true;
    try {
      if (!window.PublicKeyCredential) throw new Error("This browser cannot use passkeys.");
      await carry(form);
    } catch (error) {
      document.querySelector(".errors")?.remove(); // of an earlier try
      said.setAttribute("role", "alert");
      const elsewhere = `Passkeys work only where the address begins with ${form.dataset.place}.`;
      said.textContent = error.name === "SecurityError" ? elsewhere : WORDS[error.name] ?? error.message;
      button.disabled = false;
      button.focus();
    }
  });
}
