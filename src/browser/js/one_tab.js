// A session is one tab: a link that would open another one opens in this one.
addEventListener(
  "click",
  (event) => {
    const link = event.target instanceof Element && event.target.closest("a[target]");
    if (link && link.target.toLowerCase() === "_blank") link.target = "_self";
  },
  true,
);
