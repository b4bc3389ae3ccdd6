import type { TrainEvent } from 'sparsetag';
import { describe, expect, test } from 'vitest';
import { formatBytes, formatCount, formatDuration } from '../../cli/render/quantity.js';
import { formatBar, StatusLine } from '../../cli/render/status-line.js';
import { formatTable } from '../../cli/render/table.js';
import { openTerminal, type Terminal } from '../../cli/render/terminal.js';
import { TrainProgressView } from '../../cli/render/train-progress.js';

function fakeTerminal(isInteractive: boolean): Terminal & { text: string } {
  return {
    text: '',
    isInteractive,
    hasColour: false,
    columns: 200,
    write(text) {
      this.text += text;
    },
  };
}

test('a table aligns its columns and leaves no space at the end of a line', () => {
  expect(
    formatTable(
      [
        ['task', 'score'],
        ['pos', '93.10'],
        ['überlang', '7'],
      ],
      ['left', 'right'],
    ),
  ).toBe('task      score\npos       93.10\nüberlang      7\n');
});

test.each([
  [0, '0'],
  [999, '999'],
  [1490700, '1,490,700'],
  [1234.6, '1,235'],
])('%d is written %s', (value, text) => {
  expect(formatCount(value)).toBe(text);
});

test.each([
  [0.4, '0s'],
  [59.6, '1m 00s'],
  [185, '3m 05s'],
  [3725, '1h 02m'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [999, '999 bytes'],
  [19_372_465, '19.4 MB'],
  [117_897_434, '118 MB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('a bar stays within its brackets', () => {
  expect([-1, 0, 0.5, 1, 2].map((fraction) => formatBar(fraction, 4))).toEqual(['[----]', '[----]', '[##--]', '[####]', '[####]']);
});

describe('a status line', () => {
  test('is drawn over on a terminal, ten times a second at most', () => {
    const terminal = fakeTerminal(true);
    let time = 0;
    const line = new StatusLine(terminal, () => time);
    for (; time < 300; time += 50) line.update(() => `at ${time}`);
    line.print('done');
    expect(terminal.text).toBe('\r\u001b[2Kat 0\r\u001b[2Kat 100\r\u001b[2Kat 200\r\u001b[2Kdone\n');
  });

  test('is a plain line every five seconds elsewhere', () => {
    const terminal = fakeTerminal(false);
    let time = 0;
    const line = new StatusLine(terminal, () => time);
    for (; time < 12_000; time += 1000) line.update(() => `at ${time}`);
    line.print('done');
    expect(terminal.text).toBe('at 0\nat 5000\nat 10000\ndone\n');
  });

  test('is silent without a terminal', () => {
    const line = new StatusLine(null);
    line.update(() => {
      throw new Error('made for nobody');
    });
    line.print('x');
    line.clear();
  });
});

test('colour is for terminals, unless NO_COLOR says no', () => {
  const stream = (isTTY: boolean) => ({ isTTY, write: () => true }) as unknown as NodeJS.WriteStream;
  expect(openTerminal(stream(true), {}).hasColour).toBe(true);
  expect(openTerminal(stream(true), { NO_COLOR: '1' }).hasColour).toBe(false);
  expect(openTerminal(stream(true), { TERM: 'dumb' })).toMatchObject({ hasColour: false, isInteractive: false });
  expect(openTerminal(stream(false), {}).hasColour).toBe(false);
});

test('the progress of training has phase, epoch, loss, dev score, speed and time left', () => {
  const terminal = fakeTerminal(true);
  let time = 0;
  const view = new TrainProgressView(terminal, () => time);
  const phase = { name: 'train', task: null, round: -1 } as const;
  const step = (number: number): TrainEvent => ({
    type: 'step',
    phase,
    epoch: 2,
    task: 'pos',
    step: number,
    totalSteps: 100,
    loss: 0.5,
    tokens: 200,
  });
  view.show({ type: 'epoch', phase, epoch: 1, rate: 0.1, losses: [], dev: [{ task: 'pos', score: 91.234 }], best: true });
  for (let number = 1; number <= 10; number++) {
    time += 1000;
    view.show(step(number));
  }
  expect(terminal.text).toContain('train epoch 1  loss   dev 91.23  *\n');
  expect(terminal.text.split('\r\u001b[2K').at(-1)).toBe(
    '[#---------]  10.0 %  1m 30s left  train epoch 2  loss 0.5000  200 tokens/s  dev 91.23',
  );
  expect(view.tokensPerSecond).toBe(200);
});

test('an epoch that is not scored shows no dev score', () => {
  const terminal = fakeTerminal(false);
  const phase = { name: 'warmup', task: null, round: -1 } as const;
  const view = new TrainProgressView(terminal);
  view.show({ type: 'epoch', phase, epoch: 1, rate: 0.1, losses: [{ task: 'pos', score: 2 }], dev: [], best: false });
  expect(terminal.text).toBe('warmup epoch 1  loss 2.0000\n');
});
