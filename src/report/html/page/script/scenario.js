/* One scenario: what it says, why, and everything that was seen. */

const page = document.getElementById("scenario-body");
/* The scenario that is shown, with its evidence. */
let current = null;

/* The line of the one that was asked for last. */
let asked = null;

async function showScenario(row) {
  if (current && current.id === row.id) return;
  [current, asked] = [null, row];
  page.replaceChildren(make("p", "quiet", "Reading the evidence …"));
  let scenario;
  try {
    scenario = await evidenceOf(row);
  } catch (error) {
    page.replaceChildren(make("p", "message", `The evidence cannot be read: ${error.message}.`));
    return;
  }
  if (asked !== row) return;
  current = scenario;
  page.replaceChildren(heading(row, scenario), ...verdictOf(row, scenario));
  section("The flow", () => showFlow(scenario));
  section("What the user saw", () => showStrip(scenario));
  section("Steps", () => showSteps(scenario));
  section("Signed tokens", () => showTokens(scenario));
  section("What the app said on its output", () => (scenario.output ? make("pre", "", scenario.output) : null));
  section("Journal", () => showJournal(scenario));
  const title = page.querySelector("h2");
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
}

function section(title, fill) {
  const content = fill();
  if (content) page.append(make("section", "part", make("h3", "", title), content));
}

function heading(row, scenario) {
  const order = selected().includes(row) ? selected() : rows;
  const place = order.indexOf(row);
  const step = (to, label, key) => {
    if (!to) return make("span", "quiet", label);
    const other = link(`#${to.id}`, "", label);
    other.title = `${to.name} (${key})`;
    other.setAttribute("aria-keyshortcuts", key);
    return other;
  };
  const tags = scenario.tags.filter((tag) => !tag.startsWith("req:"));
  return make(
    "header",
    "scenario-top",
    make("p", "walk", link(listAddress(), "", "‹ All scenarios"), make("span", "quiet", `${place + 1} of ${order.length}`), step(order[place - 1], "Previous", "k"), step(order[place + 1], "Next", "j")),
    make("h2", "", badgeOf(row), " ", prose(scenario.name)),
    make("p", "place", link(`#${scenario.id}`, "", scenario.id), tags.map((tag) => link(`#scenarios?tag=${encodeURIComponent(tag)}`, "tag", `@${tag}`)), make("span", "", duration(scenario.duration_ms)), controls(row)),
  );
}

const listAddress = () => `#scenarios${wanted.toString() ? `?${wanted}` : ""}`;

/* What it comes to, for somebody with a minute. */
function verdictOf(row, scenario) {
  const checks = scenario.steps.flatMap((step) => step.checks);
  const broken = checks.filter((check) => check.verdict === "fail" || check.verdict === "warn");
  const decided = deciding(scenario);
  const parts = [];
  if (scenario.reason && !isTold(scenario.reason, checks)) parts.push(make("p", "reason", prose(scenario.reason)));
  if (row.fault) parts.push(make("p", "fault", "At fault: ", make("b", "", row.fault)));
  if (row.standing) parts.push(make("p", "quiet", `Since the run that this one is measured by: ${row.standing}.`));
  parts.push(...broken.map(showCheck));
  if (scenario.likely) parts.push(...scenario.likely.map(showLikely));
  if (decided) {
    const { request, response } = decided;
    const answer = response ? `was answered with ${response.status}` : "got no answer";
    parts.push(make("p", "clause", "Decided by ", link(`#${scenario.id}!${decided.number}`, "", `${request.method} ${pathOf(request.url)}`), ` (exchange ${decided.number}), which ${answer}.`));
  }
  const told = parts.length ? [make("div", `callout v-${scenario.verdict}`, ...parts)] : [];
  return [...told, ...scenario.demands.map(showDemand)];
}

/* A known defect that would look like this. */
function showLikely({ cause, breaks, compare }) {
  const ids = breaks.flatMap((id, index) => [index ? ", " : "", link(`#req:${id}`, "id", id)]);
  const command = compare ? [make("p", "clause", "To compare, with the mock:"), make("pre", "", compare)] : [];
  return make("div", "likely", make("p", "", "Likely: ", make("b", "", prose(cause)), ". It breaks ", ids, "."), ...command);
}

function showDemand(demand) {
  const source = `${demand.level} · ${demand.source}`;
  return make("p", "demand", link(`#req:${demand.id}`, "id", demand.id), " ", prose(demand.statement), " ", make("span", "clause", source));
}

