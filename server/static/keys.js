// Keys of the list of alerts, for who has turned them on: each presses what is on the page anyway.

const board = document.getElementById("board");
const help = document.getElementById("keys-help");
const keys = new Map(board.dataset.keys.split(" ").map((pair) => {
  const at = pair.indexOf("=");
  return [pair.slice(at + 1), pair.slice(0, at)];
}));

const rows = () => [...document.querySelectorAll("#rows > tr, #kit-rows > tr")];
const current = () => document.activeElement.closest("tr[data-href]");

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const to = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  to?.querySelector("a.name").focus();
}

const go = (action) => { const row = current(); if (row) location.assign(`${row.dataset.href}/${action}`); };

const actions = {
  next: () => move(1),
  previous: () => move(-1),
  take: () => current()?.querySelector("form.take button")?.click(),
  snooze: () => go("snooze"),
  escalate: () => go("escalate"),
  close: () => go("close"),
  search: () => location.assign("/patients"),
  help: () => help.showModal(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog")) return;
  const action = keys.get(event.key.toLowerCase());
  if (!action) return;
  event.preventDefault();
  actions[action]();
});
