import { describe, expect, it } from 'vitest';
import { TableUnavailable } from '../data/table.ts';
import { createTurns } from './turns.ts';

const soon = () => AbortSignal.timeout(1000);

describe('turns', () => {
  it('come one after the other, in the order in which they were asked for', async () => {
    const turns = createTurns();
    const order: string[] = [];
    const work = async (name: string) => {
      const end = await turns.take('alice', soon());
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      end();
    };
    await Promise.all([work('a'), work('b'), work('c')]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('of different names do not wait for one another', async () => {
    const turns = createTurns();
    await turns.take('alice', soon());
    await turns.take('bob', soon());
    expect([turns.isTaken('alice'), turns.isTaken('bob'), turns.isTaken('carol')]).toEqual([true, true, false]);
  });

  it('are forgotten when nobody has or wants them', async () => {
    const turns = createTurns();
    const end = await turns.take('alice', soon());
    end();
    await new Promise(setImmediate);
    expect(turns.isTaken('alice')).toBe(false);
  });

  it('are given up in time, and whoever waits behind still gets one', async () => {
    const turns = createTurns();
    const end = await turns.take('alice', soon());
    const late = turns.take('alice', AbortSignal.timeout(20));
    const behind = turns.take('alice', soon());
    await expect(late).rejects.toBeInstanceOf(TableUnavailable);
    end();
    (await behind)();
    await expect(turns.take('bob', AbortSignal.abort())).rejects.toBeInstanceOf(TableUnavailable);
  });
});
