// Copying and printing what was sent. Without this script the text is selected and copied by hand, and the page printed by the browser.

const text = document.getElementById("sbar");
const copied = document.getElementById("copied");
const actions = document.getElementById("sbar-actions");

function about() {
  const it = document.createElement("span");
  it.className = "hidden";
  it.textContent = ` what was sent for ${actions.dataset.spoken}`;
  return it;
}

function button(label, press) {
  const it = document.createElement("button");
  it.type = "button";
  it.className = "button";
  it.textContent = label;
  it.append(about());
  it.addEventListener("click", press);
  actions.prepend(it);
}

button("Print", () => window.print());
button("Copy as text", async () => {
  try {
    await navigator.clipboard.writeText(text.textContent);
    copied.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(text);
    copied.textContent = "The text is selected: copy it with Ctrl+C.";
  }
});
