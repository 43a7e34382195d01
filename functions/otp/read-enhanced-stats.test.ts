import { describe, expect, inject, it } from 'vitest';
import { connect } from '../../infra/local/testing.ts';
import { codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { createConfig, createKey, generate, setClock, validate } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));
const dayMs = 86_400_000;

const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const none = { generations: 0, validations: 0, successes: 0 };

describe('GET /otp/stats/enhanced', () => {
  it('answers today and the seven days before as zeros to who has done nothing', async () => {
    const user = await seedUser(product);
    const noon = Math.floor(Date.now() / dayMs) * dayMs + dayMs / 2 + dayMs;
    const client = product.newClient();
    await setClock(client, noon);
    const { token } = await product.logIn(client, { username: user.username, password: user.password });
    const { status, headers, body } = await client.get('/otp/stats/enhanced', { token });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      total_configs: 0,
      active_configs: 0,
      total_generations: 0,
      total_validations: 0,
      successful_validations: 0,
      recent_generations: 0,
      recent_validations: 0,
      recent_success_rate: 0,
      analysis_period: '7 days',
      daily: [7, 6, 5, 4, 3, 2, 1, 0].map((ago) => ({ date: dateOf(noon - ago * dayMs), ...none })),
    });
    expect(await client.get('/otp/stats/enhanced')).toMatchObject({ status: 401 });
  });

  it('tells the days apart by UTC, and lets go of those that are over a week ago', async () => {
    const user = await seedUser(product);
    const config = await createConfig(user, { otp_type: 'hotp', look_ahead: 20 });
    const key = await createKey(user, product.newClient());
    // A midnight to come: what is done a second before and after it belongs to two days.
    const midnight = (Math.floor(Date.now() / dayMs) + 2) * dayMs;
    await setClock(key.client, midnight - dayMs / 2);
    await generate(key, config.id);
    await validate(key, config.id, codeOfCounter(config.entry, 0));
    await setClock(key.client, midnight + dayMs / 2);
    await generate(key, config.id);
    await generate(key, config.id);
    await validate(key, config.id, wrongCode(config.entry, [1]));
    await validate(key, config.id, wrongCode(config.entry, [1]));

    async function readAt(ms: number) {
      const client = product.newClient();
      await setClock(client, ms);
      const { token } = await product.logIn(client, { username: user.username, password: user.password });
      return (await client.get('/otp/stats/enhanced', { token })).body;
    }
    const soon = await readAt(midnight + dayMs / 2);
    expect(soon).toMatchObject({ recent_generations: 3, recent_validations: 3, recent_success_rate: 33.33 });
    expect(soon.daily.slice(-3)).toEqual([
      { date: dateOf(midnight - 2 * dayMs), ...none },
      { date: dateOf(midnight - dayMs), generations: 1, validations: 1, successes: 1 },
      { date: dateOf(midnight), generations: 2, validations: 2, successes: 0 },
    ]);
    const aWeekLater = await readAt(midnight + 7.5 * dayMs);
    expect(aWeekLater).toMatchObject({ recent_generations: 2, recent_validations: 2, recent_success_rate: 0 });
    expect(aWeekLater.daily[0]).toEqual({ date: dateOf(midnight), generations: 2, validations: 2, successes: 0 });
    expect(aWeekLater.daily).toHaveLength(8);
    const later = await readAt(midnight + 8.5 * dayMs);
    expect(later).toMatchObject({ total_generations: 3, total_validations: 3, successful_validations: 1 });
    expect(later).toMatchObject({ recent_generations: 0, recent_validations: 0, recent_success_rate: 0 });

    // A use on a later day takes the old days out of the meter, and keeps the totals.
    await setClock(key.client, midnight + 20 * dayMs);
    await generate(key, config.id);
    expect(await readAt(midnight + 20 * dayMs)).toMatchObject({ total_generations: 4, recent_generations: 1 });
  });

  it('is not for API keys', async () => {
    const user = await seedUser(product);
    const key = await createKey(user, product.newClient());
    const byKey = await key.client.get('/otp/stats/enhanced', { token: key.token });
    expect(byKey).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
  });
});
