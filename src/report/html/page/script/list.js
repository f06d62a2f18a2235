/* The list of scenarios and what it is filtered by; the filter stands in the address. */

const list = document.getElementById("list");
const search = document.getElementById("search");
/* By verdict; each stays the same element, whatever it counts. */
const chips = new Map();
const choices = ["area", "tag", "fault", "in"].map((name) => document.getElementById(`filter-${name}`));

/* What the list is filtered by, as in `#scenarios?verdict=fail,warn&q=pkce`. */
let wanted = new URLSearchParams();

function fits(row) {
  const verdicts = (wanted.get("verdict") || "").split(",").filter(Boolean);
  const words = (wanted.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const is = (name, values) => !wanted.get(name) || values.includes(wanted.get(name));
  return (
    (!verdicts.length || verdicts.includes(row.verdict)) &&
    is("area", row.areas) &&
    is("tag", row.tags) &&
    is("fault", [row.fault]) &&
    is("in", [folderOf(row)]) &&
    words.every((word) => row.words.includes(word))
  );
}

const folderOf = (row) => row.feature.slice(0, Math.max(row.feature.lastIndexOf("/"), 0));

const selected = () => rows.filter(fits);

/* Writes the filter into the address, and shows what it leaves. */
function choose(name, value) {
  const now = new URLSearchParams(wanted);
  if (value) now.set(name, value);
  else now.delete(name);
  const query = now.toString();
  history.replaceState(null, "", `#scenarios${query ? `?${query}` : ""}`);
  showList(now);
}

function showList(filter) {
  wanted = filter;
  const verdicts = (wanted.get("verdict") || "").split(",");
  for (const [verdict, chip] of chips) chip.setAttribute("aria-pressed", String(verdicts.includes(verdict)));
  for (const choice of choices) choice.value = wanted.get(choice.name) || "";
  if (document.activeElement !== search) search.value = wanted.get("q") || "";
  drawList();
}

/* Features that somebody folded or unfolded. */
const folded = new Map();

function drawList() {
  const shown = selected();
  const isFiltered = [...wanted.keys()].length > 0;
  const features = Map.groupBy ? Map.groupBy(shown, (row) => row.feature) : groupBy(shown);
  const isShort = shown.length <= SHORT_LIST;
  list.replaceChildren(
    ...[...features].map(([path, ofFeature]) => {
      const needsALook = ofFeature.some((row) => !row.doing && !CALM.includes(row.verdict));
      const open = folded.get(path) ?? (isFiltered ? shown.length <= LONG_LIST || needsALook : isShort || needsALook);
      const details = fold("feature", featureTitle(path, ofFeature), () => make("ul", "rows", ofFeature.map(showRow)), open);
      details.firstElementChild.addEventListener("click", () => folded.set(path, !details.open));
      return details;
    }),
  );
  document.getElementById("shown").textContent = isFiltered ? `${shown.length} of ${counted(rows.length, "scenario")}` : "";
  document.getElementById("none").hidden = shown.length > 0 || rows.length === 0;
  document.getElementById("clear").hidden = !isFiltered;
}

function groupBy(of) {
  const groups = new Map();
  for (const row of of) groups.set(row.feature, [...(groups.get(row.feature) || []), row]);
  return groups;
}

function featureTitle(path, of) {
  const counts = VERDICTS.map((verdict) => [verdict, of.filter((row) => row.verdict === verdict).length]);
  const minis = counts.filter(([, count]) => count).map(([verdict, count]) => {
    const mini = make("span", `mini v-${verdict}`, String(count), make("span", "unseen", ` ${verdict}`));
    mini.title = `${count} ${verdict}`;
    return mini;
  });
  return [make("h3", "", of[0].feature_name || path), make("span", "place", path), make("span", "counts", minis)];
}

function showRow(row) {
  const marks = [
    row.standing && make("span", "mini v-fail", row.standing),
    row.strict && make("span", `mini v-${row.strict}`, `by the standard: ${row.strict}`),
    row.review && make("span", "mini v-flaky", "review"),
  ];
  const ids = make("span", "ids", row.requirements.map((id) => make("span", "id", id)), marks);
  return make("li", "", link(`#${row.id}`, "row", badgeOf(row), make("span", "name", prose(row.name)), ids, make("span", "time", row.doing ? "" : duration(row.duration_ms))));
}

/* A button for each verdict that there is, with how many scenarios have it. */
function drawChips() {
  for (const verdict of VERDICTS) {
    const count = rows.filter((row) => row.verdict === verdict).length;
    if (count && !chips.has(verdict)) chips.set(verdict, chipOf(verdict));
    if (!chips.has(verdict)) continue;
    chips.get(verdict).hidden = !count;
    chips.get(verdict).lastElementChild.textContent = String(count);
  }
  const box = document.getElementById("verdicts");
  const shown = VERDICTS.filter((verdict) => chips.has(verdict)).map((verdict) => chips.get(verdict));
  if (box.childElementCount !== shown.length) box.replaceChildren(...shown);
}

function chipOf(verdict) {
  const chip = make("button", `chip v-${verdict}`, verdict, " ", make("span"));
  chip.type = "button";
  chip.dataset.verdict = verdict;
  chip.setAttribute("aria-pressed", "false");
  chip.addEventListener("click", () => {
    const verdicts = new Set((wanted.get("verdict") || "").split(",").filter(Boolean));
    if (!verdicts.delete(verdict)) verdicts.add(verdict);
    choose("verdict", [...verdicts].join(","));
  });
  return chip;
}

/* What can be chosen, with how many scenarios each has. */
function offer() {
  const offers = { area: (row) => row.areas, tag: (row) => row.tags.filter((tag) => !tag.startsWith("req:")), fault: (row) => [row.fault], in: (row) => [folderOf(row)] };
  for (const choice of choices) {
    const counts = new Map();
    for (const value of rows.flatMap(offers[choice.name]).filter(Boolean)) counts.set(value, (counts.get(value) || 0) + 1);
    const options = [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([value, count]) => new Option(`${value} (${count})`, value));
    choice.replaceChildren(choice.options[0], ...options);
    choice.parentElement.hidden = options.length < 2;
  }
}

for (const choice of choices) choice.addEventListener("change", () => choose(choice.name, choice.value));
search.addEventListener("input", () => choose("q", search.value));

/* Verdicts that need no look. */
const CALM = ["pass", "skipped", "waived", "warn"];
/* Up to so many scenarios all features are open. */
const SHORT_LIST = 100;
/* Up to so many that are left by a filter. */
const LONG_LIST = 300;
