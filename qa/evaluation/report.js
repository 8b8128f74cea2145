(function () {
  "use strict";
  const filters = document.querySelector(".filters");
  const rows = Array.from(document.querySelectorAll(".questions > li"), (element) => ({
    element,
    state: element.dataset.state,
    tags: JSON.parse(element.dataset.tags),
    text: element.dataset.search,
  }));
  const search = document.getElementById("search");
  const tag = document.getElementById("tag");
  const shown = document.getElementById("shown");

  function show() {
    const state = filters.querySelector("input[name=state]:checked").value;
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits =
        (!state || row.state === state) &&
        (!tag.value || row.tags.includes(tag.value)) &&
        words.every((word) => row.text.includes(word));
      row.element.hidden = !fits;
      count += fits;
    }
    shown.textContent = count + " of " + rows.length + " shown";
  }

  filters.hidden = false;
  filters.addEventListener("input", show);
  filters.addEventListener("change", show);
  show();
})();
