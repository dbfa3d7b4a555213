// A sound for a new urgent alert: only when it was turned on, and only after somebody has clicked on the page.

const HERTZ = [880, 660];
const SECONDS = 0.18;
let context = null;

function play() {
  context ??= new AudioContext();
  context.resume();
  HERTZ.forEach((hertz, index) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + index * SECONDS;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.2, at);
    volume.gain.linearRampToValueAtTime(0, at + SECONDS);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + SECONDS);
  });
}

const test = document.getElementById("test-sound");
if (test) {
  document.getElementById("test-sound-place").hidden = false;
  test.addEventListener("click", play);
}

const toggle = document.getElementById("sound-toggle");
if (toggle) {
  let on = true;
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    on = !on;
    toggle.textContent = on ? "Sound is on" : "Sound is off";
    toggle.setAttribute("aria-pressed", String(on));
    if (on) play();
  });
  addEventListener("hearth:arrived", (event) => { if (on && event.detail === "urgent") play(); });
}
