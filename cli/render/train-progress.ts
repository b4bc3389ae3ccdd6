import type { Phase, Scores, TrainEvent } from 'sparsetag';
import { counted, formatBytes, formatCount, formatDuration, formatPercent } from './quantity.js';
import { formatBar, StatusLine } from './status-line.js';
import { styled, type Terminal } from './terminal.js';

/** How much the newest step weighs in the shown loss. */
const LOSS_WEIGHT = 0.02;

/** Shows a training run as its events come: a line for each phase, epoch and round, and a bar below them. */
export class TrainProgressView {
  readonly #line: StatusLine;
  readonly #startedAt: number;
  #firstStep: number | null = null;
  #loss: number | null = null;
  #tokens = 0;
  #dev = '';

  constructor(
    readonly terminal: Terminal | null,
    readonly now: () => number = () => performance.now(),
  ) {
    this.#line = new StatusLine(terminal, now);
    this.#startedAt = now();
  }

  /** Tokens a second since the run began (or was resumed). */
  get tokensPerSecond(): number {
    return this.#tokens / Math.max(this.#seconds, 1e-9);
  }

  get #seconds(): number {
    return (this.now() - this.#startedAt) / 1000;
  }

  show(event: TrainEvent): void {
    if (event.type === 'start') this.#start(event);
    if (event.type === 'phase') this.#phase(event);
    if (event.type === 'step') this.#step(event);
    if (event.type === 'epoch') this.#epoch(event);
    if (event.type === 'subnet') {
      const dev = event.dev === null ? '' : `, dev ${event.dev.toFixed(2)}`;
      this.#line.print(`${event.task}: subnet of round ${event.round}, ${formatCount(event.kept)} weights${dev}`);
    }
  }

  end(): void {
    this.#line.clear();
  }

  #start(event: TrainEvent & { type: 'start' }): void {
    const bytes = event.memory.reduce((sum, region) => sum + region.bytes, 0);
    this.#line.print(
      `${formatCount(event.words)} words, ${formatCount(event.characters)} characters, ${formatCount(event.parameters)} parameters ` +
        `(${formatCount(event.prunable)} prunable), ${formatCount(event.totalSteps)} steps, ${formatBytes(bytes)} of kernel memory`,
    );
  }

  #phase({ phase, epochs, stepsPerEpoch, kept }: TrainEvent & { type: 'phase' }): void {
    this.#loss = null;
    this.#dev = '';
    const budget = `${counted(epochs, 'epoch')} of ${counted(stepsPerEpoch, 'step')}`;
    this.#line.print(styled(this.terminal, 'bold', `${phaseName(phase)}: ${budget}, ${formatCount(kept)} weights kept`));
  }

  #step({ phase, epoch, step, totalSteps, loss, tokens }: TrainEvent & { type: 'step' }): void {
    this.#firstStep ??= step - 1;
    this.#tokens += tokens;
    this.#loss = this.#loss === null ? loss : this.#loss + LOSS_WEIGHT * (loss - this.#loss);
    const done = step - this.#firstStep;
    this.#line.update((isInteractive) => {
      const left = (this.#seconds / done) * (totalSteps - step);
      const parts = [
        // A narrow terminal cuts the end off, so what is wanted most comes first.
        ...(isInteractive ? [formatBar(step / totalSteps, 10)] : []),
        formatPercent(step / totalSteps),
        `${formatDuration(left)} left`,
        `${phaseName(phase)} epoch ${epoch}`,
        `loss ${this.#loss!.toFixed(4)}`,
        `${formatCount(this.tokensPerSecond)} tokens/s`,
        ...(this.#dev === '' ? [] : [`dev ${this.#dev}`]),
      ];
      return parts.join('  ');
    });
  }

  #epoch({ phase, epoch, losses, dev, best }: TrainEvent & { type: 'epoch' }): void {
    this.#dev = formatScores(dev);
    // Only the last epoch of a warm-up is scored.
    const scored = this.#dev === '' ? '' : `  dev ${this.#dev}`;
    const line = `${phaseName(phase)} epoch ${epoch}  loss ${formatScores(losses, 4)}${scored}${best ? '  *' : ''}`;
    this.#line.print(best ? line : styled(this.terminal, 'dim', line));
  }
}

function phaseName({ name, task, round }: Phase): string {
  if (name === 'prune') return `prune ${task} round ${round}`;
  return task === null ? name : `${name} ${task}`;
}

function formatScores(scores: Scores, digits = 2): string {
  return scores.map(({ task, score }) => (scores.length === 1 ? score.toFixed(digits) : `${task} ${score.toFixed(digits)}`)).join(' ');
}
