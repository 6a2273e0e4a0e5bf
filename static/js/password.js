// Shows what was typed into a password field.
import { on, one } from "./dom.js";

on("click", "[data-show-password]", (event, button) => {
  const field = one(button.dataset.showPassword);
  const isHidden = field.type === "password";
  field.type = isHidden ? "text" : "password";
  button.setAttribute("aria-pressed", String(isHidden));
});
