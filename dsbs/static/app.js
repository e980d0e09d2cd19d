// Only makes quicker what works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // Menus close when one looks elsewhere.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.drop[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.drop[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  // What is wrong in a form is read first.
  document.querySelector("[data-focus]")?.focus();

  // A form is sent once, however often its button is pressed; the button pressed keeps its value.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // A mail address is typed once: it stands in each field that asks for it, until one has gone on.
  const mails = document.querySelectorAll("[data-mail]");
  if (!mails.length) sessionStorage.removeItem("mail");
  for (const field of mails) {
    field.value ||= sessionStorage.getItem("mail") ?? "";
    field.addEventListener("input", () => {
      sessionStorage.setItem("mail", field.value);
      for (const other of mails) other.value = field.value;
    });
  }

  // What is to be taken along can be copied.
  for (const button of document.querySelectorAll("[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
      button.textContent = button.dataset.done;
    });
  }

  // How many rows are chosen.
  const count = (name) => {
    const words = document.querySelector(`[data-chosen="${name}"]`);
    if (!words) return;
    words.dataset.before ??= words.textContent;
    const chosen = document.querySelectorAll(`input[form="${name}"]:checked`).length;
    words.textContent = chosen ? words.dataset.words.replace("#", chosen) : words.dataset.before;
  };
  document.addEventListener("change", (event) => {
    const name = event.target.getAttribute("form");
    if (name) count(name);
  });
  for (const words of document.querySelectorAll("[data-chosen]")) count(words.dataset.chosen);

  // Filters beside a list answer at once: the parts marked data-live are taken from the page that the form asks for.
  const filters = document.querySelector("form[data-filters]");
  const beside = matchMedia("(min-width: 900px)");
  let asked = null;
  const refresh = async () => {
    const query = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value !== ""));
    const address = `${filters.action.split("?")[0]}${query.size ? `?${query}` : ""}`;
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const fresh = page.getElementById(part.id);
        if (fresh) part.replaceWith(fresh);
      }
      history.replaceState(null, "", address);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    }
  };
  filters?.addEventListener("change", () => { if (beside.matches) refresh(); });
  filters?.addEventListener("submit", (event) => {
    if (beside.matches) { event.preventDefault(); refresh(); }
  });
})();
