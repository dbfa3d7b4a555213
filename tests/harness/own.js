// What a page must be like beyond what axe-core looks for. Gives a list of faults; it is empty when all is well.
const [asked] = arguments;
const faults = [];
const shown = (it) => (it.id ? `#${it.id} ` : "") + it.outerHTML.replace(/\s+/g, " ").slice(0, 140);
const fault = (what, it) => faults.push(it ? `${what}: ${shown(it)}` : what);
const all = (css, within = document) => [...within.querySelectorAll(css)];
const style = (it) => getComputedStyle(it);

for (const it of all("details")) it.open = true;

// What is there for the ear only is clipped away.
const isForTheEar = (it) => {
  const place = it.closest(".hidden, .skip, table.cards thead");
  return place !== null && style(place).clipPath !== "none";
};
const isShown = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true });
const isSeen = (it) => isShown(it) && !isForTheEar(it);
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";
const controls = () => all(CONTROLS).filter((it) => isSeen(it) && !it.disabled);

// The name that assistive technology speaks: near enough, where a page names by text, label and aria-label only.
function name(it) {
  const label = it.getAttribute("aria-label");
  if (label) return label;
  const by = it.getAttribute("aria-labelledby");
  if (by) return by.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  if (it.labels?.length) return [...it.labels].map((label) => label.textContent).join(" ");
  return it.textContent;
}

function structure() {
  const headings = all("h1").filter(isShown);
  if (headings.length !== 1) fault(`there are ${headings.length} h1`);
  if (!document.title.trim() || document.title.startsWith(" –")) fault("there is no title");
  const skip = all("a[href], button, input, select, textarea, [tabindex]")[0];
  if (!skip?.matches("a.skip[href='#main']") || !document.getElementById("main")) fault("the skip link is not first", skip);
  for (const it of all("[tabindex]")) if (it.tabIndex > 0) fault("it has an order of its own", it);
  for (const it of all("body *")) {
    const { order, flexDirection } = style(it);
    if (order !== "0" || flexDirection.endsWith("-reverse")) fault("it is shown out of its order", it);
  }
  const ids = all("[id]").map((it) => it.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) fault(`two have the id ${id}`);
  for (const it of all("input:not([type=hidden]), select, textarea")) {
    if (!name(it).trim()) fault("it has no label", it);
  }
  for (const it of all("table")) {
    if (!it.caption?.textContent.trim()) fault("it has no caption", it);
    if (it.matches(".cards:not([role=table])")) fault("it loses its role when it is stacked", it);
    for (const cell of all("th", it)) if (!cell.scope) fault("it has no scope", cell);
  }
  for (const it of all(".errors a[href^='#']")) {
    const target = document.getElementById(it.hash.slice(1));
    if (!target?.matches("input, select, textarea, fieldset, details, h2, [tabindex]")) fault("it leads to no field", it);
  }
}

function speech() {
  const loud = all("[role=alert], [aria-live=assertive]");
  const calm = all("[role=status], [role=log], [aria-live=polite]");
  if (loud.length > 1) fault(`there are ${loud.length} assertive live regions`, loud[1]);
  if (calm.length > 1) fault(`there are ${calm.length} polite live regions`, calm[1]);
  for (const it of all(".errors")) if (it.getAttribute("role") !== "alert") fault("it is not spoken", it);
  if (document.querySelector("main > .done, main .handover > .done") && calm.length === 0) fault("what was done is not spoken");
  if (document.getElementById("board") && (loud.length === 0 || calm.length === 0)) fault("changes of the list are not spoken");
}

// Who has several patients before them must hear at each control whose it is.
function names() {
  const main = document.getElementById("main");
  const must = (it, family) => {
    if (!name(it).toLowerCase().includes(family.toLowerCase())) fault(`it does not say ${family}`, it);
  };
  if (asked.about) {
    const elsewhere = (it) => it.closest("nav, form[method=get], dialog") !== null;
    for (const it of all("button", main)) if (!elsewhere(it) && it.id === "") must(it, asked.about);
    for (const it of all("tr a, .actions a", main)) {
      if (!it.matches("[href='/alerts']")) must(it, asked.about);
    }
  }
  for (const row of all("tr, li", main)) {
    const patient = all("a.name", row).find((it) => /^\/patients\/[^/]+$/.test(it.getAttribute("href")));
    const family = patient?.textContent.split(",");
    if (family) for (const it of all("a, button", row)) must(it, family[0]);
  }
}

function box(it) {
  const parts = [it, ...(it.matches("[type=checkbox], [type=radio]") ? it.labels : [])];
  const boxes = parts.flatMap((part) => [...part.getClientRects()]);
  const width = Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left));
  const height = Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top));
  return { width, height };
}

// A link in a sentence is as high as its line (WCAG 2.2, 2.5.8).
function isInSentence(it) {
  if (it.tagName !== "A" || style(it).display !== "inline") return false;
  let block = it.parentElement;
  while (style(block).display === "inline") block = block.parentElement;
  let rest = "";
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (!texts.currentNode.parentElement.closest("a, button")) rest += texts.currentNode.data;
  return /\p{L}{2}/u.test(rest);
}

const TARGET_MIN = 43.5; // 44, and what rounding takes
function targets() {
  for (const it of controls()) {
    const { width, height } = box(it);
    if ((width < TARGET_MIN || height < TARGET_MIN) && !isInSentence(it)) {
      fault(`it is ${Math.round(width)} by ${Math.round(height)}`, it);
    }
  }
}

