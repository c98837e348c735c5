// Arengo, pages of the staff: progressive enhancement only.
"use strict";

// form[data-preview]: what is typed shows in the preview beside the form, and
// in the sentence of the condition, before it is saved.
for (const form of document.querySelectorAll("form[data-preview]")) {
  let timer = 0;
  let asked = 0;
  const parts = ["#anteprima", "#quando .ar-rule > p:last-child"];
  const show = async () => {
    const number = ++asked;
    const data = new URLSearchParams(new FormData(form));
    data.set("fai", "anteprima");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-CSRF-Token": document.body.dataset.csrf ?? "" } });
      if (!answer.ok || number !== asked) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts) {
        const from = fresh.querySelector(part);
        document.querySelector(part)?.replaceChildren(...(from ? from.childNodes : []));
      }
    } catch {
      // The button does the same.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 600);
  });
}

// [data-refresh="SECONDS"]: the element is fetched again from the page's own
// address while somebody looks at it. It is found there by its id.
for (const part of document.querySelectorAll("[data-refresh][id]")) {
  setInterval(async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.replaceChildren(...fresh.childNodes);
    } catch {
      // The next one may succeed.
    }
  }, Math.max(5, Number(part.dataset.refresh)) * 1000);
}
