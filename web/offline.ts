/** Lets the page be used without a network after it was loaded once, where the browser can. */
export function startOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  // A browser that refuses (a private window, no secure context) shows the page all the same.
  navigator.serviceWorker.register('service-worker.js', { type: 'module' }).catch(() => {});
}
