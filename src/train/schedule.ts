import type { OptimizerConfig } from '../config/config.js';

/** Learning rate of an epoch (from 1): rate / (1 + decay (epoch - 1)), or constant. Only + - * / touch it. */
export function learningRate(config: OptimizerConfig, epoch: number): number {
  return config.schedule === 'inverse' ? config.rate / (1 + config.decay * (epoch - 1)) : config.rate;
}
