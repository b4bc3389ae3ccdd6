/** What an element is made of: text is only ever text. */
type Child = Node | string | null;

interface Properties {
  readonly class?: string;
  /** Attributes, by their names in HTML; null and false leave one out. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | null>>;
  readonly on?: Readonly<Record<string, (event: Event) => void>>;
}

/** Makes an element. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (properties.class) made.className = properties.class;
  setAttributes(made, properties.attributes ?? {});
  for (const [type, listener] of Object.entries(properties.on ?? {})) made.addEventListener(type, listener);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element of a picture. */
export function graphic<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>>,
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

function setAttributes(of: Element, attributes: Readonly<Record<string, string | number | boolean | null>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    of.setAttribute(name, value === true ? '' : `${value}`);
  }
}

/** Makes text the content of an element; nothing is laid out anew if it has that text already. */
export function setText(of: HTMLElement, text: string): void {
  if (of.textContent !== text) of.textContent = text;
}

/** An element of the page that the HTML has. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

let names = 0;

/** A control with its label. */
export function labelled(text: string, control: HTMLElement, hint?: string): HTMLElement {
  names += 1;
  control.id ||= `control-${names}`;
  const description = hint === undefined ? null : element('small', { attributes: { id: `${control.id}-hint` } }, hint);
  if (description) control.setAttribute('aria-describedby', description.id);
  return element('div', { class: 'field' }, element('label', { attributes: { for: control.id } }, text), control, description);
}

export function button(text: string, run: () => void, kind = ''): HTMLButtonElement {
  return element('button', { class: `button ${kind}`, attributes: { type: 'button' }, on: { click: run } }, text);
}

/** A list to choose from; values and what is shown. */
export function select(
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
  changed: (value: string) => void,
): HTMLSelectElement {
  const made = element(
    'select',
    { on: { change: () => changed(made.value) } },
    ...options.map(([value, text]) => element('option', { attributes: { value } }, text)),
  );
  made.value = chosen;
  return made;
}
