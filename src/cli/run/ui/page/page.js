/* Follows a run while it goes; how elements are made is the report's. */

const at = (id) => document.getElementById(id);
const token = document.querySelector('meta[name="checkride-live"]').content;

/* What is known */

const rows = new Map(); /* by id: the row, its item in the list */
const going = new Map(); /* by id: since when, in milliseconds */
const queued = new Set();
let waiting = null;
let goes = true;

function stateOf(row) {
  if (going.has(row.id)) return ["running", "waived"];
  if (queued.has(row.id)) return ["queued", "flaky"];
  if (row.unfinished) return [goes ? "to come" : "not judged", "skipped"];
  return [row.verdict, row.verdict];
}

/* The list */

let only = "";

function item(row) {
  const badge = make("span", "badge");
  const time = make("span", "l-time");
  const body = make("div", "l-scenario");
  const details = make("details", "", make("summary", "", badge, make("span", "l-name", row.name), make("span", "l-place", row.id), time), body);
  const element = make("li", "", details);
  details.addEventListener("toggle", () => {
    if (details.open) unfold(row.id);
  });
  details.id = row.id;
  return { row, element, details, badge, time, body };
}

function update(one) {
  const [word, tone] = stateOf(one.row);
  one.badge.textContent = word;
  one.badge.className = `badge v-${tone}`;
  one.time.textContent = one.row.duration_ms ? duration(one.row.duration_ms) : "";
  const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${one.row.id} ${one.row.name} ${one.row.feature_name} ${one.row.requirements.join(" ")}`.toLowerCase();
  const isChosen = !only || (only === "running" ? going.has(one.row.id) : !one.row.unfinished && one.row.verdict === only);
  one.element.hidden = !(isChosen && words.every((word) => text.includes(word)));
}

let asked = false;

/* Counts and filters once for all that came together. */
function refresh() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const all = [...rows.values()];
    const judged = all.filter((one) => !one.row.unfinished);
    const counts = VERDICTS.map((verdict) => [verdict, judged.filter((one) => one.row.verdict === verdict).length]).filter(([, count]) => count);
    drawBar(counts, all.length);
    drawCounts(counts);
    const shown = all.filter((one) => !one.element.hidden).length;
    at("shown").textContent = shown === all.length ? `${judged.length} of ${all.length} have ended` : `${shown} of ${all.length} are shown`;
    drawNow();
  });
}

function drawBar(counts, total) {
  let x = 0;
  const parts = counts.map(([verdict, count]) => {
    const part = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const width = (count / total) * 1000;
    for (const [name, value] of Object.entries({ class: `v-${verdict}`, x, width, y: 0, height: 10 })) part.setAttribute(name, value);
    x += width;
    return part;
  });
  at("bar").replaceChildren(...parts);
}

/* A button keeps its place and the focus as long as its verdict is there. */
const buttons = new Map();

function drawCounts(counts) {
  for (const [verdict, count] of counts) {
    if (!buttons.has(verdict)) {
      const button = make("button", `l-count v-${verdict}`);
      button.type = "button";
      button.addEventListener("click", () => choose(only === verdict ? "" : verdict));
      buttons.set(verdict, button);
      at("counts").append(...VERDICTS.map((one) => buttons.get(one)).filter(Boolean));
    }
    buttons.get(verdict).textContent = `${count} ${verdict}`;
  }
  for (const [verdict, button] of buttons) {
    button.hidden = !counts.some(([one]) => one === verdict);
    button.setAttribute("aria-pressed", String(only === verdict));
  }
}

function choose(verdict) {
  only = verdict;
  rows.forEach(update);
  refresh();
}

function drawNow() {
  const since = (moment) => duration(Math.max(Math.floor((Date.now() - moment) / 1000) * 1000, 0));
  const lines = [...going].map(([id, moment]) => make("li", "", make("span", "", rows.get(id).row.name), make("span", "l-time", since(moment))));
  if (waiting) lines.unshift(make("li", "l-waits", make("span", "", waiting.what), make("span", "l-time", since(waiting.since))));
  at("now-box").hidden = !lines.length;
  at("now").replaceChildren(...lines);
}

setInterval(() => {
  if (going.size || waiting) drawNow();
}, 1000);

/* A scenario */

async function unfold(id) {
  const one = rows.get(id);
  const answer = await fetch(`/scenario?id=${encodeURIComponent(id)}`).catch(() => null);
  if (!answer || !answer.ok) return one.body.replaceChildren(make("p", "l-quiet", "The program does not answer any longer."));
  const scenario = await answer.json();
  const again = make("button", "", "Run it again");
  again.type = "button";
  again.disabled = going.has(id) || queued.has(id);
  again.addEventListener("click", () => rerun(id, again));
  const whole = make("a", "", "In the whole report");
  whole.href = `/report#${encodeURI(id)}`;
  whole.target = "_blank";
  whole.rel = "noopener";
  const parts = make(
    "div",
    "",
    make("p", "l-acts", again, whole),
    scenario.reason && make("p", `l-reason v-${scenario.verdict}`, scenario.reason),
    make("ol", "l-steps", scenario.steps.map((step) => showStep(scenario, step, scenario.steps.indexOf(step)))),
    scenario.exchanges.filter((one) => !(one.step in scenario.steps)).map(showExchange),
    scenario.output && make("pre", "", scenario.output),
  );
  one.body.replaceChildren(parts);
}

