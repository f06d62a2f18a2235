// Hides what a picture must not show. Called with null, lists the texts of the page that are not
// hidden; called with their indexes, hides those.
(hits) => {
  const state = (window[Symbol.for("checkride.mask")] ??= { hidden: new Map(), parts: [] });
  const hide = (element) => {
    if (state.hidden.has(element)) return;
    state.hidden.set(element, element.getAttribute("style"));
    // A child can undo the visibility of its parent, but not the opacity.
    element.style.setProperty("transition", "none", "important");
    element.style.setProperty("opacity", "0", "important");
  };
  // A field without a look would seem to be missing, so a grey block stands in its place: all that
  // is painted turns one grey, and the background leaves nothing of the field's box unpainted.
  const cover = (element) => {
    if (state.hidden.has(element)) return;
    state.hidden.set(element, element.getAttribute("style"));
    const look = { transition: "none", background: "black", filter: "brightness(0) invert(0.75)" };
    for (const [property, value] of Object.entries(look)) element.style.setProperty(property, value, "important");
  };
  const isHidden = (element) => {
    const above = (at) => (at.parentNode instanceof ShadowRoot ? at.parentNode.host : at.parentElement);
    for (let at = element; at !== null; at = above(at)) {
      if (state.hidden.has(at)) return true;
    }
    return false;
  };
  if (hits !== null) {
    for (const index of hits) hide(state.parts[index]);
  }
  state.parts = [];
  if (state.hidden.has(document.documentElement)) return [];
  const texts = [];
  const add = (element, text) => {
    if (text.trim() === "" || isHidden(element)) return;
    state.parts.push(element);
    texts.push(text);
  };
  // What a style puts before and behind an element, which may be the value of an attribute.
  const generated = (element) => {
    const contents = ["::before", "::after"].map((part) => getComputedStyle(element, part).content);
    const written = contents.filter((content) => content !== "none" && content !== "normal");
    if (!written.some((content) => content.includes("attr("))) return written.join("");
    return written.join("") + [...element.attributes].map((attribute) => ` ${attribute.value}`).join("");
  };
  const walk = (root) => {
    for (const element of root.querySelectorAll("*")) {
      // What is in a frame cannot be read here; what a password field holds need not be.
      if (element.matches("iframe, frame, object, embed, canvas")) hide(element);
      if (element.matches("input[type=password]")) cover(element);
      if (element.matches("script, style, template, noscript")) continue;
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
      add(element, own.map((node) => node.data).join("") + generated(element));
      if (element.matches("input, textarea, select")) add(element, `${element.value} ${element.placeholder ?? ""}`);
      if (element.matches("select")) add(element, [...element.selectedOptions].map((option) => option.text).join(" "));
      if (element.matches("img, input[type=image]")) add(element, element.alt);
      if (element.shadowRoot !== null) walk(element.shadowRoot);
    }
  };
  walk(document);
  // Last, so that a secret which is spread over several elements hides everything.
  add(document.documentElement, texts.join(""));
  return texts;
}
