/** Text of a file as a message shows it: quoted, and not at any length. */
export const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