const MARKS = { passed: "✓", failed: "✕", not_run: "–" };

function showStep(scenario, step, index) {
  const of = (list) => list.filter((one) => one.step === index);
  return make(
    "li",
    `l-step ${step.outcome}`,
    make("p", "", make("span", "l-mark", MARKS[step.outcome]), make("b", "", step.keyword), ` ${step.text}`),
    step.message && make("p", "l-quiet", step.message),
    step.checks.filter((check) => check.verdict !== "pass").map(showCheck),
    of(scenario.exchanges).map(showExchange),
    of(scenario.pictures).map((picture) => {
      const image = make("img");
      image.src = picture.src || "";
      image.alt = picture.caption;
      return picture.src && make("figure", "", image, make("figcaption", "l-quiet", picture.caption));
    }),
  );
}

function showCheck(check) {
  const line = (label, text) => text && make("div", "", make("dt", "", label), make("dd", "", text));
  return make("dl", `l-check v-${check.verdict}`, line("not met", check.statement), line("expected", check.expected), line("actual", check.actual), line("clause", check.clause), line("to try", check.hint));
}

function showExchange({ sender, request, response, error }) {
  const head = (lines) => lines.map(([name, value]) => `${name}: ${value}`).join("\n");
  const status = response ? String(response.status) : "no answer";
  return make(
    "details",
    "l-exchange",
    make("summary", "", make("span", "l-quiet", sender), ` ${request.method} `, make("span", "l-url", request.url), ` ${status}`),
    make("pre", "", `${request.method} ${request.url}\n${head(request.headers)}\n\n${request.body}`),
    make("pre", "", response ? `HTTP ${response.status}\n${head(response.headers)}\n\n${response.body}` : error || "no answer came"),
  );
}

/* What a person asks for */

async function ask(path, body) {
  const headers = { "X-Checkride-Token": token, "Content-Type": "application/x-www-form-urlencoded" };
  const answer = await fetch(path, { method: "POST", headers, body }).catch(() => null);
  const message = at("message");
  message.hidden = Boolean(answer && answer.ok);
  if (!message.hidden) message.textContent = answer ? await answer.text() : "The program does not answer any longer.";
  return message.hidden;
}

async function rerun(id, button) {
  button.disabled = await ask("/rerun", new URLSearchParams({ id }).toString());
}

at("stop").addEventListener("click", () => ask("/stop", ""));
at("search").addEventListener("input", () => {
  rows.forEach(update);
  refresh();
});

/* What happens */

function learn(row) {
  const one = rows.get(row.id);
  one.row = row;
  going.delete(row.id);
  queued.delete(row.id);
  update(one);
  if (one.details.open) unfold(row.id);
}

function tell(outcome) {
  at("title").className = `l-title v-${goes ? "skipped" : outcome.verdict}`;
  at("title-text").textContent = goes ? "Running" : outcome.title;
  at("sentence").textContent = goes ? "" : outcome.sentence;
  document.title = `${goes ? "Running" : outcome.title} · Checkride`;
}

const source = new EventSource("/events");
const on = (name, hear) =>
  source.addEventListener(name, (event) => {
    hear(JSON.parse(event.data));
    refresh();
  });

on("snapshot", (known) => {
  going.clear();
  queued.clear();
  goes = known.goes;
  waiting = known.waiting;
  known.going.forEach(({ id, since }) => going.set(id, since));
  known.queued.forEach((id) => queued.add(id));
  for (const row of known.rows) {
    if (rows.has(row.id)) rows.get(row.id).row = row;
    else rows.set(row.id, item(row));
  }
  at("list").replaceChildren(...[...rows.values()].map((one) => one.element));
  rows.forEach(update);
  tell(known.outcome);
  const opened = rows.get(decodeURIComponent(location.hash.slice(1)));
  if (opened && !opened.details.open) {
    opened.details.open = true;
    opened.details.scrollIntoView();
  }
});
on("started", ({ id, since }) => {
  queued.delete(id);
  going.set(id, since);
  update(rows.get(id));
});
on("queued", ({ id }) => {
  queued.add(id);
  update(rows.get(id));
});
on("scenario", learn);
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
  rows.forEach(update);
  tell(outcome);
});
on("closed", () => {
  source.close();
  at("stop").disabled = true;
  at("message").hidden = false;
  at("message").textContent = "Checkride has ended; its report stays in its folder.";
});
source.addEventListener("error", () => {
  if (source.readyState === EventSource.CONNECTING) at("title-text").textContent = "Connecting";
});
