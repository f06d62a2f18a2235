// Does one thing to the element of a selector, the way a user would; null if there is none.
(deep) => (selector, act, argument) => {
  const all = deep(selector);
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const element = all.find(visible) ?? all[0];
  if (element === undefined) return null;
  const page = { page: location.href };
  const click = (target) => {
    // Leaving a field is what tells a page that it was changed.
    if (document.activeElement !== target) document.activeElement?.blur?.();
    target.focus?.();
    target.click();
  };
  switch (act) {
    case "focus":
      element.focus();
      if (typeof element.select === "function") element.select();
      if (argument === true) {
        element.value = "";
        element.dispatchEvent(new Event("input", { bubbles: true }));
      }
      return page;
    case "click":
      click(element);
      return page;
    case "tick":
      if (element.checked !== argument) click(element);
      return page;
    case "scopes":
      for (const box of all) {
        const labels = [...(box.labels ?? [])].map((label) => label.innerText.trim());
        if (box.checked === [box.value, ...labels].some((one) => argument.includes(one))) click(box);
      }
      return page;
    case "record": {
      const options = all.flatMap((one) => (one instanceof HTMLSelectElement ? [...one.options] : [one]));
      const names = (one) => [one.value, one.dataset.value, one.id, (one.innerText ?? one.text ?? "").trim()];
      const chosen = (one) => one.checked || one.selected;
      const wanted =
        argument === null ? (options.find(chosen) ?? options[0]) : options.find((one) => names(one).some((name) => name === argument || name?.endsWith(`/${argument}`)));
      if (wanted === undefined) return null;
      if (wanted instanceof HTMLOptionElement) {
        wanted.selected = true;
        wanted.closest("select").dispatchEvent(new Event("change", { bubbles: true }));
      } else if (!wanted.checked && wanted.ariaChecked !== "true") {
        click(wanted);
      }
      return page;
    }
  }
}
