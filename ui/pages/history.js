// The conversations that this browser keeps, one entry of localStorage each: tabs do not overwrite each other's.
// Gradio gives: element, props, trigger, watch. The server hears "opened"; of the one on screen "renamed", "deleted".

const KEY = "dateline.conversation."; // + id: {updated: milliseconds, conversation: as ui/stored.py makes it}
const OPEN = "dateline.open"; // in sessionStorage: the id of the conversation on this tab's screen
const CLOSED = "dateline.closed"; // set where the sidebar was closed by hand
const MOST = 4_000_000; // characters of all entries; browsers give a site about 5 million
const WIDE = "(min-width: 1200px)";

const texts = props.texts[navigator.language.startsWith("es") ? "es" : "en"];
const say = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const fold = (text) => String(text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// --- what is kept

const disk = storage("localStorage");
const tab = storage("sessionStorage");
function storage(name) {
  try {
    return window[name];
  } catch {
    return null; // a browser may refuse it; then nothing is kept, which write() tells
  }
}

const known = new Map(); // id: {raw, updated, conversation, text}, as last read

function entries() {
  const ids = new Set();
  for (const key of Object.keys(disk ?? {})) {
    if (!key.startsWith(KEY)) continue;
    const id = key.slice(KEY.length);
    const raw = disk.getItem(key);
    ids.add(id);
    if (known.get(id)?.raw !== raw) known.set(id, { id, raw, ...read(raw) });
  }
  for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
  return [...known.values()].sort((a, b) => b.updated - a.updated);
}

function read(raw) {
  try {
    const { updated, conversation } = JSON.parse(raw);
    const said = conversation.turns.flatMap(({ question, answer }) => [question, unmarked(answer?.text)]);
    return { updated: Number(updated) || 0, conversation, said, text: fold([conversation.title, ...said].join("\n")) };
  } catch {
    return { updated: 0, conversation: { title: "", turns: [] }, said: [], text: "" };
  }
}

const unmarked = (text) => String(text ?? "").replace(/\s*\[\d+\]/g, "");

/** Keep a conversation; the oldest others go where there is no room. Whether it could be kept. */
function write(id, conversation, updated) {
  const raw = JSON.stringify({ updated, conversation });
  const others = entries().filter((entry) => entry.id !== id);
  let size = raw.length + others.reduce((sum, { raw }) => sum + raw.length, 0);
  for (;;) {
    if (size <= MOST || !others.length) {
      try {
        disk.setItem(KEY + id, raw);
        return true;
      } catch (error) {
        if (error.name !== "QuotaExceededError" || !others.length) return false;
      }
    }
    const oldest = others.pop();
    disk.removeItem(KEY + oldest.id);
    size -= oldest.raw.length;
    tell(say("dropped", { title: titleOf(oldest) }));
  }
}

const titleOf = ({ conversation }) => conversation.title || say("untitled");
const openId = () => tab?.getItem(OPEN) ?? "";

function put(storage, key, value) {
  try {
    storage.setItem(key, value);
  } catch {
    // this comfort is lost; a conversation that cannot be kept is told of
  }
}

const had = new Set(); // ids of the turns that were on this tab's screen
let shown = {}; // of the conversation that is there now: {id: what the server calls it, kept: the id it is kept under}

/** Keep what is on the screen; where another tab went on with the same conversation, under a new id: both are kept. */
function keep(conversation) {
  const { id, turns } = conversation;
  if (shown.id !== id) shown = { id, kept: id };
  for (const turn of turns) had.add(turn.id);
  entries();
  const stored = known.get(shown.kept)?.conversation.turns ?? [];
  if (turns.length && stored.some((turn) => turn.id && !had.has(turn.id))) shown.kept = String(Date.now());
  put(tab, OPEN, shown.kept);
  if (!id || !turns.length) return;
  const old = known.get(shown.kept);
  const now = { ...conversation, id: shown.kept };
  const same = old && JSON.stringify(old.conversation) === JSON.stringify(now);
  if (!same && !write(now.id, now, Date.now())) tell(say("not_kept"));
}

// --- what is shown

const make = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
const ICONS = {
  rename: "M4 16v4h4L18 10l-4-4zM15 5l4 4 2-2-4-4z",
  delete: "M6 8h12l-1 13H7zM9 3h6l1 2h4v2H4V5h4z",
};
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  svg.firstChild.setAttribute("d", ICONS[name]);
  return svg;
}

const heading = make("h2", { textContent: say("title") });
const search = make("input", { type: "search", placeholder: say("search"), ariaLabel: say("search"), maxLength: 200 });
const count = make("p", { className: "dl-sr" });
count.role = "status";
const told = make("p", { className: "dl-told-history" });
told.role = "status";
const list = make("ul");
element.querySelector(".dl-history").append(heading, search, count, told, list);

function tell(sentence) {
  told.textContent = sentence;
}

function draw() {
  if (list.querySelector(":is(form, .dl-sure):focus-within")) return; // somebody is at it
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const at = focused?.closest("li").dataset.id;
  const words = fold(search.value).split(/\s+/).filter(Boolean);
  const all = entries();
  const found = all.filter(({ text }) => words.every((word) => text.includes(word)));
  list.replaceChildren(...found.map((entry) => row(entry, words)));
  const nothing = found.length ? "" : say(all.length ? "none_found" : "none");
  if (nothing) list.append(make("li", { className: "dl-none", textContent: nothing }));
  count.textContent = words.length ? nothing || say("found", { count: found.length }) : "";
  search.hidden = !all.length;
  if (at) rowOf(at)?.querySelector(`[data-act=${focused.dataset.act}]`)?.focus();
}

