"use strict";
/* Unfolds a scenario from its record when it is opened, filters the list, follows links.
   Everything a platform sent is set as text, never as markup. */

/* Elements: make("p", "class", child, …); a string becomes text. */
function make(tag, name, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/* Parts between backticks are code. */
function prose(text) {
  const parts = text.split("`");
  const alone = parts.length % 2 ? "" : `\`${parts.pop()}`;
  return [...parts.map((part, index) => (index % 2 ? make("code", "", part) : part)), alone];
}

const badge = (verdict) => make("span", `badge v-${verdict}`, verdict);

function fold(name, title, fill, open = false) {
  const details = make("details", name, make("summary", "", title));
  const unfold = () => {
    if (details.open && details.childElementCount === 1) details.append(...[fill()].flat());
  };
  details.addEventListener("toggle", unfold);
  details.open = open;
  unfold();
  return details;
}

/* A scenario */

function unfoldScenario(details) {
  const source = details.querySelector(":scope > script");
  if (!source) return;
  const scenario = JSON.parse(source.textContent);
  source.remove();
  const body = make("div", "body");
  const checks = scenario.steps.flatMap((step) => step.checks);
  if (scenario.reason && !isTold(scenario.reason, checks)) {
    body.append(make("p", `callout v-${scenario.verdict}`, prose(scenario.reason)));
  }
  // The demands below say which requirements these are.
  const tags = scenario.tags.filter((tag) => !tag.startsWith("req:"));
  body.append(make("p", "place", make("a", "", scenario.id), tags.map((tag) => make("span", "tag", `@${tag}`))));
  body.querySelector("a").href = `#${scenario.id}`;
  for (const demand of scenario.demands) {
    const id = make("a", "id", demand.id);
    id.href = `#req:${demand.id}`;
    const source = `${demand.level} · ${demand.source}`;
    body.append(make("p", "demand", id, " ", prose(demand.statement), " ", make("span", "clause", source)));
  }
  const decided = deciding(scenario);
  if (decided) decided.opened = true;
  const at = (index) => (list) => list.filter((one) => one.step === index);
  body.append(make("ol", "steps", scenario.steps.map((step, index) => showStep(step, evidence(scenario, at(index))))));
  const rest = evidence(scenario, (list) => list.filter((one) => !(one.step in scenario.steps)));
  if (rest.length) body.append(make("h5", "outside", "Outside of any step"), ...rest);
  if (scenario.output) {
    body.append(fold("output", [make("span", "", "What the app said on its output")], () => [make("pre", "", scenario.output)]));
  }
  details.append(body);
}

function evidence(scenario, pick) {
  return [
    ...pick(scenario.exchanges).map(showExchange),
    ...pick(scenario.snapshots).map(showSnapshot),
    ...pick(scenario.pictures).map(showPicture),
  ];
}

/* Whether a check that did not hold already says this. */
const isTold = (text, checks) => checks.some((check) => check.verdict === "fail" && check.statement === text);

/* The exchange that decided a failure: the app's last one up to the step that failed; if the app
   sent none since the browser or somebody else did, the last of theirs. */
function deciding({ steps, exchanges }) {
  const failed = steps.findIndex((step) => step.outcome === "failed" || step.checks.some((check) => check.verdict === "fail"));
  const before = exchanges.filter((one) => one.step <= failed);
  const latest = Math.max(...before.map((one) => one.step));
  const close = before.filter((one) => one.step === latest);
  return close.findLast((one) => one.sender === "app") || close.at(-1);
}

const OUTCOMES = { passed: ["✓", "passed"], failed: ["✕", "stopped here"], not_run: ["–", "not run"] };

function showStep(step, seen) {
  const [mark, word] = OUTCOMES[step.outcome];
  const sign = make("span", "mark", mark);
  sign.title = word;
  const line = make("p", "line", sign, make("span", "text", make("b", "", step.keyword.trim()), " ", prose(step.text)));
  if (step.outcome !== "not_run") line.append(make("span", "time", duration(step.duration_ms)));
  const item = make("li", `step ${step.outcome}`, line);
  if (step.table) item.append(showTable(step.table));
  if (step.docstring) item.append(make("pre", "docstring", step.docstring));
  item.append(...seen);
  if (step.message && !isTold(step.message, step.checks)) item.append(make("p", "message", prose(step.message)));
  item.append(...step.checks.map(showCheck));
  return item;
}

function showTable(rows) {
  const cells = (row) => make("tr", "", row.map((cell) => make("td", "", cell)));
  return make("div", "scroll", make("table", "data", make("tbody", "", rows.map(cells))));
}

function showCheck(check) {
  const pair = () => [
    make("dl", "pair",
      make("div", "", make("dt", "", "Expected"), make("dd", "", check.expected)),
      make("div", `v-${check.verdict}`, make("dt", "", "Actual"), make("dd", "", check.actual))),
    check.hint ? make("p", "hint", prose(check.hint)) : "",
    check.clause ? make("p", "clause", check.clause) : "",
    check.requirement ? make("p", "clause", `about ${check.requirement}`) : "",
  ].filter(Boolean);
  if (check.verdict === "pass") return fold("check held", [make("span", "mark", "✓"), make("span", "", prose(check.statement))], pair);
  return make("div", "check", make("p", "statement", badge(check.verdict), " not met: ", prose(check.statement)), ...pair());
}

/* Evidence */

function showExchange(exchange) {
  const { request, response, error } = exchange;
  const isCaught = !response && Boolean(error) && error.startsWith(CAUGHT);
  const [status, kind] = isCaught ? ["back to the app", "calm"] : response ? [String(response.status), kindOf(response.status)] : ["no answer", "bad"];
  const title = [
    make("span", "sender", exchange.sender),
    make("span", "method", request.method),
    make("span", "url", request.url),
    make("span", `status ${kind}`, status),
    isCaught ? "" : make("span", "time", duration(exchange.duration_ms)),
  ];
  const answer = () => {
    if (response) return showMessage("Answer", `HTTP ${response.status}`, response);
    return make("p", isCaught ? "quiet" : "message", error || "no answer came");
  };
  return fold("exchange", title, () => [
    showMessage("Request", `${request.method} ${request.url}`, request),
    answer(),
    isCaught ? "" : fold("curl", "As curl", () => make("pre", "", asCurl(request))),
  ].filter(Boolean), exchange.opened);
}

/* How the record tells that the browser was stopped at the app's own address, as it should be. */
const CAUGHT = "caught on its way to the app";

const kindOf = (status) => (status >= 500 ? "bad" : status >= 400 ? "odd" : "good");

function showMessage(title, first, { headers, body }) {
  const type = (headers.find(([name]) => name === "content-type") || ["", ""])[1];
  const box = make("div", "message-box", make("h5", "", title), make("p", "first", first));
  if (headers.length) {
    box.append(make("dl", "headers", headers.map(([name, value]) => make("div", "", make("dt", "", name), make("dd", "", value)))));
  }
  if (body) box.append(showBody(type, body));
  return box;
}

function showBody(type, body) {
  if (type.includes("x-www-form-urlencoded")) {
    const lines = [...new URLSearchParams(body)];
    return make("dl", "headers form", lines.map(([name, value]) => make("div", "", make("dt", "", name), make("dd", "", value))));
  }
  let text = body;
  try {
    text = JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return make("pre", "", body);
  }
  return make("pre", "json", colour(text));
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

function colour(json) {
  const parts = [];
  let end = 0;
  for (const found of json.matchAll(TOKEN)) {
    parts.push(json.slice(end, found.index));
    end = found.index + found[0].length;
    const [all, string, colon] = found;
    if (colon) parts.push(make("span", "key", string), colon);
    else parts.push(make("span", string ? "string" : "word", all));
  }
  return [...parts, json.slice(end)];
}

function asCurl({ method, url, headers, body }) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [`curl -i -X ${method} ${quote(url)}`];
  for (const [name, value] of headers) {
    if (!["host", "content-length", "accept-encoding"].includes(name)) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  }
  if (body) parts.push(`--data-raw ${quote(body)}`);
  return parts.join(" \\\n  ");
}

const STATES = {
  matched: "equal to the accepted answer",
  changed: "differs from the accepted answer",
  new: "nothing was accepted yet",
  updated: "accepted in this run",
};

function showSnapshot(snapshot) {
  const waits = snapshot.state === "changed" || snapshot.state === "new";
  const title = [
    make("span", "sender", "snapshot"),
    make("span", "url", STATES[snapshot.state]),
    waits ? make("span", "mini v-flaky", "review") : "",
  ];
  return fold("exchange snapshot", title, () => [
    make("p", "place", snapshot.file),
    snapshot.diff ? make("pre", "diff", snapshot.diff.trimEnd().split("\n").map(diffLine)) : "",
  ].filter(Boolean), waits);
}

function diffLine(line) {
  const kind = /^(---|\+\+\+|@@)/.test(line) ? "head" : { "+": "added", "-": "removed" }[line[0]] || "";
  return make("span", kind, `${line}\n`);
}

function showPicture(picture) {
  const caption = make("figcaption", "", picture.caption);
  if (!picture.src) return make("figure", "", make("p", "message", "The picture is not beside the record."), caption);
  const image = make("img");
  image.src = picture.src;
  image.alt = picture.caption;
  return make("figure", "", image, caption);
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60000) return `${Math.floor(ms / 100) / 10} s`;
  return `${Math.floor(ms / 60000)} min ${Math.floor((ms % 60000) / 1000)} s`;
}

