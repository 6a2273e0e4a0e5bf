// One file per behaviour. Pages work without any of them.
import "./script-only.js";
import "./scroll-to-current.js";
import "./style-data.js";
import "./drawer.js";
import "./menu.js";
import "./dialog.js";
import "./details.js";
import "./confirm.js";
import "./theme.js";
import "./toast.js";
import "./request-errors.js";
import "./shortcuts.js";
import "./hover-preview.js";
import "./player.js";
import "./player-keys.js";
import "./image-drop.js";
import "./character-count.js";
import "./drafts.js";
import "./composer.js";
import "./submit-once.js";
import "./seed.js";
import "./row-selection.js";
import "./relative-times.js";
import "./elapsed-time.js";
import "./live-updates.js";
import "./live-counts.js";
import "./tab-title.js";
import "./notifications.js";
import "./copy.js";
import "./show-password.js";
import "./comparison.js";
import "./timesheet.js";
import "./autosave.js";
import "./unsaved.js";
import "./scene-dialog.js";
import "./storyboard.js";
import "./mentions.js";
import "./prompt-insert.js";
import "./presence.js";
import { initialize } from "./dom.js";

initialize("#film-make, [data-chapters]", () => import("./film-page.js")); // loaded only on film pages
initialize("form[data-player-time]", () => import("./player-time.js")); // on the pages of works
initialize("cel-player", () => {
  import("./player-settings.js");
  import("./player-position.js");
  import("./player-preview.js");
  import("./player-part.js");
  import("./player-chapters.js");
  import("./player-touch.js");
});
initialize("[data-sync]", () => import("./player-sync.js"));
initialize("cel-reel", () => import("./reel.js"));
initialize("cel-reel[waits]", async (reel) => (await import("./first-film.js")).startReel(reel)); // of a film in the making
initialize(".clip-main .wait-sheet", async (sheet) =>
  (await import("./play-finished.js")).playWhenFinished(sheet.parentElement));
initialize("[data-plays]", () => import("./plays.js")); // on the page of a work
initialize("[data-wall]", () => import("./wall.js"));
initialize("form[data-composer]", () => {
  import("./keep-choices.js");
  import("./hold-generate.js");
  import("./length-slider.js");
  import("./prompt-suggestions.js");
  import("./video-upload.js");
});
initialize("#improved", () => import("./improve.js"));
initialize("[data-optimistic]", () => import("./optimistic.js"));
initialize("[data-comments]", () => import("./comments.js"));
initialize("[data-playlist-order]", async (list) => (await import("./playlist-order.js")).enableOrdering(list));
