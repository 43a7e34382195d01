import { describe, expect, test, vi } from 'vitest';
import { holdValue } from './held-value.ts';

const times = { maxAgeMs: 900_000, reloadMs: 5000 };

describe('get', () => {
  test('loads once for callers at the same moment', async () => {
    const load = vi.fn(async () => 'value');
    const held = holdValue(load, times);
    expect(await Promise.all(Array.from({ length: 20 }, () => held.get(0)))).toEqual(Array(20).fill('value'));
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('loads again when the time is up, and not a millisecond earlier', async () => {
    const load = vi.fn(async () => 'value');
    const held = holdValue(load, times);
    await held.get(0);
    await held.get(899_999);
    expect(load).toHaveBeenCalledTimes(1);
    await held.get(900_000);
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('counts the age from before the load', async () => {
    const load = vi.fn(async () => 'value');
    const held = holdValue(load, times);
    const first = held.get(1000);
    await held.get(1005);
    await first;
    await held.get(901_000);
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('forgets a failure: all who shared it see it, the next caller heals', async () => {
    const load = vi.fn(async () => 'value').mockRejectedValueOnce(new Error('cold'));
    const held = holdValue(load, times);
    const results = await Promise.allSettled([held.get(0), held.get(0)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(load).toHaveBeenCalledTimes(1);
    expect(await held.get(0)).toBe('value');
  });

  test('forgets a load that throws before it is a promise', async () => {
    let broken = true;
    const held = holdValue(() => {
      if (broken) throw new Error('cold');
      return Promise.resolve('value');
    }, times);
    await expect(held.get(0)).rejects.toThrow('cold');
    broken = false;
    expect(await held.get(0)).toBe('value');
  });

  test('does not serve what is past its time when the load fails', async () => {
    const load = vi
      .fn(async () => 'value')
      .mockResolvedValueOnce('old')
      .mockRejectedValueOnce(new Error('down'));
    const held = holdValue(load, times);
    await held.get(0);
    await expect(held.get(900_000)).rejects.toThrow('down');
    expect(await held.get(900_000)).toBe('value');
  });

  test('takes a clock that stepped back for time passed, but not requests that overtook each other', async () => {
    const load = vi.fn(async () => 'value');
    const held = holdValue(load, times);
    await held.get(1_000_000);
    await held.get(999_990);
    expect(load).toHaveBeenCalledTimes(1);
    await held.get(400_000);
    expect(load).toHaveBeenCalledTimes(2);
  });
});

describe('reload', () => {
  test('loads at most once in its span, whoever asks', async () => {
    const load = vi.fn(async () => 'value');
    const held = holdValue(load, times);
    await held.get(0);
    await Promise.all(Array.from({ length: 20 }, () => held.reload(0)));
    await held.reload(4999);
    expect(load).toHaveBeenCalledTimes(2);
    await held.reload(5000);
    expect(load).toHaveBeenCalledTimes(3);
  });

  test('replaces the held value', async () => {
    const load = vi.fn(async () => 'new').mockResolvedValueOnce('old');
    const held = holdValue(load, times);
    expect(await held.get(0)).toBe('old');
    expect(await held.reload(1)).toBe('new');
    expect(await held.get(2)).toBe('new');
  });

  test('leaves the held value in place when it fails, and may be tried again at once', async () => {
    const load = vi
      .fn(async () => 'new')
      .mockResolvedValueOnce('old')
      .mockRejectedValueOnce(new Error('down'));
    const held = holdValue(load, times);
    await held.get(0);
    await expect(held.reload(1)).rejects.toThrow('down');
    expect(await held.get(2)).toBe('old');
    expect(await held.reload(3)).toBe('new');
  });

  test('lets callers have the held value while it runs', async () => {
    const slow = Promise.withResolvers<string>();
    const load = vi.fn(() => slow.promise).mockResolvedValueOnce('old');
    const held = holdValue(load, times);
    await held.get(0);
    const reloading = held.reload(1);
    expect(await held.get(2)).toBe('old');
    slow.resolve('new');
    expect(await reloading).toBe('new');
    expect(await held.get(3)).toBe('new');
  });
});
