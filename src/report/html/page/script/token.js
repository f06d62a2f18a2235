/* Signed tokens: header and claims beside what the standards expect of them. */

const SIGNATURES = { good: ["pass", "signature good"], bad: ["fail", "signature bad"], unchecked: ["skipped", "signature not checked"] };

function showTokens(scenario) {
  const seen = scenario.exchanges.flatMap((exchange) => (exchange.jwts || []).map((token) => [exchange, token]));
  if (!seen.length) return null;
  return seen.map(([exchange, token]) => {
    const from = link(`#${scenario.id}!${exchange.number}`, "", `exchange ${exchange.number}`);
    return fold("token-fold", tokenTitle(token, exchange), () => [make("p", "quiet", "Seen in ", from, "."), showToken(token)]);
  });
}

function tokenTitle(token, exchange) {
  const [verdict, words] = SIGNATURES[token.signature.state];
  const broken = (token.expectations || []).filter((one) => !one.holds).length;
  return [
    make("span", "name", token.place),
    make("span", "quiet", `${exchange.request.method} ${pathOf(exchange.request.url)}`),
    badge(verdict, words),
    broken ? badge("warn", `${broken} not as expected`) : "",
  ];
}

function showToken(token) {
  const [verdict, words] = SIGNATURES[token.signature.state];
  const expected = new Map((token.expectations || []).map((one) => [one.member, one]));
  const line = (part) => ([member, value]) => {
    const one = expected.get(member);
    expected.delete(member);
    return tokenLine(part, member, value, one);
  };
  const lines = [...Object.entries(token.header).map(line("header")), ...Object.entries(token.claims).map(line("claim"))];
  const missing = [...expected.values()].map((one) => tokenLine("", one.member, undefined, one));
  const columns = ["Part", "Member", "Value", "Expected"].map((name) => make("th", "", name));
  for (const column of columns) column.scope = "col";
  const table = make("table", "token", make("thead", "", make("tr", "", columns)), make("tbody", "", lines, missing));
  return make(
    "div",
    "message-box",
    make("h3", "", `JWT: ${token.place}`),
    make("p", "", badge(verdict, words), " ", make("span", "quiet", prose(token.signature.about || ""))),
    scrolls("Header and claims of the token", table),
  );
}

function tokenLine(part, member, value, one) {
  const shown = value === undefined ? make("span", "quiet", "absent") : [typeof value === "string" ? value : JSON.stringify(value), moment(member, value)];
  const expected = one ? [make("span", one.holds ? "mark" : "mark broken", one.holds ? "✓" : "✕"), make("span", "unseen", one.holds ? " holds: " : " does not hold: "), " ", prose(one.expected)] : "";
  return make("tr", one && !one.holds ? "v-fail" : "", make("td", "quiet", part), make("td", "", make("code", "", member)), make("td", "", shown), make("td", "", expected));
}

/* NumericDate of RFC 7519 §2, in words. */
function moment(member, value) {
  if (!["exp", "iat", "nbf", "auth_time", "updated_at"].includes(member) || typeof value !== "number") return "";
  const date = new Date(value * 1000);
  return Number.isNaN(date.getTime()) ? "" : make("span", "quiet", ` ${date.toISOString().replace(".000Z", "Z")}`);
}
