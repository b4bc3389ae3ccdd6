/**
 * Makes the buttons of a tab list choose panels, as the ARIA pattern has it: arrows, Home and End move and choose, only the chosen
 * tab is in the order of the Tab key. The chosen tab is in the address, so that it can be linked to.
 *
 * @param shown is told the name of a tab when it is chosen
 */
export function startTabs(list: HTMLElement, shown: (name: string) => void): { choose(name: string): void } {
  const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
  const nameOf = (tab: HTMLElement): string => tab.id.slice('tab-'.length);

  function choose(name: string): void {
    // First, since it has the page laid out, which is free as long as nothing has changed.
    history.replaceState(null, '', `#${name}`);
    for (const tab of tabs) {
      const isChosen = nameOf(tab) === name;
      tab.setAttribute('aria-selected', `${isChosen}`);
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute('aria-controls')!)!.hidden = !isChosen;
    }
    shown(name);
  }

  const KEYS: Readonly<Record<string, (at: number) => number>> = {
    ArrowRight: (at) => (at + 1) % tabs.length,
    ArrowLeft: (at) => (at + tabs.length - 1) % tabs.length,
    Home: () => 0,
    End: () => tabs.length - 1,
  };
  for (const [at, tab] of tabs.entries()) {
    tab.addEventListener('click', () => choose(nameOf(tab)));
    tab.addEventListener('keydown', (event) => {
      const next = tabs[KEYS[event.key]?.(at) ?? -1];
      if (!next) return;
      event.preventDefault();
      choose(nameOf(next));
      next.focus();
    });
  }
  const asked = tabs.find((tab) => nameOf(tab) === location.hash.slice(1));
  choose(nameOf(asked ?? tabs[0]!));
  return { choose };
}
