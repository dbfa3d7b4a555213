// The worklist, live. Without this script the page works by plain forms; with it, rows come, change and go by themselves.

const SILENCE_MAX_MS = 12_000; // two ticks missed
const RETRY_MS = 5_000;
const HOLD_MAX_MS = 3_000;
const HERE_EVERY_MS = 60_000;

const lanes = { patients: document.getElementById("rows"), kit: document.getElementById("kit-rows") };
const board = document.getElementById("board");
const stale = document.getElementById("stale");
const said = document.getElementById("said");
const address = (path) => board.dataset.show === "all" ? path : `${path}?show=${board.dataset.show}`;
const waiting = new Map(); // row id -> newer HTML, or null when the alert is gone
const icon = document.querySelector("link[rel=icon]");
const pictures = { calm: icon.href, urgent: icon.href.replace("favicon.svg", "favicon-urgent.svg") };
let wanted = []; // the ids of the rows, in the server's order
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
const allRows = () => Object.values(lanes).flatMap((lane) => [...lane.children]);

// The server says the order. From the end: each row goes before the one after it, so a row in use stays where it is and
// the others move around it. It takes its place when it is not in use any more.
function arrange() {
  const after = new Map();
  for (const id of [...wanted].reverse()) {
    const row = document.getElementById(id);
    if (!row) continue;
    const lane = lanes[row.dataset.lane];
    if (row.parentElement !== lane) continue;
    const next = after.get(lane) ?? null;
    if (row.nextElementSibling !== next && !inUse(row) && !pointedAt(row)) lane.insertBefore(row, next);
    after.set(lane, row);
  }
}

function showEmpty() {
  const empty = lanes.patients.children.length === 0;
  const noKit = lanes.kit.children.length === 0;
  document.getElementById("kit").hidden = noKit;
  document.getElementById("some").hidden = empty;
  document.getElementById("none").hidden = !empty || (board.dataset.show !== "all" && !noKit);
}

// A row in use is never replaced or moved: it says that there is something newer, and waits.
function inUse(row) {
  return row.contains(document.activeElement) && document.activeElement !== document.body;
}

const pointedAt = (row) => row.matches(":hover");

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

// What waited for a row in use is shown once nobody uses it.
function settle() {
  for (const [id, newer] of waiting) {
    const row = document.getElementById(id);
    if (row && (inUse(row) || pointedAt(row))) continue;
    waiting.delete(id);
    if (row && newer === null) row.remove();
    else if (row) replace(row, newer);
  }
  arrange();
  showEmpty();
}

function replace(row, html) {
  const fresh = parsed(html);
  if (fresh.dataset.lane === row.dataset.lane) row.replaceWith(fresh);
  else { row.remove(); lanes[fresh.dataset.lane].append(fresh); }
  return fresh;
}

function focusIn(row) {
  (row.querySelector(".c-do a, .c-do button") ?? row.querySelector("a")).focus();
}

function showRow(html) {
  const fresh = parsed(html);
  const known = document.getElementById(fresh.id);
  if (!known) {
    lanes[fresh.dataset.lane].append(fresh);
    fresh.classList.add("arrived");
    dispatchEvent(new CustomEvent("hearth:arrived", { detail: fresh.dataset.priority }));
    say(`New alert, ${fresh.dataset.priority}: ${fresh.dataset.spoken}`);
  } else if (known.dataset.version !== fresh.dataset.version) {
    if (inUse(known)) mark(known, html);
    else { waiting.delete(known.id); replace(known, html); }
  } else if (waiting.delete(known.id)) {
    known.querySelector(".update")?.remove(); // it is again what is shown
  }
  showEmpty();
}

function showGone(id) {
  const known = document.getElementById(id);
  if (!known) return;
  if (inUse(known) || pointedAt(known)) mark(known, null);
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
  const aiming = board.querySelector("tr button:hover, tr a:hover") !== null;
  if (aiming && performance.now() - heldSince < HOLD_MAX_MS) { setTimeout(release, 200); return; }
  const changes = held;
  held = [];
  steady(() => { for (const change of changes) change(); });
}

// The row that is pointed at or in use, or else the first that can be seen, stays where it is on the screen, whatever comes
// and goes above it.
function steady(change) {
  const rows = allRows();
  const kept = rows.find(pointedAt) ?? rows.find(inUse)
    ?? (scrollY > 0 ? rows.find((row) => row.getBoundingClientRect().top >= 0) : undefined);
  const top = kept?.getBoundingClientRect().top;
  change();
  const now = kept && document.getElementById(kept.id);
  if (now) scrollBy({ top: now.getBoundingClientRect().top - top, behavior: "instant" });
}

