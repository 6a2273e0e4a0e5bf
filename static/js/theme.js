// Room lights: the server keeps the choice, this spares the reload and knows what "like the device" means right now.
import { on } from "./dom.js";

const root = document.documentElement;
const darkDevice = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => root.dataset.theme === "dark" || (root.dataset.theme !== "light" && darkDevice.matches);

on("submit", "[data-theme-form]", (event, form) => {
  event.preventDefault();
  const theme = isDark() ? "light" : "dark";
  const body = new FormData(form);
  body.set("theme", theme);
  root.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]")?.setAttribute("content", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true });
});
