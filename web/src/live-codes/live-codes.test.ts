import { describe, expect, test } from 'vitest';
import { type BulkRow, stepAt } from './code-book.ts';
import { createLiveCodes, type WatchedConfig } from './live-codes.ts';

const startMs = Date.parse('2026-03-10T12:00:07Z');

/** A tab whose time passes only when the test lets it, and a service that answers after 100 ms. */
function openTab(answer: (config: WatchedConfig, nowMs: number) => BulkRow = codeOf) {
  let nowMs = startMs;
  let isHidden = false;
  let timers: { readonly atMs: number; readonly task: () => void }[] = [];
  const questions: { readonly atMs: number; readonly ids: readonly number[] }[] = [];
  const configs = new Map<number, WatchedConfig>();

  const after = (ms: number, task: () => void) => {
    const timer = { atMs: nowMs + ms, task };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };
  const codes = createLiveCodes({
    ask: async (ids) => {
      questions.push({ atMs: nowMs, ids });
      await new Promise<void>((resolve) => after(100, resolve));
      return ids.flatMap((id) => {
        const config = configs.get(id);
        return config === undefined ? [] : [answer(config, nowMs)];
      });
    },
    nowMs: () => nowMs,
    isHidden: () => isHidden,
    after,
    jitter: () => 0.5,
  });

  return {
    codes,
    questions,
    watch(...list: WatchedConfig[]) {
      for (const config of list) configs.set(config.id, config);
      return codes.watch(list);
    },
    hide(hidden: boolean) {
      isHidden = hidden;
      codes.wake();
    },
    async pass(seconds: number) {
      const untilMs = nowMs + seconds * 1000;
      for (;;) {
        // What was answered is taken down before the time goes on.
        await new Promise(setImmediate);
        const [next] = timers.toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs > untilMs) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.task();
      }
      nowMs = untilMs;
    },
  };
}

function codeOf({ id, intervalSeconds }: WatchedConfig, nowMs: number): BulkRow {
  const step = stepAt(nowMs, intervalSeconds);
  return {
    config_id: id,
    success: true,
    otp_code: String(step % 1_000_000).padStart(6, '0'),
    next_otp_code: String((step + 1) % 1_000_000).padStart(6, '0'),
    remaining_seconds: Math.ceil(((step + 1) * intervalSeconds * 1000 - nowMs) / 1000),
  };
}

const thirty = (id: number): WatchedConfig => ({ id, intervalSeconds: 30 });

describe('live codes', () => {
  test('of any number of configurations cost one question a period', async () => {
    const tab = openTab();
    tab.watch(...Array.from({ length: 40 }, (_, at) => thirty(at + 1)));
    await tab.pass(1);
    expect(tab.questions.map(({ ids }) => ids.length)).toEqual([40]);
    await tab.pass(300);
    expect(tab.questions).toHaveLength(11);
    expect(tab.questions.every(({ ids }) => ids.length === 40)).toBe(true);
  });

  test('are asked for a moment after the period began, when the answer before has shown them already', async () => {
    const tab = openTab();
    tab.watch(thirty(1));
    await tab.pass(25);
    const [, second] = tab.questions;
    expect(second?.atMs).toBe(Date.parse('2026-03-10T12:00:30.500Z'));
    const step = stepAt(startMs + 25_000, 30);
    expect(tab.codes.read().known.get(1)?.byStep.has(step)).toBe(true);
  });

  test('of different periods fit into the limit of the service', async () => {
    const tab = openTab();
    tab.watch(...[10, 11, 13, 17, 19, 23, 29, 31].map((intervalSeconds, id) => ({ id, intervalSeconds })));
    await tab.pass(600);
    const busiest = Math.max(
      ...tab.questions.map(({ atMs }) => tab.questions.filter((q) => q.atMs >= atMs && q.atMs < atMs + 60_000).length),
    );
    expect(busiest).toBeLessThanOrEqual(10);
  });

  test('are not asked for while the tab is hidden, and at once when it comes back', async () => {
    const tab = openTab();
    tab.watch(thirty(1));
    await tab.pass(1);
    tab.hide(true);
    await tab.pass(600);
    expect(tab.questions).toHaveLength(1);
    tab.hide(false);
    await tab.pass(1);
    expect(tab.questions).toHaveLength(2);
  });

  test('are not asked for when nobody looks at them any more', async () => {
    const tab = openTab();
    const stop = tab.watch(thirty(1));
    await tab.pass(1);
    stop();
    await tab.pass(300);
    expect(tab.questions).toHaveLength(1);
  });

  test('are asked for again after a failure, not at once', async () => {
    let isDown = true;
    const tab = openTab((config, nowMs) => {
      if (isDown) throw new Error('down');
      return codeOf(config, nowMs);
    });
    tab.watch(thirty(1));
    await tab.pass(1);
    expect(tab.codes.read().failure?.message).toBe('down');
    await tab.pass(3);
    expect(tab.questions).toHaveLength(1);
    isDown = false;
    await tab.pass(3);
    expect(tab.questions).toHaveLength(2);
    expect(tab.codes.read()).toMatchObject({ failure: undefined });
  });

  test('that the service refuses are asked for no oftener than others', async () => {
    const tab = openTab(({ id }) => ({ config_id: id, success: false, error: 'config_locked' }));
    tab.watch(thirty(1));
    await tab.pass(300);
    expect(tab.questions).toHaveLength(11);
  });
});
