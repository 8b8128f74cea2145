// A mark of an answer leads to its sentence in the Sources panel. The rest is what Gradio's chat lacks: names that are
// not HTML source, text instead of HTML in a question that is edited, and a place for the focus to go.
// Gradio gives: element (the panel), props, trigger, watch.

const panel = element.closest("#sources");
const names = props.names[navigator.language.startsWith("es") ? "es" : "en"];
let wanted = ""; // the id of the sentence that was last pointed at
let opener = ""; // the address of the mark that the keyboard came from
let waiting = 0;

const markOf = (node) => node.closest?.('a[href^="#source-"]');
const idOf = (mark) => decodeURIComponent(mark.getAttribute("href").slice(1));

/** The sentence that an id names: the id stands on the sentence, or on the number in front of it. */
const sentence = (spot) => (spot.matches("mark") ? spot : spot.nextElementSibling) ?? spot;

function intoView(spot) {
  const box = spot.closest(".dl-text");
  const above = sentence(spot).getBoundingClientRect().top - box.getBoundingClientRect().top;
  box.scrollTop += above - box.clientHeight / 4;
}

function reveal(spot) {
  const card = spot.closest("details");
  card.open = true;
  for (const old of document.querySelectorAll(".dl-active")) old.classList.remove("dl-active");
  sentence(spot).classList.add("dl-active");
  for (const mark of document.querySelectorAll('#conversation a[href^="#source-"]')) {
    if (idOf(mark) === spot.id) mark.classList.add("dl-active");
  }
  if (panel.scrollHeight > panel.clientHeight) {
    panel.scrollTop += card.getBoundingClientRect().top - panel.getBoundingClientRect().top - 48;
  }
  intoView(spot);
}

/** Show a sentence; the panel is asked for another answer's sources where it does not hold it. */
function show(mark, bring) {
  wanted = idOf(mark);
  const spot = document.getElementById(wanted);
  if (spot && element.contains(spot)) {
    reveal(spot);
    if (bring) bringUp(spot);
  } else {
    element.dataset.bring = bring ? "yes" : "";
    trigger("wanted", { turn: wanted.slice("source-".length, wanted.lastIndexOf("-")) });
  }
}

/** Bring the panel onto a small screen, and the keyboard to the text. */
function bringUp(spot) {
  const card = spot.closest("details");
  const { top, bottom } = card.getBoundingClientRect();
  if (top < 0 || top > innerHeight - 120 || bottom < 120) card.scrollIntoView({ block: "start" });
  if (opener) card.querySelector(".dl-text").focus({ preventScroll: true });
}

watch("value", () => {
  const spot = document.getElementById(wanted);
  if (spot && element.contains(spot)) {
    reveal(spot);
    if (element.dataset.bring) bringUp(spot);
  } else {
    panel.scrollTop = 0;
    const number = (spot) => Number(spot.id.slice(spot.id.lastIndexOf("-") + 1));
    const [first] = [...element.querySelectorAll("[id^=source-]")].sort((a, b) => number(a) - number(b));
    if (first) reveal(first);
  }
  element.dataset.bring = "";
});

const listen = (type, act, capture = false) => document.addEventListener(type, act, capture);

listen("pointerover", ({ target }) => {
  const mark = markOf(target);
  clearTimeout(waiting);
  if (mark) waiting = setTimeout(() => show(mark, false), 120); // passing over a mark is not pointing at it
});
listen("focusin", ({ target }) => {
  const mark = markOf(target);
  if (mark?.matches(":focus-visible")) show(mark, false);
});
listen("click", (event) => {
  const mark = markOf(event.target);
  if (mark) {
    event.preventDefault();
    clearTimeout(waiting);
    opener = event.detail === 0 ? mark.getAttribute("href") : ""; // 0: the key, not the mouse
    show(mark, true);
  } else if (event.target.closest("#conversation :is(.option, .example)")) {
    document.querySelector("#question textarea")?.focus();
  }
});
element.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !opener) return;
  [...document.querySelectorAll("#conversation a")].find((mark) => mark.getAttribute("href") === opener)?.focus();
});
element.addEventListener("toggle", ({ target }) => {
  const spot = target.open && target.querySelector(".dl-active, [id^=source-]");
  if (spot) intoView(spot);
}, true);

function mend() {
  for (const message of document.querySelectorAll("#conversation [data-testid][aria-label]")) {
    message.setAttribute("role", "group");
    if (message.ariaLabel !== names[message.dataset.testid]) message.ariaLabel = names[message.dataset.testid];
  }
  const log = document.querySelector("#conversation [role=log]"); // read whole when it is done, not at every word
  if (log && log.ariaLive !== "off") Object.assign(log, { ariaLive: "off", ariaLabel: names.log });
  for (const box of document.querySelectorAll("#conversation .edit-textarea:not([aria-label])")) {
    box.ariaLabel = names.user;
    box.value = new DOMParser().parseFromString(box.value, "text/html").documentElement.textContent;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  for (const day of document.querySelectorAll(".dl-day input[type=text]")) day.type = "date";
}
new MutationObserver(mend).observe(document.body, {
  childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label", "aria-live"],
});
mend();
