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

const DEMO_MODEL = 'demo/model.safetensors';

function describe({ build, threads, reason }: RuntimeInfo): string {
  const count = threads === 1 ? 'one thread' : `${threads} threads`;
  return `Computing with the ${build} kernels on ${count}${reason === null ? '' : `: ${reason}`}. Nothing that you enter leaves this device.`;
}

async function start(): Promise<void> {
  let masks: MasksPanel | null = null;
  const tabs = startTabs(document.querySelector('[role=tablist]')!, (name) => masks?.show(name === 'masks'));
  byId('choices').append(themeSwitch(() => masks?.redraw()));
  const session = await connect({ threads: 'auto' });
  byId('engine').textContent = describe(session.info);
  const models = new Models(session);
  byId('choices').prepend(modelChoice(models));
  const tagging = new TagPanel(byId('panel-tag'), models);
  masks = new MasksPanel(byId('panel-masks'), models);
  masks.show(tabs.chosen === 'masks');
  const store = new RunStore();
  const training = new Training(session, store, models);
  new TrainPanel(byId('panel-train'), training);
  acceptDrops(async (file) => {
    if (file.name.endsWith('.safetensors')) return openModel(models, file);
    tabs.choose('tag');
    tagging.setText(await file.text());
  });
  await loadModels(models, store);
  await training.recall();
  document.documentElement.dataset.ready = 'true';
}

/** The demo model first, then those that were trained here before; the demo is the one in use. */
async function loadModels(models: Models, store: RunStore): Promise<void> {
  const response = await fetch(DEMO_MODEL).catch(() => null);
  if (response?.ok) await models.add('Demo', await response.blob());
  const [demo] = models.all;
  for (const { name, bytes } of await store.models()) await models.add(name, new Blob([bytes]));
  if (demo) models.use(demo);
}

start().catch(notifyError);
startOffline();
