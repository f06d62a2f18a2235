/* A run while it goes: evidence is asked for instead of unpacked, and what happens is told as it happens. */

const token = document.querySelector('meta[name="checkride-live"]').content;
const [message, state] = ["live-message", "live-state"].map((id) => document.getElementById(id));
const stopper = document.getElementById("live-stop");

async function evidenceOf(row) {
  const answer = await fetch(`/scenario?id=${encodeURIComponent(row.id)}`);
  if (!answer.ok) throw new Error(await answer.text());
  const scenario = await answer.json();
  // Why it was not judged is no reason as long as its turn may come.
  return row.verdict ? scenario : { ...scenario, reason: null };
}

/* The program tells a picture as an address that holds it. */
const pictureOf = ({ picture }) => picture;

/* What can be done with a scenario: it can be run again. */
function controls(row) {
  const again = make("button", "again", "Run it again");
  again.type = "button";
  again.disabled = Boolean(row.doing);
  again.addEventListener("click", async () => {
    again.disabled = await ask("/rerun", new URLSearchParams({ id: row.id }).toString());
  });
  return again;
}

async function ask(path, body) {
  const headers = { "X-Checkride-Token": token, "Content-Type": "application/x-www-form-urlencoded" };
  const answer = await fetch(path, { method: "POST", headers, body }).catch(() => null);
  if (!isOver()) say(answer ? (answer.ok ? "" : await answer.text()) : GONE);
  return Boolean(answer && answer.ok);
}

function say(sentence) {
  message.hidden = !sentence;
  message.textContent = sentence;
}

/* Whether the program has said that it ends. */
const isOver = () => source.readyState === EventSource.CLOSED;

const GONE = "The program does not answer any longer.";

/* What is known */

const going = new Map(); /* by id: since when, in milliseconds */
const queued = new Set();
const told = new Map(); /* by id: the verdict as it was told */
let waiting = null;
let goes = true;

/* What it is doing; a scenario whose turn may come has no verdict. */
function mark(row) {
  const isToCome = row.unfinished && goes;
  row.verdict = isToCome ? null : told.get(row.id);
  row.doing = going.has(row.id) ? "running" : queued.has(row.id) ? "queued" : isToCome ? "to come" : "";
}

function hear(row) {
  told.set(row.id, row.verdict);
  rows[rowOf.get(row.id)] = row;
  does(row.id);
}

/* What it does is another thing from now on. */
function does(id) {
  mark(rows[rowOf.get(id)]);
  renew(id);
}

/* Draws once what came together. */
let isDrawing = false;

function redraw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    rows.forEach(mark);
    learn(rows);
    drawChips();
    if (!choices.includes(document.activeElement)) offer();
    if (!document.getElementById("scenarios").hidden) keepingFocus(list, () => showList(wanted));
    drawTimeline();
    drawNow();
  });
}

function drawNow() {
  const since = (moment) => make("span", "time", lasting(Math.max(Math.floor((Date.now() - moment) / 1000), 0)));
  const lines = [...going].map(([id, moment]) => make("li", "", link(`#${id}`, "", prose(rows[rowOf.get(id)].name)), " ", since(moment)));
  if (waiting) lines.unshift(make("li", "waits", waiting.what, " ", since(waiting.since)));
  const box = document.getElementById("live-now");
  const further = lines.length > MOST ? [make("li", "quiet", `and ${lines.length - MOST} more`)] : [];
  keepingFocus(box, () => box.replaceChildren(...lines.slice(0, MOST), ...further));
}

/* In whole seconds. */
const lasting = (seconds) => (seconds < 60 ? `${seconds} s` : duration(seconds * 1000));

/* Up to so many lines of what is going on. */
const MOST = 4;

setInterval(() => {
  if (going.size || waiting) drawNow();
}, 1000);

/* Draws anew what somebody may have the focus in. */
function keepingFocus(box, draw) {
  const address = box.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  draw();
  if (address) [...box.querySelectorAll("a")].find((one) => one.getAttribute("href") === address)?.focus({ preventScroll: true });
}

