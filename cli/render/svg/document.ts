// Pictures as SVG text: the same data give the same bytes, and light or dark is the reader's choice.

/** Colours that people with any colour vision tell apart (Okabe and Ito's, two adjusted for dark backgrounds). */
export const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b8860b', '#56b4e9', '#7f3c8d', '#808080'] as const;

export const STYLE = [
  'text{font:12px system-ui,sans-serif;fill:#222}',
  '.title{font-size:15px;font-weight:600}',
  '.tick,.note{font-size:11px;fill:#555}',
  '.axis{fill:none;stroke:#555}',
  '.grid{fill:none;stroke:#ddd}',
  '.line{fill:none;stroke:currentColor;stroke-width:1.6}',
  '.bar{stroke:currentColor;stroke-width:1.4}',
  '.series{fill:currentColor}',
  '.cross{fill:none;stroke:currentColor;stroke-width:2}',
  ...PALETTE.map((colour, i) => `.s${i}{color:${colour}}`),
  '.paper{fill:#fff}',
  '@media(prefers-color-scheme:dark){.paper{fill:#16181c}text{fill:#eee}.tick,.note{fill:#aaa}.grid{stroke:#333}.axis{stroke:#999}.s0{color:#4aa8e0}.s6{color:#b07cc6}}',
].join('');

/** A whole SVG file. */
export function document(
  width: number,
  height: number,
  title: string,
  description: string,
  style: string,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<desc>${escapeText(description)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for an element or an attribute; characters that XML does not allow become U+FFFD. */
export function escapeText(text: string): string {
  return Array.from(text, (character) => (isAllowed(character.codePointAt(0)!) ? (ENTITIES[character] ?? character) : '\ufffd')).join('');
}

/** Text for a place that holds so many characters. */
export function shorten(text: string, characters: number): string {
  const all = Array.from(text);
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}

function isAllowed(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code < 0xd800 || (code > 0xdfff && code !== 0xfffe && code !== 0xffff);
}

/** A coordinate with one decimal. */
export function number(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}
