/** An element of an XML document: what tests of pictures need of it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const MARKUP = /<(?:\/([\w-]+)|([\w-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?))>|([^<]+)/y;

/** Reads well-formed XML of elements, attributes and text, and throws at anything else. */
export function parseXml(text: string): XmlElement {
  const root: XmlElement & { children: (XmlElement | string)[] } = { name: '', attributes: {}, children: [] };
  const open = [root];
  for (MARKUP.lastIndex = 0; MARKUP.lastIndex < text.length; ) {
    const at = MARKUP.lastIndex;
    const found = MARKUP.exec(text);
    if (!found) throw new Error(`no XML at ${text.slice(at, at + 40)}`);
    const [, closed, opened, attributes, isEmpty, content] = found;
    if (closed !== undefined) {
      if (open.pop()!.name !== closed) throw new Error(`</${closed}> closes nothing`);
    } else if (opened !== undefined) {
      const pairs = [...attributes!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, decode(value!)] as const);
      if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`<${opened}> has an attribute twice`);
      const element = { name: opened, attributes: Object.fromEntries(pairs), children: [] };
      open.at(-1)!.children.push(element);
      if (isEmpty === '') open.push(element);
    } else if (content!.trim() !== '') open.at(-1)!.children.push(decode(content!));
  }
  if (open.length > 1 || root.children.length !== 1 || typeof root.children[0] === 'string') throw new Error('not one element');
  return root.children[0]!;
}

function decode(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no such characters
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/.test(text)) throw new Error('a character that XML does not allow');
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const character = ENTITIES[name];
    if (character === undefined) throw new Error(`no entity: ${whole}`);
    return character;
  });
}

/** All elements of that name, in document order. */
export function elements(element: XmlElement, name: string): XmlElement[] {
  const below = element.children.flatMap((child) => (typeof child === 'string' ? [] : elements(child, name)));
  return element.name === name ? [element, ...below] : below;
}

/** The text of every `<text>`. */
export function labels(picture: XmlElement): string[] {
  return elements(picture, 'text').map(({ children }) => children.join(''));
}