/* A scenario that is looked at while something becomes of it. */
async function renew(id) {
  if (place()[0] !== id || sheet.open) return;
  const [row, before] = [rows[rowOf.get(id)], scrollY];
  current = null;
  await showScenario(row);
  scrollTo(0, before);
}

/* The sections that the program puts together */

const main = document.querySelector("main");
let isStale = false;
let hurry = () => {};

async function renewSections() {
  isStale = true;
  if (!goes) hurry();
  if ("renewing" in main.dataset) return;
  main.dataset.renewing = "";
  while (isStale && !isOver()) {
    isStale = false;
    const answer = await fetch("/").catch(() => null);
    if (answer && answer.ok) putSections(new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (goes) await new Promise((done) => setTimeout((hurry = done), PAUSE));
  }
  delete main.dataset.renewing;
}

/* Milliseconds from one look at the whole to the next, while it goes. */
const PAUSE = 2000;

function putSections(fresh) {
  const names = new Set([...fresh.querySelectorAll("main > section")].map((one) => one.id));
  for (const section of fresh.querySelectorAll("main > section")) {
    const old = document.getElementById(section.id);
    if (DRAWN_HERE.includes(section.id)) continue;
    section.hidden = old ? old.hidden : true;
    const folds = (of) => [...of.querySelectorAll("details")].map((one) => [one.firstElementChild.textContent.replace(/\d+/g, ""), one]);
    const isOpen = new Map(old ? folds(old).map(([title, one]) => [title, one.open]) : []);
    for (const [title, one] of folds(section)) one.open = isOpen.get(title) ?? one.open;
    if (old) keepingFocus(main, () => old.replaceWith(section));
    else main.append(section);
  }
  const shown = views().find((one) => !one.hidden);
  for (const section of views()) if (!names.has(section.id)) section.remove();
  const nav = document.querySelector(".bar-nav");
  keepingFocus(nav, () => nav.replaceChildren(...fresh.querySelector(".bar-nav").childNodes));
  show(names.has(shown.id) ? shown.id : "overview");
  if (document.title === title) document.title = fresh.title;
  title = fresh.title;
  drawTimeline();
}

const DRAWN_HERE = ["scenarios", "scenario"];

/* What happens */

function tell(outcome) {
  state.textContent = goes ? "Running" : outcome.title;
  state.className = goes ? "v-waived" : `v-${outcome.verdict}`;
  renewSections();
}

const source = new EventSource("/events");
const on = (name, act) =>
  source.addEventListener(name, (event) => {
    act(JSON.parse(event.data));
    redraw();
  });

let hasBegun = false;

on("snapshot", (known) => {
  going.clear();
  queued.clear();
  ({ goes, waiting } = known);
  known.going.forEach(({ id, since }) => going.set(id, since));
  known.queued.forEach((id) => queued.add(id));
  for (const row of known.rows) told.set(row.id, row.verdict);
  known.rows.forEach(mark);
  if (hasBegun) learn(known.rows);
  else begin(known.rows);
  hasBegun = true;
  tell(known.outcome);
});
on("started", ({ id, since }) => {
  queued.delete(id);
  going.set(id, since);
  does(id);
});
on("queued", ({ id }) => {
  queued.add(id);
  does(id);
});
on("scenario", (row) => {
  going.delete(row.id);
  queued.delete(row.id);
  hear(row);
  renewSections();
});
on("waiting", (what) => {
  waiting = what;
});
on("running", () => {
  goes = true;
  tell({});
});
on("ended", (outcome) => {
  goes = false;
  waiting = null;
  tell(outcome);
});
on("closed", () => {
  source.close();
  stopper.disabled = true;
  say("Checkride has ended; its report stays in its folder.");
});
source.addEventListener("error", () => {
  if (source.readyState !== EventSource.CONNECTING) return;
  state.textContent = "Connecting";
  say(GONE);
});
source.addEventListener("open", () => say(""));
stopper.addEventListener("click", () => ask("/stop", ""));
