import { afterEach, expect, test, vi } from 'vitest';
import { pauseForHost } from '../../src/runtime/pause.js';
import { EventReceiver, EventSender } from '../../src/session/event-port.js';

let close = (): void => {};
afterEach(() => close());

function open(signal = new AbortController().signal) {
  const { port1, port2 } = new MessageChannel();
  close = () => {
    port1.close();
    port2.close();
  };
  const posted = vi.spyOn(port2, 'postMessage');
  return { posted, receiver: new EventReceiver<number>(port1), sender: new EventSender<number>(port2, signal) };
}

test('events that are sent before the host is let in come in one message, in their order', async () => {
  const { posted, receiver, sender } = open();
  for (let event = 0; event < 10; event++) await sender.send(event, []);
  expect(posted).not.toHaveBeenCalled();
  await pauseForHost();
  expect(posted).toHaveBeenCalledTimes(1);
  await sender.send(10, []);
  sender.end();
  const taken: number[] = [];
  for await (const event of receiver.events()) taken.push(event);
  expect(taken).toEqual(Array.from({ length: 11 }, (_, event) => event));
});

test('a sender is at most 64 events ahead of who takes them', async () => {
  const { receiver, sender } = open();
  let sent = 0;
  const sending = (async () => {
    for (; sent < 200; sent++) await sender.send(sent, []);
    sender.end();
  })();
  let taken = 0;
  for await (const event of receiver.events()) {
    expect(event).toBe(taken);
    taken += 1;
    if (taken === 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sent - taken).toBeLessThanOrEqual(64);
  }
  await sending;
  expect(taken).toBe(200);
});

test('a sender that waits for room goes on when its signal is aborted', async () => {
  const controller = new AbortController();
  const { sender } = open(controller.signal);
  for (let event = 0; event < 64; event++) await sender.send(event, []);
  let isSent = false;
  const last = sender.send(64, []).then(() => {
    isSent = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isSent).toBe(false);
  controller.abort();
  await last;
});