function showCounts(counts) {
  for (const place of document.querySelectorAll("[data-count]")) place.textContent = counts[place.dataset.count];
  document.getElementById("more").hidden = counts.more === 0;
  document.getElementById("more-kit").hidden = counts.more_kit === 0;
  document.getElementById("offered").hidden = counts.offered === 0;
  showToday(counts);
  icon.href = counts.urgent > 0 ? pictures.urgent : pictures.calm;
  document.title = counts.urgent > 0 ? `(${counts.urgent} urgent) ${title}` : title;
}

// What came today; only the list of everything says it.
function showToday(counts) {
  const expected = document.getElementById("expected");
  if (!expected) return;
  expected.hidden = counts.expected_today === 0;
  document.getElementById("missed").hidden = counts.missed_today === 0;
  const last = document.getElementById("last-came");
  last.hidden = counts.last_came_ms === null;
  last.querySelector("span").dataset.ago = last.hidden ? "" : new Date(counts.last_came_ms).toISOString();
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

// The server's words for how long there still is.
function due(then, now) {
  const seconds = Math.floor(then / 1000) - Math.floor(now / 1000);
  if (Math.abs(seconds) < 60) return "due now";
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const span = minutes < 120 ? `${minutes} min`
    : minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
  return seconds < 0 ? `${span} late` : `in ${span}`;
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
  for (const place of document.querySelectorAll("[data-due]")) {
    const words = due(Date.parse(place.dataset.due), now);
    if (place.textContent !== words) place.textContent = words;
  }
  whenStill(settle);
}

// After a break nothing is assumed: the whole list is fetched and compared.
async function refetch() {
  fetching ??= (async () => {
    const answer = await fetch(address("/alerts"), { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) { location.assign(address("/alerts")); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = [...page.querySelectorAll("#rows > tr, #kit-rows > tr")];
    const ids = fresh.map((row) => row.id);
    wanted = ids;
    steady(() => {
      for (const row of allRows()) if (!ids.includes(row.id)) showGone(row.id);
      for (const row of fresh) showRow(row.outerHTML);
      arrange();
    });
    document.getElementById("duty").innerHTML = page.getElementById("duty").innerHTML;
    board.dataset.cursor = page.getElementById("board").dataset.cursor;
  })().finally(() => { fetching = null; });
  await fetching;
}

function connect() {
  source?.close();
  source = new EventSource(address("/alerts/live"));
  source.addEventListener("hello", (event) => {
    const hello = JSON.parse(event.data);
    if (hello.build !== board.dataset.build) { location.reload(); return; }
    if (hello.cursor !== board.dataset.cursor) refetch().catch(() => source.close());
  });
  source.addEventListener("tick", (event) => {
    const tick = JSON.parse(event.data);
    board.dataset.cursor = tick.cursor;
    showTick(tick);
  });
  source.addEventListener("row", (event) => whenStill(() => showRow(event.data)));
  source.addEventListener("gone", (event) => whenStill(() => showGone(event.data)));
  source.addEventListener("order", (event) => whenStill(() => { wanted = JSON.parse(event.data); arrange(); }));
  source.addEventListener("duty", (event) => { document.getElementById("duty").innerHTML = event.data; });
  source.addEventListener("signed_out", signedOut);
  source.addEventListener("reload", () => { board.dataset.cursor = ""; source.close(); });
}

// Nobody has done anything for too long, or has signed out elsewhere: what is shown is not to be trusted any more.
let out = false;
function signedOut() {
  out = true;
  source.close();
  stale.innerHTML = 'You have been signed out, so this list does not change any more. <a href="/sign-in?next=%2Falerts">Sign in again</a>.';
  stale.hidden = false;
  document.getElementById("live-state").textContent = "Signed out. Last up to date at";
}

// Whoever uses the page is there, even if nothing is asked of the server.
let hereAt = performance.now();
function here() {
  if (out || performance.now() - hereAt < HERE_EVERY_MS) return;
  hereAt = performance.now();
  fetch("/account/here", { method: "POST" }).then((answer) => { if (answer.redirected) signedOut(); }, () => {});
}
for (const sign of ["pointerdown", "pointermove", "keydown", "wheel"]) addEventListener(sign, here, { passive: true });

wanted = allRows().map((row) => row.id);
setInterval(() => {
  if (out) return;
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
board.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.take");
  if (!form) return;
  event.preventDefault();
  const row = form.closest("tr");
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  try {
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const answer = await fetch(form.action, { method: "POST", headers: { "hearth-row": "only" }, body });
    if (answer.redirected || (!answer.ok && answer.status !== 409)) throw new Error(String(answer.status));
    const html = await answer.text();
    waiting.delete(row.id);
    const fresh = replace(row, html);
    focusIn(fresh);
    const notice = fresh.querySelector(".notice");
    say(notice ? notice.textContent : `You have taken the alert for ${fresh.dataset.spoken}`);
  } catch {
    form.classList.remove("take"); // as without a script: the server's own page says what is wrong
    form.requestSubmit(button);
  }
});

connect();
