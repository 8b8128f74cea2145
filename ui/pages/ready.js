// What every page does when it is ready; given to launch(js=...). Gradio knows a theme only from the address, and forgets
// it on the next page; of what screen readers need, the last lines mend what it leaves out or says wrongly.
() => {
  const key = "dateline-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is switched off: the theme lasts as long as the page
    }
  };
  const keep = (theme) => {
    try {
      localStorage.setItem(key, theme);
    } catch {
      // as above
    }
  };
  let now = kept() || new URLSearchParams(location.search).get("__theme") || "system";
  const show = (theme) => {
    now = theme;
    document.body.classList.toggle("dark", now === "dark" || (now === "system" && system.matches));
  };
  window.datelineTheme = {
    chosen: () => now,
    choose: (theme) => {
      keep(theme);
      show(theme);
    },
  };
  system.addEventListener("change", () => show(now));
  addEventListener("storage", (event) => event.key === key && show(event.newValue || "system"));
  show(now);

  // It says that the page is French in a French browser, where only a few words of its own are.
  if (!/^(en|es)\b/.test(document.documentElement.lang)) document.documentElement.lang = "en";
  document.querySelector("nav a.active")?.setAttribute("aria-current", "page");
  const mend = () => {
    // Its examples are buttons, not a list; its choices are a group without a name.
    document.querySelectorAll(".examples[role=list]").forEach((examples) => (examples.role = "group"));
    document.querySelectorAll("fieldset:not([aria-label])").forEach((group) => {
      const label = group.querySelector("[data-testid=block-info]");
      if (label) group.ariaLabel = label.textContent.trim();
    });
  };
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
  mend();
}
