/* What the user saw, and everything in the order of its time. */

function showStrip(scenario) {
  if (!scenario.pictures.length) return null;
  const frames = scenario.pictures.map((picture) => {
    const step = scenario.steps[picture.step];
    const label = step ? `${picture.step + 1}. ${picture.caption}` : picture.caption;
    const src = pictureOf(picture);
    if (!src) return make("figure", "", make("p", "message", "The picture is not beside the record."), make("figcaption", "", label));
    const image = make("img");
    image.src = src;
    image.alt = picture.caption;
    image.loading = "lazy";
    const button = make("button", "frame", image);
    button.type = "button";
    button.setAttribute("aria-label", `Enlarge: ${picture.caption}`);
    button.addEventListener("click", () => enlarge(src, picture.caption, step));
    return make("figure", "", button, make("figcaption", "", prose(label)));
  });
  const strip = scrolls("Pictures of the browser, a step each", ...frames);
  strip.classList.add("strip");
  return strip;
}

function enlarge(src, caption, step) {
  const image = make("img");
  image.src = src;
  image.alt = caption;
  const words = step ? make("p", "quiet", make("b", "", step.keyword.trim()), " ", prose(step.text)) : "";
  sheetBody.replaceChildren(make("h2", "", prose(caption)), words || "", make("figure", "", image));
  sheet.showModal();
  sheet.scrollTop = 0;
}

/* Steps have no moment of their own in the record: they begin where the one before ended. */
function showJournal(scenario) {
  let at = 0;
  const steps = scenario.steps.filter((step) => step.outcome !== "not_run").map((step) => {
    const begun = at;
    at += step.duration_ms;
    return [begun, 0, make("span", "", make("b", "", step.keyword.trim()), " ", prose(step.text))];
  });
  const exchanges = scenario.exchanges.map((one) => [
    Math.max(one.started_ms - scenario.started_ms, 0),
    1,
    make("span", "", link(`#${scenario.id}!${one.number}`, "", `${one.sender}: ${one.request.method} ${pathOf(one.request.url)}`), " ", statusOf(one)),
  ]);
  const lines = [...steps, ...exchanges].sort(([one, first], [other, second]) => one - other || first - second);
  if (!lines.length) return null;
  const table = () => make("table", "journal", make("tbody", "", lines.map(([ms, , what]) => make("tr", "", make("td", "time", `+${duration(ms)}`), make("td", "", what)))));
  return fold("journal-fold", counted(lines.length, "entry").replace("entrys", "entries"), table);
}
