// All elements of a selector, also those inside open shadow roots.
(selector) => {
  const found = [];
  const search = (root) => {
    found.push(...root.querySelectorAll(selector));
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot !== null) search(element.shadowRoot);
    }
  };
  search(document);
  return found;
}
