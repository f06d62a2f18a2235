/* The run in time: a bar for each scenario, in as many lanes as ran at the same time. */

function drawTimeline() {
  const box = document.getElementById("timeline");
  const ran = rows.filter((row) => row.duration_ms > 0).sort((one, other) => one.started_ms - other.started_ms);
  box.parentElement.hidden = !ran.length;
  if (!ran.length) return;
  const end = Math.max(...ran.map((row) => row.started_ms + row.duration_ms));
  const lanes = [];
  const bars = ran.map((row) => {
    let lane = lanes.findIndex((busy) => busy <= row.started_ms);
    if (lane < 0) lane = lanes.length;
    lanes[lane] = row.started_ms + row.duration_ms;
    const [x, width] = [(row.started_ms / end) * 1000, Math.max((row.duration_ms / end) * 1000, 0.7)];
    const bar = draw("rect", { class: `v-${row.verdict}`, x, width, y: lane * 16, height: 13, rx: Math.min(1.5, width / 2) });
    bar.dataset.id = row.id;
    bar.append(draw("title", {}, `${row.verdict} ${row.id} ${row.name}, ${duration(row.duration_ms)}`));
    return bar;
  });
  const height = lanes.length * 16;
  const picture = draw("svg", { class: "timeline", viewBox: `0 0 1000 ${height}`, preserveAspectRatio: "none", height, "aria-hidden": "true" }, ...bars);
  picture.addEventListener("click", (event) => {
    if (event.target.dataset.id) location.hash = event.target.dataset.id;
  });
  const slowest = [...ran].sort((one, other) => other.duration_ms - one.duration_ms).slice(0, 3);
  const names = slowest.flatMap((row, index) => [index ? ", " : "", link(`#${row.id}`, "", prose(row.name)), ` (${duration(row.duration_ms)})`]);
  box.replaceChildren(
    picture,
    make("p", "axis", make("span", "", "0 s"), make("span", "", duration(end))),
    make("p", "quiet", `${counted(lanes.length, "scenario")} at the same time at most. The slowest: `, names, "."),
  );
}
