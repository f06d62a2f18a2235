// Presses the first visible control of a selector, or with these words on it; null if there is none.
(sign) => {
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const says = (element) => (element.innerText || element.value || element.getAttribute("aria-label") || "").trim();
  const controls = sign.selector !== undefined
    ? [...document.querySelectorAll(sign.selector)]
    : [...document.querySelectorAll("a, button, input[type=submit], input[type=button], [role=button]")]
        .filter((element) => says(element).includes(sign.text));
  const control = controls.find(shown);
  if (control === undefined) return null;
  setTimeout(() => control.click(), 0);
  return "pressed";
}
