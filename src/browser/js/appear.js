// Resolves with the first sought element that is visible, or with null when the time is over.
(sought, milliseconds) =>
  new Promise((resolve) => {
    const visible = (element) => element.checkVisibility({ visibilityProperty: true });
    const origin = String(performance.timeOrigin);
    const find = () => {
      if (document.readyState === "loading") return null;
      for (const [index, one] of sought.entries()) {
        const same = one.stale !== null && one.stale.document === origin;
        for (const element of document.querySelectorAll(one.selector)) {
          const text = (element.innerText ?? "").trim();
          if (!visible(element) || (one.speaks && text === "")) continue;
          if (same && (one.stale.text === null || one.stale.text === text)) continue;
          return { index, text, document: origin };
        }
      }
      return null;
    };
    const end = (found) => {
      observer.disconnect();
      document.removeEventListener("readystatechange", look);
      clearInterval(interval);
      clearTimeout(timeout);
      resolve(found);
    };
    const look = () => {
      const found = find();
      if (found !== null) end(found);
    };
    const observer = new MutationObserver(look);
    // Style sheets that arrive or end hiding something are not seen by the observer.
    const interval = setInterval(look, 100);
    const timeout = setTimeout(() => end(find()), milliseconds);
    document.addEventListener("readystatechange", look);
    observer.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
    look();
  })
