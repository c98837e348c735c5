// Arengo: progressive enhancement only. Every page works without this file.
"use strict";

const token = () => document.body.dataset.csrf ?? "";

// A form that is being sent ignores a second click. The button keeps its name
// and value because it is disabled only after the form data are collected.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", "true")));
});

// Coming back with the browser's button makes forms usable again.
addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  });
});

// data-opened="URL": told once, when a person really sees the page. Mail
// scanners fetch pages but do not make them visible.
const opened = document.querySelector("[data-opened]");
if (opened) {
  const tell = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", tell);
    fetch(opened.dataset.opened, { method: "POST", headers: { "X-CSRF-Token": token() }, keepalive: true }).catch(() => {});
  };
  document.addEventListener("visibilitychange", tell);
  tell();
}

// form[data-autosave="URL"]: the draft is saved shortly after the last change
// and when the page is hidden. The answer may carry {"message": "…"}, shown in
// the [data-saved] line of the form.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  let timer = 0;
  let dirty = false;
  const line = (form.querySelector("[data-saved] span") ?? document.querySelector("[data-saved] span"));
  const save = async (keepalive) => {
    clearTimeout(timer);
    if (!dirty || form.dataset.sent) return;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { Accept: "application/json", "X-CSRF-Token": token() },
        keepalive,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (line && said.message) line.textContent = said.message;
    } catch {
      dirty = true;
    }
  };
  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(() => save(false), 1500);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save(true);
  });
}

// details.ar-lang behave as menus: Escape closes them and gives the focus
// back; a click elsewhere closes them.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.ar-lang[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.ar-lang[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// [data-count="ID"] shows how many characters are left in the field ID.
for (const note of document.querySelectorAll("[data-count]")) {
  const field = document.getElementById(note.dataset.count);
  const max = Number(field?.getAttribute("data-max") ?? field?.maxLength ?? 0);
  if (!field || max <= 0) continue;
  const write = () => { note.textContent = `${field.value.length}/${max}`; };
  field.addEventListener("input", write);
  write();
}