const rowOf = (id) => [...list.children].find((item) => item.dataset.id === id);

function row(entry, words) {
  const title = titleOf(entry);
  const asked = entry.conversation.turns.length;
  const many = asked === 1 ? say("one_question") : say("questions", { count: asked });
  const when = make("span", { className: "dl-when", textContent: `${moment(entry.updated)} · ${many}` });
  const open = make("button", { type: "button", className: "dl-open" }, make("span", { textContent: title }), when);
  const hit = words.length && !words.every((word) => fold(title).includes(word)) && snippet(entry.said, words);
  if (hit) open.append(make("span", { className: "dl-hit", textContent: hit }));
  if (entry.id === openId()) open.ariaCurrent = "true";
  open.dataset.act = "open";
  open.onclick = () => openOne(entry);
  const item = make("li", {}, open);
  item.append(act("rename", title, () => rename(item, entry)), act("delete", title, () => ask(item, entry)));
  item.dataset.id = entry.id;
  return item;
}

function act(name, title, onclick) {
  const words = say(name, { title });
  const properties = { type: "button", className: "dl-act", ariaLabel: words, title: words, onclick };
  const made = make("button", properties, icon(name));
  made.dataset.act = name;
  return made;
}

function moment(milliseconds) {
  const date = new Date(milliseconds);
  const today = date.toDateString() === new Date().toDateString();
  const format = today ? { timeStyle: "short" } : { dateStyle: "medium" };
  return milliseconds ? date.toLocaleString(navigator.language, format) : "";
}

function snippet(said, words) {
  const line = said.find((text) => words.some((word) => fold(text).includes(word))) ?? "";
  const at = Math.max(0, ...words.map((word) => fold(line).indexOf(word)));
  const from = Math.max(0, at - 30);
  return (from ? "…" : "") + line.slice(from, from + 90) + (line.length > from + 90 ? "…" : "");
}

// --- what is done

function openOne({ id, conversation }) {
  if (!conversation.id) return tell(say("unreadable", { title: conversation.title || say("untitled") }));
  put(tab, OPEN, id);
  shown = { id, kept: id };
  tell("");
  trigger("opened", { conversation });
  draw();
  if (!matchMedia(WIDE).matches) toggle(false);
}

function rename(item, entry) {
  const field = make("input", { value: titleOf(entry), maxLength: 200, ariaLabel: say("new_title") });
  const cancel = () => redraw(entry.id, "rename");
  const save = () => {
    const title = field.value.trim().replace(/\s+/g, " ");
    if (!title) return field.focus();
    const now = entries().find(({ id }) => id === entry.id); // another tab may have gone on with it, or deleted it
    if (now) write(now.id, { ...now.conversation, title }, now.updated);
    if (entry.id === openId()) trigger("renamed", { id: shown.id, title });
    cancel();
  };
  const form = make("form", {}, field, button("save", "submit"), button("cancel", "button", cancel));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  onEscape(form, cancel);
  item.replaceChildren(form);
  field.select();
}

function ask(item, entry) {
  const title = titleOf(entry);
  const keepIt = () => redraw(entry.id, "delete");
  const remove = () => {
    disk.removeItem(KEY + entry.id);
    if (entry.id === openId()) {
      tab?.removeItem(OPEN);
      trigger("deleted");
    }
    tell(say("deleted", { title }));
    document.activeElement.blur();
    draw();
    (list.querySelector("button") ?? search).focus();
  };
  const sure = make("p", { textContent: say("sure", { title }), id: `sure-${entry.id}` });
  const kept = button("keep", "button", keepIt);
  const group = make("div", { className: "dl-sure" }, sure, button("delete_now", "button", remove), kept);
  group.role = "group";
  group.setAttribute("aria-labelledby", sure.id);
  onEscape(group, keepIt);
  item.replaceChildren(group);
  kept.focus();
}

const onEscape = (node, leave) => node.addEventListener("keydown", ({ key }) => key === "Escape" && leave());
const button = (key, type, onclick = null) => make("button", { type, textContent: say(key), onclick });

function redraw(id, act) {
  document.activeElement.blur();
  draw();
  rowOf(id)?.querySelector(`[data-act=${act}]`)?.focus();
}

function save({ name, type, text }) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// --- the sidebar

const bar = element.closest(".sidebar");
const toggler = bar.querySelector(".toggle-button");
const isOpen = () => bar.classList.contains("open");
const toggle = (open) => isOpen() !== open && toggler.click();
function name() {
  toggler.ariaLabel = say(isOpen() ? "hide" : "show");
  toggler.ariaExpanded = String(isOpen());
}
toggler.addEventListener("click", ({ isTrusted }) => isTrusted && put(disk, CLOSED, isOpen() ? "yes" : ""));
new MutationObserver(name).observe(bar, { attributeFilter: ["class"] });
name();
document.querySelector("#begin")?.addEventListener("click", () => matchMedia(WIDE).matches || toggle(false));

watch("value", () => {
  if (props.value?.conversation) keep(props.value.conversation);
  if (props.value?.file) save(props.value.file);
  draw();
});
search.oninput = draw;
window.addEventListener("storage", draw);
window.datelineHistory = {
  /** Show the conversation that was on this tab's screen before it was loaded again. */
  resume() {
    if (matchMedia(WIDE).matches && !disk?.getItem(CLOSED)) toggle(true);
    const conversation = entries().find(({ id }) => id === openId())?.conversation;
    if (conversation) trigger("opened", { conversation });
  },
};
draw();
