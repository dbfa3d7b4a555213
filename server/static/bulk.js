// Choosing several alerts: all of one list at a press, a range with shift, and what is chosen stays chosen when a row is
// written anew. Without this script the boxes are ticked one by one.

const board = document.getElementById("board");
const form = document.getElementById("bulk");
const said = document.getElementById("said");
const chosen = new Set();
let last = null;

const boxes = (within = board) => [...within.querySelectorAll(".pick input")];

function note(box) {
  if (box.checked) chosen.add(box.value); else chosen.delete(box.value);
}

board.addEventListener("click", (event) => {
  const box = event.target.closest(".pick input");
  if (!box) return;
  const all = boxes(box.closest("tbody"));
  const from = all.indexOf(last);
  if (event.shiftKey && from >= 0) {
    const ends = [from, all.indexOf(box)].sort((a, b) => a - b);
    for (const it of all.slice(ends[0], ends[1] + 1)) { it.checked = box.checked; note(it); }
  }
  note(box);
  last = box;
  form.querySelector("details").open = true;
});

for (const [rows, label] of [["rows", "Select all patients' alerts"], ["kit-rows", "Select all technical alerts"]]) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button secondary";
  button.textContent = label;
  button.addEventListener("click", () => {
    const all = boxes(document.getElementById(rows));
    const every = all.every((it) => it.checked);
    for (const it of all) { it.checked = !every; note(it); }
    said.textContent = every ? "None of them is selected" : `${all.length} alerts are selected`;
  });
  form.querySelector("fieldset").append(button);
}

for (const it of boxes()) note(it); // ticked before a reload

// A row that was written anew has an empty box; one that is gone is not chosen any more.
new MutationObserver(() => {
  const known = boxes();
  for (const it of known) if (chosen.has(it.value)) it.checked = true;
  const values = new Set(known.map((it) => it.value));
  for (const value of chosen) if (!values.has(value)) chosen.delete(value);
}).observe(board, { childList: true, subtree: true });
