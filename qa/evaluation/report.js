(function () {
  "use strict";
  const filters = document.querySelector(".filters");
  const list = document.querySelector(".questions");
  const pages = document.querySelector(".pages");
  const search = document.getElementById("search");
  const tag = document.getElementById("tag");
  const shown = document.getElementById("shown");
  const atOnce = list.children.length;
  const rows = Array.from(document.querySelectorAll(".questions > li, script[type='text/html']"), (element) => ({
    element,
    state: element.dataset.state,
    tags: JSON.parse(element.dataset.tags),
    text: element.dataset.search,
  }));
  let fitting = rows;
  let first = 0;

  // A question of a later page is markup in a script element, in which the report has escaped what others wrote.
  function item(row) {
    if (row.element.tagName === "SCRIPT") {
      const made = document.createElement("li");
      made.innerHTML = row.element.textContent;
      row.element = made;
    }
    return row.element;
  }

  function show() {
    const last = Math.min(first + atOnce, fitting.length);
    list.replaceChildren(...fitting.slice(first, last).map(item));
    const all = last - first === fitting.length;
    const filtered = fitting.length < rows.length;
    shown.textContent = all
      ? fitting.length + " of " + rows.length + " shown"
      : first + 1 + " to " + last + " of " + fitting.length + " shown" + (filtered ? ", out of " + rows.length : "");
    if (pages) {
      pages.hidden = all;
      pages.querySelector("#previous").disabled = first === 0;
      pages.querySelector("#next").disabled = last === fitting.length;
    }
  }

  function filter() {
    const state = filters.querySelector("input[name=state]:checked").value;
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    fitting = rows.filter(
      (row) =>
        (!state || row.state === state) &&
        (!tag.value || row.tags.includes(tag.value)) &&
        words.every((word) => row.text.includes(word)),
    );
    first = 0;
    show();
  }

  function turn(pagesOn) {
    first += pagesOn * atOnce;
    show();
    document.getElementById("questions").scrollIntoView();
  }

  filters.hidden = false;
  filters.addEventListener("input", filter);
  filters.addEventListener("change", filter);
  if (pages) {
    pages.querySelector("#previous").addEventListener("click", () => turn(-1));
    pages.querySelector("#next").addEventListener("click", () => turn(1));
  }
  filter();
})();
