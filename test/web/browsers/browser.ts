/** A tab. What is evaluated in it runs in the page, and sees nothing of the tests but its arguments. */
export interface Tab {
  open(url: string): Promise<void>;
  evaluate<Values extends unknown[], T>(run: (...values: Values) => T | Promise<T>, ...values: Values): Promise<T>;
  /** Runs a script that is no function of the tests. */
  inject(script: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** Presses a key, by its name in `KeyboardEvent.key`. */
  press(key: string): Promise<void>;
  screenshot(file: string): Promise<void>;
  close(): Promise<void>;
}

export interface Browser {
  /** With its version. */
  readonly name: string;
  newTab(): Promise<Tab>;
  close(): Promise<void>;
}

/** Waits until `isTrue` is so in the page. */
export async function until<Values extends unknown[]>(
  tab: Tab,
  what: string,
  isTrue: (...values: Values) => unknown,
  ...values: Values
): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await tab.evaluate(isTrue, ...values))) {
    if (Date.now() > end) throw new Error(`after a minute it is still not so that ${what}; the page says: ${await noticesOf(tab)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function noticesOf(tab: Tab): Promise<string> {
  return tab.evaluate(() => document.getElementById('notices')!.textContent!);
}
