// The page: a session in a worker, the models, and a panel a tab.
import { connect, type RuntimeInfo } from 'sparsetag';
import { modelChoice, openModel } from './models/model-choice.js';
import { Models } from './models/models.js';
import { startOffline } from './offline.js';
import { TagPanel } from './tag/tag-panel.js';
import { RunStore } from './train/run-store.js';
import { Training } from './train/training.js';
import { acceptDrops } from './ui/drops.js';
import { byId } from './ui/element.js';
import { notifyError } from './ui/notices.js';
import { Panels } from './ui/panels.js';
import { startTabs } from './ui/tabs.js';
import { themeSwitch } from './ui/theme.js';

const DEMO_MODEL = 'demo/model.safetensors';

function describe({ build, threads, reason }: RuntimeInfo): string {
  const count = threads === 1 ? 'one thread' : `${threads} threads`;
  return `Computing with the ${build} kernels on ${count}${reason === null ? '' : `: ${reason}`}. Nothing that you enter leaves this device.`;
}

/** As many as the address asks for (`?threads=2`), else one is left to the page itself. */
function threadsOf(search: string): number {
  const asked = Number(new URLSearchParams(search).get('threads'));
  return Number.isInteger(asked) && asked >= 1 && asked <= 64 ? asked : Math.max(1, Math.min(64, navigator.hardwareConcurrency - 1));
}

async function start(): Promise<void> {
  // The page can be used while its worker starts and the model is on its way.
  const session = connect({ threads: threadsOf(location.search) });
  const demo = fetch(DEMO_MODEL).catch(() => null);
  const models = new Models(session);
  const store = new RunStore();
  const training = new Training(session, store, models);
  const tagging = new TagPanel(byId('panel-tag'), models);
  const panels = new Panels({
    masks: async () => new (await import('./masks/masks-panel.js')).MasksPanel(byId('panel-masks'), models),
    train: async () => new (await import('./train/train-panel.js')).TrainPanel(byId('panel-train'), training),
    verify: async () => new (await import('./verify/verify-panel.js')).VerifyPanel(byId('panel-verify'), models),
  });
  const tabs = startTabs(document.querySelector('[role=tablist]')!, (name) => void panels.choose(name));
  byId('choices').append(
    modelChoice(models),
    themeSwitch(() => panels.redraw()),
  );
  acceptDrops(async (file) => {
    if (file.name.endsWith('.safetensors')) return openModel(models, file);
    tabs.choose('tag');
    tagging.setText(await file.text());
  });
  byId('engine').textContent = describe((await session).info);
  await loadModels(models, store, demo);
  await training.recall();
  await panels.loadAll();
  document.documentElement.dataset.ready = 'true';
}

/** The demo model first, then those that were trained here before; the demo is the one in use. One that cannot be read is told of. */
async function loadModels(models: Models, store: RunStore, demoFile: Promise<Response | null>): Promise<void> {
  const add = (name: string, file: Blob): Promise<unknown> => models.add(name, file).catch(notifyError);
  const response = await demoFile;
  if (response?.ok) await add('Demo', await response.blob());
  const [demo] = models.all;
  for (const { name, bytes } of await store.models()) await add(name, new Blob([bytes]));
  if (demo) models.use(demo);
}

// Only then, since it fetches every file a second time, which the start would have to wait for.
start().catch(notifyError).finally(startOffline);