/* Whether a check that did not hold already says this. */
const isTold = (text, checks) => checks.some((check) => check.verdict === "fail" && check.statement === text);

/* The exchange that decided a failure: the app's last one up to the step that failed; if the app sent
   none since the browser or somebody else did, the last of theirs. */
function deciding({ steps, exchanges }) {
  const failed = steps.findIndex((step) => step.outcome === "failed" || step.checks.some((check) => check.verdict === "fail"));
  const before = exchanges.filter((one) => one.step <= failed);
  const latest = Math.max(...before.map((one) => one.step));
  const close = before.filter((one) => one.step === latest);
  return close.findLast((one) => one.sender === "app") || close.at(-1);
}

/* Steps */

const OUTCOMES = { passed: ["✓", "passed"], failed: ["✕", "stopped here"], not_run: ["–", "not run"] };

function showSteps(scenario) {
  const at = (index) => (all) => all.filter((one) => one.step === index);
  const steps = scenario.steps.map((step, index) => showStep(step, index, evidence(scenario, at(index))));
  const rest = evidence(scenario, (all) => all.filter((one) => !(one.step in scenario.steps)));
  return [make("ol", "steps", steps), rest.length ? make("h4", "outside", "Outside of any step") : "", ...rest].filter(Boolean);
}

function evidence(scenario, pick) {
  return [...pick(scenario.exchanges).map((one) => showLine(scenario, one)), ...pick(scenario.snapshots).map(showSnapshot)];
}

function showStep(step, index, seen) {
  const [mark, word] = OUTCOMES[step.outcome];
  const sign = make("span", "mark", mark, make("span", "unseen", ` ${word}`));
  sign.title = word;
  const line = make("p", "line", sign, make("span", "text", make("b", "", step.keyword.trim()), " ", prose(step.text)));
  if (step.outcome !== "not_run") line.append(make("span", "time", duration(step.duration_ms)));
  const item = make("li", `step ${step.outcome}`, line);
  item.id = `step-${index + 1}`;
  if (step.table) item.append(showTable(step.table));
  if (step.docstring) item.append(make("pre", "docstring", step.docstring));
  item.append(...seen);
  if (step.message && !isTold(step.message, step.checks)) item.append(make("p", "message", prose(step.message)));
  item.append(...step.checks.map(showCheck));
  return item;
}

function showTable(rows) {
  const cells = (row) => make("tr", "", row.map((cell) => make("td", "", cell)));
  return scrolls("A table of the step", make("table", "data", make("tbody", "", rows.map(cells))));
}

/* What may be wider than the page scrolls by itself, with the keyboard too. */
function scrolls(label, ...content) {
  const box = make("div", "scrolls", ...content);
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", label);
  return box;
}

function showCheck(check) {
  const both = () => [
    make("dl", "pair", make("div", "", make("dt", "", "Expected"), make("dd", "", check.expected)), make("div", `v-${check.verdict}`, make("dt", "", "Actual"), make("dd", "", check.actual))),
    check.hint && make("p", "hint", prose(check.hint)),
    check.clause && make("p", "clause", check.clause),
    check.requirement && make("p", "clause", `about ${check.requirement}`),
  ].filter(Boolean);
  if (check.verdict === "pass") return fold("check held", [make("span", "mark", "✓"), make("span", "", prose(check.statement))], both);
  return make("div", "check", make("p", "statement", badge(check.verdict), " not met: ", prose(check.statement)), ...both());
}

/* Comparisons with accepted answers */

const STATES = {
  matched: "equal to the accepted answer",
  changed: "differs from the accepted answer",
  new: "nothing was accepted yet",
  updated: "accepted in this run",
};

function showSnapshot(snapshot) {
  const waits = snapshot.state === "changed" || snapshot.state === "new";
  const title = [make("span", "sender", "snapshot"), make("span", "", STATES[snapshot.state]), waits ? make("span", "mini v-flaky", "review") : ""];
  const diff = snapshot.diff ? make("pre", "diff", snapshot.diff.trimEnd().split("\n").map(diffLine)) : "";
  return fold("snapshot", title, () => [make("p", "place", snapshot.file), diff].filter(Boolean), waits);
}

function diffLine(line) {
  const kind = /^(---|\+\+\+|@@)/.test(line) ? "head" : { "+": "added", "-": "removed" }[line[0]] || "";
  return make("span", kind, `${line}\n`);
}
