// Gradio does not translate the names of pages.
const names = props.names[navigator.language.slice(0, 2)] || props.names.en;
const name = () => document.querySelectorAll(".nav-holder a").forEach((link) => {
  const text = names[new URL(link.href).pathname.split("/").pop()];
  if (text && link.textContent.trim() !== text) link.textContent = text;
});
name();
new MutationObserver(name).observe(document.querySelector(".nav-holder") || document.body, { childList: true, subtree: true });
