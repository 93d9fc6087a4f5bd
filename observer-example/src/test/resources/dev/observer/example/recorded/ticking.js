/** Counts the seconds. With `?many=n` it begins with n elements, and says so. */
let seconds = 0;
setInterval(() => {
  document.querySelector("#tick").textContent = `tick ${++seconds} end`;
}, 1000);
document.querySelector("button").addEventListener("click", () => {
  throw new RangeError("broken");
});
const many = Number(new URLSearchParams(location.search).get("many") ?? 0);
const words = (i) => Array.from({ length: 12 }, (_, at) => (i * 7919 + at * 104729).toString(36)).join(" ");
document.querySelector("#many").innerHTML = Array.from(
  { length: many },
  (_, i) => `<p class="one" title="number ${i}">${words(i)}</p>`,
).join("");
