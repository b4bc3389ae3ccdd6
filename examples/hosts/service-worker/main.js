const { serviceWorker } = navigator;
const controlled = new Promise((resolve) => serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
await serviceWorker.register('sw.bundle.js', { type: 'module' });
if (!serviceWorker.controller) await controlled;
const response = await fetch(`entities?text=${encodeURIComponent('Ada Lovelace lived in London.')}`);
document.body.textContent = await response.text();
