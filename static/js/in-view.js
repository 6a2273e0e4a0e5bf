// Rows that scroll sideways begin where the chosen thing is: the tab one stands on, the style that is ticked.
import { each, one } from "./dom.js";

each(".tabs, .chips.scroll, .strip", (row) => {
  const here = one("[aria-current], :has(> :checked)", row);
  if (!here || row.scrollWidth <= row.clientWidth) return;
  const [its, ours] = [here.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += its.left + its.width / 2 - (ours.left + ours.width / 2);
});
