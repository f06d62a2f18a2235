// Resolves with the first sought element that is visible, or with null when the time is over.
//
// With `user` (what the user wants) it resolves as well with what a page asks that nobody described,
// once that stays the same for a while.
//
// The browser may run a script that was meant for the page before in this one as well, and nobody hears
// then what it found. `turn` grows from call to call: the latest script alone makes something of a page.
(deep, understand) => (sought, milliseconds, user, turn) =>
  new Promise((resolve) => {
    const WORKED_ON = Symbol.for("checkride.worked-on");
    const TURN = Symbol.for("checkride.turn");
    if (user !== null) window[TURN] = Math.max(window[TURN] ?? 0, turn);
    const NO_ERROR = /(^|[\s_-])(info|success)($|[\s_-])/i;
    const visible = (element) => element.checkVisibility({ visibilityProperty: true });
    const origin = String(performance.timeOrigin);
    const is_failure = performance.getEntriesByType("navigation")[0]?.responseStatus >= 400;
    // A box that speaks may also be there while a page comes, or beside the next one. It tells an
    // error where it came in answer to what was submitted, beside the same page, or with an error status.
    const answers = (same) => {
      if (user === null || same || is_failure) return true;
      if (sought.some((one) => !one.speaks && deep(one.selector).some(visible))) return true;
      const now = user.kind === null ? undefined : understand(user)?.kind;
      return now !== undefined && (now === user.kind || (now.startsWith("sign-in") && user.kind !== "sign-in: user name"));
    };
    const find = (last) => {
      if (document.readyState === "loading") return null;
      for (const [index, one] of sought.entries()) {
        const same = one.stale !== null && one.stale.document === origin;
        for (const element of deep(one.selector)) {
          const text = (element.innerText ?? "").trim();
          if (!visible(element) || (one.speaks && (text === "" || NO_ERROR.test(element.className)))) continue;
          if (same && (one.stale.text === null || one.stale.text === text)) continue;
          if (one.speaks && !last && !answers(same)) continue;
          return { index, text, document: origin };
        }
      }
      return null;
    };
    let steady = { key: "", since: 0 };
    const ask = () => {
      // What was submitted in this document may be shown until the answer comes.
      if (user === null || document.readyState === "loading" || user.described === origin) return null;
      const page = understand(user);
      if (page === null) return null;
      const before = user.understood === origin ? window[WORKED_ON] : undefined;
      let refused = false;
      if (before?.elements.some((element) => element.isConnected && visible(element))) {
        const fields = deep("[data-checkride~=username], [data-checkride~=password]");
        const goes_on = page.kind !== before.kind && fields.some((field) => !before.elements.includes(field));
        refused = page.kind === before.kind && page.complaint !== "" && page.complaint !== before.complaint;
        if (!goes_on && !refused) return null;
      }
      const key = JSON.stringify(page);
      if (key !== steady.key) steady = { key, since: performance.now() };
      // A style sheet that never comes keeps a page from being complete.
      const quiet = document.readyState === "complete" ? 200 : 1500;
      if (performance.now() - steady.since < quiet) return null;
      window[WORKED_ON] = { ...page, elements: deep("[data-checkride]") };
      return { index: null, text: page.complaint, document: origin, page: { ...page, refused } };
    };
    const end = (found) => {
      observer.disconnect();
      document.removeEventListener("readystatechange", look);
      clearInterval(interval);
      clearTimeout(timeout);
      resolve(found);
    };
    const look = () => {
      if (user !== null && turn < window[TURN]) return end(null);
      const found = find(false) ?? ask();
      if (found !== null) end(found);
    };
    const observer = new MutationObserver(look);
    // Style sheets that arrive or end hiding something are not seen by the observer.
    const interval = setInterval(look, 100);
    const timeout = setTimeout(() => end(find(true)), milliseconds);
    document.addEventListener("readystatechange", look);
    observer.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
    look();
  })
