// What an app's page shows: "data", or "error: " with its words; null where neither is seen.
(data, error) => {
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const seen = (sign) => {
    if (sign === null || document.body === null) return null;
    if (sign.text !== undefined) return document.body.innerText.includes(sign.text) ? document.body : null;
    return [...document.querySelectorAll(sign.selector)].find(shown) ?? null;
  };
  const failed = seen(error);
  if (failed !== null) return "error: " + (failed.innerText ?? "").trim().replace(/\s+/g, " ").slice(0, 300);
  return seen(data) === null ? null : "data";
}
