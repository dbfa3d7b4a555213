// The worklist, live. Without this script the page works by plain forms; with it, rows come, change and go by themselves.

const SILENCE_MAX_MS = 12_000; // two ticks missed
const RETRY_MS = 5_000;
const HOLD_MAX_MS = 3_000;

const rows = document.getElementById("rows");
const board = document.getElementById("board");
const stale = document.getElementById("stale");
const said = document.getElementById("said");
const waiting = new Map(); // row id -> newer HTML, or null when the alert is gone
const title = document.title.replace(/^\(\d+ urgent\) /, "");
let lastTickAt = performance.now();
let source = null;
let fetching = null;

const say = (text) => { said.textContent = text; };
const parsed = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.querySelector("tr");
};
const comesBefore = (a, b) =>
  Number(a.dataset.rank) - Number(b.dataset.rank) || Number(a.dataset.opened) - Number(b.dataset.opened);

function place(row) {
  const next = [...rows.children].find((other) => other !== row && comesBefore(row, other) < 0);
  rows.insertBefore(row, next ?? null);
}

function showEmpty() {
  const empty = rows.children.length === 0;
  document.getElementById("some").hidden = empty;
  document.getElementById("none").hidden = !empty;
}

// A row in use is never replaced or moved: it says that there is something newer, and waits.
function inUse(row) {
  return row.contains(document.activeElement) && document.activeElement !== document.body;
}

function mark(row, html) {
  waiting.set(row.id, html);
  if (row.querySelector(".update")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button secondary update";
  button.textContent = "Updated – show";
  button.setAttribute("aria-label", `Updated – show the alert for ${row.dataset.spoken}`);
  button.addEventListener("click", () => {
    const newer = waiting.get(row.id);
    waiting.delete(row.id);
    if (newer === null) { row.remove(); showEmpty(); document.getElementById("main").focus(); }
    else focusIn(replace(row, newer));
  });
  row.querySelector(".c-do").append(button);
}

function replace(row, html) {
  const fresh = parsed(html);
  row.remove();
  place(fresh);
  return fresh;
}

function focusIn(row) {
  (row.querySelector(".c-do a, .c-do button") ?? row.querySelector("a")).focus();
}

function showRow(html) {
  const fresh = parsed(html);
  const known = document.getElementById(fresh.id);
  if (!known) {
    place(fresh);
    fresh.classList.add("arrived");
    const urgency = fresh.dataset.rank === "0" ? "urgent" : "soon";
    say(`New alert, ${urgency}: ${fresh.dataset.spoken}`);
  } else if (known.dataset.version !== fresh.dataset.version) {
    if (inUse(known)) mark(known, html);
    else replace(known, html);
  }
  showEmpty();
}

function showGone(id) {
  const known = document.getElementById(id);
  if (!known) return;
  if (inUse(known)) mark(known, null);
  else known.remove();
  showEmpty();
}

// Nothing moves under a pointer that rests on a button: a press meant for one patient must not reach another.
let held = [];
let heldSince = 0;
function whenStill(change) {
  held.push(change);
  if (held.length === 1) heldSince = performance.now();
  release();
}
function release() {
  const aiming = rows.querySelector("button:hover, a:hover") !== null;
  if (aiming && performance.now() - heldSince < HOLD_MAX_MS) { setTimeout(release, 200); return; }
  const changes = held;
  held = [];
  for (const change of changes) change();
}

function showCounts(counts) {
  for (const place of document.querySelectorAll("[data-count]")) place.textContent = counts[place.dataset.count];
  document.getElementById("more").hidden = counts.more === 0;
  document.title = counts.urgent > 0 ? `(${counts.urgent} urgent) ${title}` : title;
}

// The server's words for how long ago, by the server's clock.
function ago(then, now) {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes <= -2) return "in the future";
  if (minutes <= 0) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
}

function showTick(tick) {
  lastTickAt = performance.now();
  if (!stale.hidden) { stale.hidden = true; stale.textContent = ""; }
  document.getElementById("live-state").textContent = "Live. Up to date at";
  document.getElementById("clock").textContent = tick.time;
  showCounts(tick.counts);
  const now = Date.parse(tick.now);
  for (const place of document.querySelectorAll("[data-ago]")) {
    const words = ago(Date.parse(place.dataset.ago), now);
    if (place.textContent !== words) place.textContent = words;
  }
}

// After a break nothing is assumed: the whole list is fetched and compared.
async function refetch() {
  fetching ??= (async () => {
    const answer = await fetch("/alerts", { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) { location.assign("/alerts"); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = [...page.querySelectorAll("#rows > tr")];
    const ids = new Set(fresh.map((row) => row.id));
    for (const row of [...rows.children]) if (!ids.has(row.id)) showGone(row.id);
    for (const row of fresh) showRow(row.outerHTML);
    board.dataset.cursor = page.getElementById("board").dataset.cursor;
  })().finally(() => { fetching = null; });
  await fetching;
}

function connect() {
  source?.close();
  source = new EventSource("/alerts/live");
  source.addEventListener("hello", (event) => {
    const hello = JSON.parse(event.data);
    if (hello.build !== board.dataset.build) { location.reload(); return; }
    if (String(hello.cursor) !== board.dataset.cursor) refetch().catch(() => source.close());
  });
  source.addEventListener("tick", (event) => {
    const tick = JSON.parse(event.data);
    board.dataset.cursor = tick.cursor;
    showTick(tick);
  });
  source.addEventListener("row", (event) => whenStill(() => showRow(event.data)));
  source.addEventListener("gone", (event) => whenStill(() => showGone(event.data)));
  source.addEventListener("reload", () => { board.dataset.cursor = ""; source.close(); });
}

setInterval(() => {
  const silent = performance.now() - lastTickAt > SILENCE_MAX_MS;
  if (silent && stale.hidden) {
    stale.innerHTML = 'This list is not up to date. Alerts may be missing. Trying again – or <a href="/alerts">reload now</a>.';
    stale.hidden = false;
    document.getElementById("live-state").textContent = "Not live. Last up to date at";
  }
  if (source.readyState === EventSource.CLOSED || silent) {
    board.dataset.cursor = "";
    connect();
  }
}, RETRY_MS);

// Taking: the answer is the row as it stands, whoever won.
rows.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.take");
  if (!form) return;
  event.preventDefault();
  const row = form.closest("tr");
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", headers: { "hearth-row": "only" } });
    if (answer.redirected || (!answer.ok && answer.status !== 409)) throw new Error(String(answer.status));
    const html = await answer.text();
    waiting.delete(row.id);
    const fresh = replace(row, html);
    focusIn(fresh);
    const notice = fresh.querySelector(".notice");
    say(notice ? notice.textContent : `You have taken the alert for ${fresh.dataset.spoken}`);
  } catch {
    form.submit(); // as without a script: the server's own page says what is wrong
  }
});

connect();
