// Send where the player is with a form that asks for it, so that a remix starts from the frame that is shown.
import { find, on } from "./dom.js";

on("submit", "form[data-player-time]", (event, form) => {
  const video = find("cel-player video");
  if (video?.readyState) form.elements.namedItem("at").value = video.currentTime.toFixed(3);
});
