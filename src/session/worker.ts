// What the worker of a session runs, on every host.
import { expose } from 'comlink';
import { enterWorker } from '../runtime/worker.js';
import { SessionHost } from './host.js';

enterWorker((port) => expose(new SessionHost(), port));
