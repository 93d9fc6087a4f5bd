/** Leaves once; says so when it comes back as it was. */
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelector("h1").textContent = "Back again";
  else setTimeout(() => (location.href = "/returning.html"), 1500);
});
