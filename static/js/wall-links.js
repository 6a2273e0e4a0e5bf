// Put the links of a clip on its tile while the pointer or the focus is there; the page has each once, as a template.
import { find, on } from "./dom.js";

function addLinks(event, tile) {
  for (const name of tile.dataset.links.split(" ")) {
    const link = find(`[data-link="${name}"]`, find("#tile-links").content).cloneNode(true);
    link.setAttribute("href", link.getAttribute("href").replace(/[0-9a-f-]{36}/, tile.id.slice(5)));
    find(".visually-hidden", link).textContent = find(".tile-title", tile).title;
    find(".tile-caption", tile).append(link);
  }
  tile.removeAttribute("data-links");
}

for (const type of ["pointerover", "focusin"]) on(type, "[data-wall] .tile[data-links]", addLinks);
