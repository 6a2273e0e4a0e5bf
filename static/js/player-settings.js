// Speed and volume of the player, remembered on this device for all clips.
import { initialize } from "./dom.js";

const KEY = "player-settings";
const read = () => JSON.parse(localStorage.getItem(KEY) ?? "{}");

initialize("cel-player", (player) => {
  const { video, rate } = player;
  const slider = player.querySelector("[data-volume]");
  const { speed, volume, isMuted } = read();
  if ([...rate.options].some(({ value }) => Number(value) === speed)) {
    video.defaultPlaybackRate = speed; // stays after the video is loaded again
    video.playbackRate = speed;
  }
  if (volume >= 0 && volume <= 1) video.volume = volume;
  if (isMuted) video.muted = true;

  const store = () => {
    if (player.closest("[data-sync]")) return; // where a script changes the speed a little
    if (!video.muted) delete video.dataset.startedMuted;
    const isMuted = "startedMuted" in video.dataset ? Boolean(read().isMuted) : video.muted; // not by the user
    const settings = { speed: video.playbackRate, volume: video.volume, isMuted };
    localStorage.setItem(KEY, JSON.stringify(settings));
  };
  const showVolume = () => slider && (slider.value = video.muted ? 0 : video.volume * 100);
  slider?.addEventListener("input", () => {
    video.volume = slider.value / 100;
    video.muted = video.volume === 0;
  });
  video.addEventListener("volumechange", () => {
    showVolume();
    store();
  });
  video.addEventListener("ratechange", () => {
    video.defaultPlaybackRate = video.playbackRate;
    store();
  });
  showVolume();
});