/* The list */

const scenarios = [...document.querySelectorAll(".scenario")];
const capabilities = [...document.querySelectorAll(".capability")];
const features = [...document.querySelectorAll(".feature")];
const chips = [...document.querySelectorAll(".chip[data-verdict]")];
const search = document.getElementById("search");
const openAtFirst = new Map(features.map((feature) => [feature, feature.open]));

function filter() {
  const verdicts = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.verdict);
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const one of scenarios) {
    const fits = (!verdicts.length || verdicts.includes(one.dataset.verdict)) && words.every((word) => one.dataset.words.includes(word));
    one.hidden = !fits;
    if (fits) shown += 1;
  }
  const filtered = verdicts.length > 0 || words.length > 0;
  for (const feature of features) {
    feature.hidden = !feature.querySelector(".scenario:not([hidden])");
    feature.open = filtered ? true : openAtFirst.get(feature);
  }
  for (const one of capabilities) one.hidden = !one.querySelector(".feature:not([hidden])");
  document.getElementById("shown").textContent = filtered ? `${shown} of ${scenarios.length} scenarios shown` : "";
  document.getElementById("none").hidden = shown > 0 || scenarios.length === 0;
}

function showOnly(verdict) {
  search.value = "";
  for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.verdict === verdict));
  filter();
  document.getElementById("scenarios").scrollIntoView();
}

