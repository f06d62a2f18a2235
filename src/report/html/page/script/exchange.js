/* An exchange: a line in its step, and the whole of it in a sheet beside the page. */

function pathOf(url) {
  try {
    const { pathname } = new URL(url);
    return pathname;
  } catch {
    return url;
  }
}

const isCaught = ({ response, error }) => !response && Boolean(error) && error.startsWith("caught on its way to the app");

const kindOf = (status) => (status >= 500 ? "bad" : status >= 400 ? "odd" : "good");

function statusOf(exchange) {
  if (isCaught(exchange)) return make("span", "status calm", "back to the app");
  if (exchange.response) return make("span", `status ${kindOf(exchange.response.status)}`, String(exchange.response.status));
  return make("span", "status bad", "no answer");
}

function showLine(scenario, exchange) {
  const { request } = exchange;
  const tokens = (exchange.jwts || []).length;
  return link(
    `#${scenario.id}!${exchange.number}`,
    "exchange",
    make("span", "sender", exchange.sender),
    make("span", "method", request.method),
    make("span", "url", request.url),
    tokens ? make("span", "mini v-waived", "JWT") : "",
    statusOf(exchange),
    isCaught(exchange) ? "" : make("span", "time", duration(exchange.duration_ms)),
  );
}

/* The sheet */

const sheet = document.getElementById("sheet");
const sheetBody = document.getElementById("sheet-body");

function openExchange(scenario, number) {
  const exchange = scenario.exchanges.find((one) => one.number === number);
  if (!exchange) return;
  const { request, response, error, sender } = exchange;
  const beside = (to, label) => (scenario.exchanges.some((one) => one.number === to) ? link(`#${scenario.id}!${to}`, "", label) : make("span", "quiet", label));
  const step = scenario.steps[exchange.step];
  const begun = Math.max(exchange.started_ms - scenario.started_ms, 0);
  const answer = response ? showMessage("Answer", `HTTP ${response.status}`, response) : make("p", isCaught(exchange) ? "quiet" : "message", error || "no answer came");
  sheetBody.replaceChildren(
    make("p", "walk", beside(number - 1, "‹ Previous"), make("span", "quiet", `Exchange ${number} of ${scenario.exchanges.length}`), beside(number + 1, "Next ›")),
    make("h2", "", `${request.method} ${pathOf(request.url)} `, statusOf(exchange)),
    make("p", "quiet", `Sent by the ${sender}, ${duration(begun)} after the scenario began; took ${duration(exchange.duration_ms)}.`),
    step ? make("p", "quiet", make("b", "", step.keyword.trim()), " ", prose(step.text)) : "",
    showMessage("Request", `${request.method} ${request.url}`, request),
    answer,
    ...(exchange.jwts || []).map(showToken),
    isCaught(exchange) ? "" : fold("curl", "As curl, without secrets", () => make("pre", "", asCurl(request))),
  );
  if (!sheet.open) sheet.showModal();
  sheet.scrollTop = 0;
}

/* Closing it leaves the scenario as it was. */
sheet.addEventListener("close", () => {
  const [id, number] = place();
  if (number) history.replaceState(null, "", `#${id}`);
});
sheet.addEventListener("click", (event) => {
  if (event.target === sheet) sheet.close();
});
document.getElementById("sheet-close").addEventListener("click", () => sheet.close());

function showMessage(title, first, { headers, body }) {
  const type = (headers.find(([name]) => name === "content-type") || ["", ""])[1];
  const box = make("div", "message-box", make("h3", "", title), make("p", "first", first));
  if (headers.length) box.append(pairs("headers", headers));
  if (body) box.append(showBody(type, body));
  return box;
}

function showBody(type, body) {
  if (type.includes("x-www-form-urlencoded")) return pairs("headers form", [...new URLSearchParams(body)]);
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    return make("pre", "", body);
  }
  return make("pre", "json", colour(JSON.stringify(value, null, 2)));
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
