// The page: a session in a worker, the models, and a panel a tab.
import { connect, type RuntimeInfo } from 'sparsetag';
import { MasksPanel } from './masks/masks-panel.js';
import { modelChoice, openModel } from './models/model-choice.js';
import { Models } from './models/models.js';
import { startOffline } from './offline.js';
import { TagPanel } from './tag/tag-panel.js';
import { RunStore } from './train/run-store.js';
import { TrainPanel } from './train/train-panel.js';
import { Training } from './train/training.js';
import { acceptDrops } from './ui/drops.js';
import { byId } from './ui/element.js';
import { notifyError } from './ui/notices.js';
import { startTabs } from './ui/tabs.js';
import { themeSwitch } from './ui/theme.js';
import { VerifyPanel } from './verify/verify-panel.js';

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
  // The page can be used while its worker starts.
  const session = connect({ threads: threadsOf(location.search) });
  const models = new Models(session);
  const store = new RunStore();
  const training = new Training(session, store, models);
  const tagging = new TagPanel(byId('panel-tag'), models);
  const masks = new MasksPanel(byId('panel-masks'), models);
  const verify = new VerifyPanel(byId('panel-verify'), models);
  new TrainPanel(byId('panel-train'), training);
  const tabs = startTabs(document.querySelector('[role=tablist]')!, (name) => {
    masks.show(name === 'masks');
    verify.show(name === 'verify');
  });
  byId('choices').append(
    modelChoice(models),
    themeSwitch(() => masks.redraw()),
  );
  acceptDrops(async (file) => {
    if (file.name.endsWith('.safetensors')) return openModel(models, file);
    tabs.choose('tag');
    tagging.setText(await file.text());
  });
  byId('engine').textContent = describe((await session).info);
  await loadModels(models, store);
  await training.recall();
  document.documentElement.dataset.ready = 'true';
}

/** The demo model first, then those that were trained here before; the demo is the one in use. One that cannot be read is told of. */
async function loadModels(models: Models, store: RunStore): Promise<void> {
  const add = (name: string, file: Blob): Promise<unknown> => models.add(name, file).catch(notifyError);
  const response = await fetch(DEMO_MODEL).catch(() => null);
  if (response?.ok) await add('Demo', await response.blob());
  const [demo] = models.all;
  for (const { name, bytes } of await store.models()) await add(name, new Blob([bytes]));
  if (demo) models.use(demo);
}

// Only then, since it fetches every file a second time, which the start would have to wait for.
start().catch(notifyError).finally(startOffline);