function texts(within = document.body) {
  const found = [];
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const it = walker.currentNode;
    if (it.data.trim() && !it.parentElement.closest("script, style, noscript, option") && isSeen(it.parentElement)) found.push(it);
  }
  return found;
}

function geometry() {
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) fault(`it has to be scrolled sideways by ${root.scrollWidth - root.clientWidth}`);
  for (const text of texts()) {
    const range = document.createRange();
    range.selectNodeContents(text);
    const { left, right } = range.getBoundingClientRect();
    if (left < -1 || right > root.clientWidth + 1) fault("its text is cut off by the window", text.parentElement);
  }
  for (const it of all("main *")) {
    const { overflowX, overflowY } = style(it);
    const clips = [overflowX, overflowY].some((way) => way === "hidden" || way === "clip");
    const more = it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1;
    if (clips && more && !it.matches("input, select, svg, svg *") && isSeen(it)) fault("its text is cut off", it);
  }
  const boxes = controls().filter((it) => !isInSentence(it)).map((it) => [it, it.getBoundingClientRect()]);
  for (const [at, [one, a]] of boxes.entries()) {
    for (const [other, b] of boxes.slice(at + 1)) {
      const overlap = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
      if (overlap && !one.contains(other)) fault(`it lies on ${shown(other)}`, one);
    }
  }
}

const channel = (value) => value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const luminance = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
const contrast = (one, other) => {
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
};
const colours = (text) => [...text.matchAll(/rgba?\(([^)]+)\)/g)].map((found) => {
  const [red, green, blue, alpha = 1] = found[1].split(/[\s,/]+/).map(Number);
  return [red, green, blue, alpha];
});
const over = ([r, g, b, a], ground) => [r, g, b].map((value, at) => value * a + ground[at] * (1 - a));
function ground(it) {
  const layers = [];
  for (let place = it; place; place = place.parentElement) {
    const [colour] = colours(style(place).backgroundColor);
    if (colour && colour[3] > 0) layers.push(colour);
    if (colour?.[3] === 1) break;
  }
  const canvas = asked.dark ? [18, 18, 18] : [255, 255, 255];
  return layers.reverse().reduce((below, layer) => over(layer, below), canvas);
}
const isLarge = (it) => {
  const { fontSize, fontWeight } = style(it);
  return parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
};

function inks(within, when = "") {
  for (const text of texts(within)) {
    const it = text.parentElement;
    const [ink] = colours(it instanceof SVGElement ? style(it).fill : style(it).color);
    const found = contrast(over(ink, ground(it)), ground(it));
    const least = isLarge(it) ? 3 : 4.5;
    if (found < least) fault(`${when}its text has a contrast of ${found.toFixed(2)}, under ${least}`, it);
  }
}

function legibility() {
  inks(document.body);
  for (const it of all("button, .button, input:not([type=hidden]), select, textarea").filter(isSeen)) {
    if (it.matches("[type=checkbox], [type=radio]")) continue; // drawn by the browser
    const around = ground(it.parentElement);
    const edges = style(it).borderTopWidth === "0px" ? [] : colours(style(it).borderTopColor).map((edge) => over(edge, around));
    const best = Math.max(...[ground(it), ...edges].map((edge) => contrast(edge, around)));
    if (best < 3) fault(`its edge has a contrast of ${best.toFixed(2)}, under 3`, it);
  }
}

// Where the focus is can be seen: by an outline, or by a shadow that stands out from what is around.
function focus() {
  const stops = all(CONTROLS).concat(all(".errors, .done[tabindex]")).filter((it) => isShown(it) && !it.disabled);
  for (const it of stops) {
    const around = ground(it.parentElement);
    const before = style(it).boxShadow + style(it).outlineStyle + style(it).outlineColor + style(it).backgroundColor;
    it.focus({ preventScroll: true });
    if (document.activeElement !== it || !it.matches(":focus-visible")) { fault("it does not take the focus", it); continue; }
    const { boxShadow, outlineStyle, outlineWidth, outlineColor, backgroundColor } = style(it);
    if (before === boxShadow + outlineStyle + outlineColor + backgroundColor) fault("it looks the same with the focus", it);
    const outline = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 ? colours(outlineColor) : [];
    const marks = asked.forced ? outline : [...outline, ...colours(boxShadow)];
    const best = Math.max(0, ...marks.filter((mark) => mark[3] > 0).map((mark) => contrast(over(mark, around), around)));
    if (best < 3) fault(`its focus has a contrast of ${best.toFixed(2)}, under 3`, it);
    inks(it, "with the focus, ");
    it.blur();
  }
}

function paper() {
  const main = document.getElementById("main");
  const said = texts().filter((it) => main.contains(it)).map((it) => it.data.trim()).join(" ");
  if (said.length < 10) fault(`the paper says only ${said}`);
  // A card is printed alone, and its own heading says whose it is.
  if (!all("h1, .sign-in-card h2").some(isShown)) fault("the paper has no heading");
  for (const it of all(".skip, nav.parts, .strip-button, .me a, .back-link, .stale")) if (isShown(it)) fault("it is of no use on paper", it);
  if (luminance(ground(main)) < 0.9) fault("the paper is not white", main);
}

const checks = { structure, speech, names, targets, geometry, legibility, focus, paper };
for (const check of asked.checks) checks[check]();
return faults;
