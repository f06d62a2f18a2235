/* Which part of the page is shown: the address says it. */

const views = () => [...document.querySelectorAll("main > section")];

/* The address without its mark, cut into a scenario and the number of an exchange. */
function place() {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    /* A broken address is looked up as it is. */
  }
  const at = id.lastIndexOf("!");
  return at > 0 && /^\d+$/.test(id.slice(at + 1)) ? [id.slice(0, at), Number(id.slice(at + 1))] : [id, 0];
}

function show(name) {
  for (const view of views()) view.hidden = view.id !== name;
  for (const one of document.querySelectorAll(".bar-nav a")) {
    if (one.hash === `#${name === "scenario" ? "scenarios" : name}`) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
}

async function follow() {
  const [id, number] = place();
  if (sheet.open && !number) sheet.close();
  if (rowOf.has(id)) {
    const row = rows[rowOf.get(id)];
    const isNew = !current || current.id !== id || document.getElementById("scenario").hidden;
    show("scenario");
    document.title = `${row.doing || row.verdict}: ${row.name}`;
    await showScenario(row);
    if (isNew && !number) scrollTo(0, 0);
    if (number && current && current.id === id && place()[0] === id) openExchange(current, number);
    return;
  }
  document.title = title;
  const [name, query] = id.split("?");
  if (name === "scenarios") {
    show("scenarios");
    showList(new URLSearchParams(query || ""));
    return;
  }
  const target = document.getElementById(id);
  const view = target && views().find((one) => one.contains(target));
  show(view ? view.id : "overview");
  if (!target || target === view) scrollTo(0, 0);
  else {
    for (let up = target; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    target.scrollIntoView({ block: "center" });
  }
}

let title = document.title;

/* "/" searches, Escape clears; arrows walk the list, j and k the scenarios. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || sheet.open) return;
  const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName);
  if (event.key === "/" && !typing) {
    event.preventDefault();
    if (document.getElementById("scenarios").hidden) location.hash = listAddress();
    // The list is shown by then.
    setTimeout(() => search.focus());
  } else if (event.key === "Escape" && document.activeElement === search) {
    search.value = "";
    choose("q", "");
  } else if ((event.key === "j" || event.key === "k") && !typing) {
    const step = page.querySelector(`a[aria-keyshortcuts="${event.key}"]`);
    if (step && !document.getElementById("scenario").hidden) step.click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const all = [...list.querySelectorAll(".feature[open] .row")];
    const at = all.indexOf(document.activeElement);
    const next = document.activeElement === search && event.key === "ArrowDown" ? all[0] : all[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next && (at >= 0 || document.activeElement === search)) {
      event.preventDefault();
      next.focus();
    }
  }
});

function begin(list) {
  learn(list);
  drawChips();
  offer();
  drawTimeline();
  window.addEventListener("hashchange", follow);
  follow();
}

document.documentElement.classList.add("scripted");
