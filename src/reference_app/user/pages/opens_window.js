addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("#log-in");
  button?.addEventListener("click", (event) => {
    event.preventDefault();
    open(button.href, "sign-in", "popup");
  });
});
addEventListener("message", (event) => {
  if (event.origin === location.origin && event.data.records) location = event.data.records;
});
