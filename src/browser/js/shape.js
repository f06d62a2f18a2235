// What tells a page that was given up from others, as a number: its host, its controls, its words, and
// what the user wants of it. Words with digits may be other ones the next time. Null where the page may
// still become another one: it is not complete, asks nothing yet, or was submitted just now.
(all) => ({ record, denied, begun, described, understood }) => {
  const origin = String(performance.timeOrigin);
  if (document.readyState !== "complete" || described === origin || understood === origin) return null;
  const is_failure = performance.getEntriesByType("navigation")[0]?.responseStatus >= 400;
  const asked = all("input, button, select, textarea, a[href], iframe, [role=button]")
    .filter((one) => one.checkVisibility({ visibilityProperty: true }));
  if (asked.length === 0 && !is_failure) return null;
  const controls = asked.map((one) => [one.localName, one.type, one.name, one.autocomplete]);
  const words = `${document.title} ${document.body?.innerText ?? ""}`.split(/\s+/).filter((word) => !/\d/.test(word));
  const text = JSON.stringify([location.host, controls, words, record, denied, begun]);
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)) % 4294967291;
  return sum;
}
