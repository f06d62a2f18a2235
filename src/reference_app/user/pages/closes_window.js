addEventListener("DOMContentLoaded", () => {
  if (opener === null) return;
  opener.postMessage({ records: document.querySelector("#records").href }, location.origin);
  close();
});
