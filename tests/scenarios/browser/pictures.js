// Draws a picture again in six shades of each colour, with a palette (PNG, third edition: colour type 3): a third as long, and
// as readable. Takes and gives hexadecimal digits.
const [hex] = arguments;
const done = arguments[arguments.length - 1];
const SHADES = 6;

const bytes = (text) => Uint8Array.from(text.match(/../g), (it) => parseInt(it, 16));
const digits = (it) => Array.from(it, (byte) => byte.toString(16).padStart(2, "0")).join("");
const join = (parts) => new Uint8Array(parts.flatMap((part) => [...part]));
const number = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

function check(data) {
  let rest = 0xffffffff;
  for (const byte of data) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  }
  return number(~rest >>> 0);
}

function chunk(name, data) {
  const named = join([[...name].map((it) => it.charCodeAt(0)), data]);
  return join([number(data.length), named, check(named)]);
}

async function pack(data) {
  const packed = new Blob([data]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function redraw() {
  const picture = await createImageBitmap(new Blob([bytes(hex)]));
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const shade = (value) => Math.round((value / 255) * (SHADES - 1));
  const rows = new Uint8Array((width + 1) * height); // each row begins with how it is filtered: not at all
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      rows[y * (width + 1) + 1 + x] = (shade(data[at]) * SHADES + shade(data[at + 1])) * SHADES + shade(data[at + 2]);
    }
  }
  const colours = Array.from({ length: SHADES ** 3 }, (_, it) =>
    [Math.floor(it / SHADES ** 2), Math.floor(it / SHADES) % SHADES, it % SHADES].map((level) => (level * 255) / (SHADES - 1)));
  return join([
    bytes("89504e470d0a1a0a"),
    chunk("IHDR", [...number(width), ...number(height), 8, 3, 0, 0, 0]),
    chunk("PLTE", colours.flat()),
    chunk("IDAT", await pack(rows)),
    chunk("IEND", []),
  ]);
}

redraw().then((it) => done(digits(it)), (error) => done(`${error}`));
