export { enterWorker, startWorker, type WorkerHandle } from '#platform';
