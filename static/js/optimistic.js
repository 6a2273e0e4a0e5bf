// Show a like or a follow at once; the server's response replaces the button, or a refusal restores it.
import { find } from "./dom.js";

const buttonOf = ({ detail: { ctx } }) =>
  ctx?.sourceElement?.matches?.("[data-optimistic]") ? find("[aria-pressed]", ctx.sourceElement) : null;

function toggle(button) {
  const isOn = button.ariaPressed !== "true";
  button.ariaPressed = String(isOn);
  const tally = find("[data-tally]", button);
  if (tally) tally.textContent = Math.max(0, Number(tally.textContent) + (isOn ? 1 : -1));
}

document.addEventListener("htmx:before:request", (event) => {
  const button = buttonOf(event);
  if (button) toggle(button);
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  if (ctx?.response?.status < 400) return;
  const button = buttonOf(event);
  if (button?.isConnected) toggle(button);
});
