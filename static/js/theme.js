// Switch the theme without a reload; the server stores the choice.
import { on } from "./dom.js";

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => root.dataset.theme === "dark" || (root.dataset.theme !== "light" && prefersDark.matches);

on("submit", "[data-theme-form]", (event, form) => {
  event.preventDefault();
  const theme = isDark() ? "light" : "dark";
  const body = new FormData(form);
  body.set("theme", theme);
  root.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]")?.setAttribute("content", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
});
