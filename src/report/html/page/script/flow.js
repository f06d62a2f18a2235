/* The flow as a sequence diagram: lifelines, and an arrow for each request and its answer. */

function showFlow(scenario) {
  const { parties, arrows } = scenario.flow;
  if (!arrows.length) return null;
  // As wide as the page, if that is wide enough.
  const lane = Math.min(Math.max((page.clientWidth - 2 * MARGIN) / parties.length, NARROW), WIDE);
  const x = (index) => MARGIN + lane / 2 + index * lane;
  const width = MARGIN * 2 + parties.length * lane;
  const parts = [];
  let y = HEAD;
  let step = null;
  for (const arrow of arrows) {
    const exchange = scenario.exchanges.find((one) => one.number === arrow.exchange);
    if (exchange.step !== step) {
      step = exchange.step;
      const of = scenario.steps[step];
      const words = of ? `${of.keyword.trim()} ${of.text.replaceAll("`", "")}` : "Outside of any step";
      parts.push(draw("text", { class: "of-step", x: MARGIN, y: y + 13 }, cut(words, width / 7)));
      parts.push(draw("line", { class: "of-step", x1: MARGIN, x2: width - MARGIN, y1: y + 20, y2: y + 20 }));
      y += 30;
    }
    parts.push(showArrow(scenario, arrow, x, y, width));
    y += arrow.answers === null ? ROW / 2 : ROW;
  }
  const height = y + 12;
  const lanes = parties.flatMap((name, index) => [
    draw("line", { class: "lifeline", x1: x(index), x2: x(index), y1: HEAD - 8, y2: height }),
    draw("rect", { class: "party", x: x(index) - lane / 2 + 4, y: 4, width: lane - 8, height: 28, rx: 7 }),
    draw("text", { class: "party", x: x(index), y: 23 }, name),
  ]);
  const picture = draw("svg", { class: "flow", width, height, viewBox: `0 0 ${width} ${height}` }, ...lanes, ...parts);
  picture.setAttribute("role", "group");
  picture.setAttribute("aria-label", `${counted(arrows.length, "exchange")} between ${parties.join(", ")}`);
  return scrolls("The flow as a sequence diagram", picture);
}

function showArrow(scenario, arrow, x, y, width) {
  const [from, to] = [x(arrow.from), x(arrow.to)];
  const forth = line(from, to, y + 20, "asks", arrow.asks, width);
  const back = arrow.answers === null ? [] : line(to, from, y + 44, "answers", arrow.answers, width);
  const box = { class: "hit", x: Math.min(from, to) - 4, y: y + 4, width: Math.max(Math.abs(to - from), NARROW) + 8, height: back.length ? 46 : 22, rx: 5 };
  const anchor = draw("a", { href: `#${scenario.id}!${arrow.exchange}`, class: `arrow ${arrow.tone}` }, draw("rect", box), ...forth, ...back);
  const answer = arrow.answers === null ? "caught by the app" : arrow.answers;
  anchor.setAttribute("aria-label", `Exchange ${arrow.exchange}: ${arrow.asks}, answer: ${answer}`);
  return anchor;
}

/* A line with its head and its words above it; one that goes back to its own lifeline is a loop. */
function line(from, to, y, kind, words, width) {
  const fitting = (at) => cut(words, (width - at) / LETTER);
  if (from === to) {
    const loop = `M${from} ${y - 8}h22v14h-${22 - TIP}`;
    return [draw("path", { class: kind, d: loop }), head(from, y + 6, -1), draw("text", { class: kind, x: from + 30, y: y + 2 }, fitting(from + 30))];
  }
  const way = Math.sign(to - from);
  return [
    draw("line", { class: kind, x1: from, x2: to - way * TIP, y1: y, y2: y }),
    head(to, y, way),
    draw("text", { class: kind, x: Math.min(from, to) + 10, y: y - 5 }, fitting(Math.min(from, to) + 10)),
  ];
}

const head = (x, y, way) => draw("path", { class: "head", d: `M${x} ${y}l${-way * TIP} -4v8z` });

const cut = (text, longest) => (text.length > longest ? `${text.slice(0, Math.max(longest - 1, 1))}…` : text);

/* Sizes in CSS pixels. */
const NARROW = 104;
const WIDE = 210;
const LETTER = 6.4;
const MARGIN = 8;
const HEAD = 42;
const ROW = 58;
const TIP = 8;
