// What Gradio's HTML lacks: a title that opens its article, a way there and back for the keyboard and on a phone, and
// calendars in the fields for days. Gradio gives: element, trigger, watch.

const reader = () => document.querySelector("#articles-reader");
const isPhone = () => matchMedia("(max-width: 899px)").matches;

element.addEventListener("click", ({ target }) => {
  const chosen = target.closest("[data-article]");
  if (chosen) {
    for (const old of document.querySelectorAll("[data-article][aria-current]")) old.removeAttribute("aria-current");
    for (const same of document.querySelectorAll("#articles-list [data-article]")) {
      if (same.dataset.article === chosen.dataset.article) same.setAttribute("aria-current", "true");
    }
    reader().dataset.wanted = chosen.dataset.article;
    trigger("wanted", { article: chosen.dataset.article });
  } else if (target.closest(".dl-art-back")) {
    const list = document.querySelector("#articles-list");
    const opener = list.querySelector("[aria-current]") ?? list.querySelector("[data-article]");
    opener?.focus({ preventScroll: true });
    (opener?.closest("li") ?? list).scrollIntoView({ block: "center" });
  }
});

watch("value", () => {
  if (element.closest("#articles-reader") && reader().dataset.wanted) {
    reader().dataset.wanted = ""; // somebody asked for it: the focus goes there, and on a phone the screen too
    reader().closest(".dl-art-side").scrollTop = 0;
    element.querySelector("h2")?.focus({ preventScroll: true });
    if (isPhone()) reader().scrollIntoView({ block: "start" });
  }
});

function calendars() {
  for (const day of document.querySelectorAll(".dl-art-day input[type=text]")) day.type = "date";
}
new MutationObserver(calendars).observe(document.body, { childList: true, subtree: true });
calendars();