function follow() {
  let id;
  try {
    id = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;
  }
  const target = document.getElementById(id);
  if (!target) return;
  if (target.hidden) showOnly("");
  for (let up = target; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
  if (target.classList.contains("capability")) {
    for (const feature of target.querySelectorAll(".feature")) feature.open = true;
  }
  if (target.classList.contains("scenario")) {
    unfoldScenario(target);
    target.querySelector("summary").focus({ preventScroll: true });
  }
  target.scrollIntoView();
}

for (const one of scenarios) {
  one.addEventListener("toggle", () => {
    if (one.open) unfoldScenario(one);
  });
  one.firstElementChild.addEventListener("click", () => {
    if (!one.open) history.replaceState(null, "", `#${one.id}`);
  });
}
for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => showOnly(button.dataset.show));
}
search.addEventListener("input", filter);
window.addEventListener("hashchange", follow);
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[href^='#']");
  // A second click on the same link changes no address, but is still meant.
  if (link && link.getAttribute("href") === location.hash) follow();
});

/* "/" searches, Escape clears, arrows walk the list. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && document.activeElement === search) {
    search.value = "";
    filter();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const rows = scenarios.filter((one) => !one.hidden && one.parentElement.open).map((one) => one.firstElementChild);
    const next = rows[rows.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (rows.includes(document.activeElement) && next) {
      event.preventDefault();
      next.focus();
    }
  }
});

follow();
