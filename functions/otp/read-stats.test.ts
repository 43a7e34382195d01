import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { type Answer, atLast, connect } from '../../infra/local/testing.ts';
import { codeOfCounter, wrongCode } from '../../infra/testing/authenticator.ts';
import { createConfig, createKey, generate, validate } from '../../infra/testing/otp-user.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

const product = connect(inject('generous'));

describe('GET /otp/stats', () => {
  it('is exact at once after every act, and counts no more than was done', async () => {
    const user = await seedUser(product);
    const stats = async () => (await user.client.get('/otp/stats', { token: user.token })).body;
    const expected = {
      total_configs: 0,
      active_configs: 0,
      total_generations: 0,
      total_validations: 0,
      successful_validations: 0,
    };
    expect(await stats()).toEqual(expected);

    const one = await createConfig(user, { otp_type: 'hotp', look_ahead: 20 });
    const two = await createConfig(user);
    await user.client.patch(`/otp/configs/${two.id}`, { is_active: false }, { token: user.token });
    expect(await stats()).toEqual({ ...expected, total_configs: 2, active_configs: 1 });

    await generate(user, one.id);
    await generate(user, one.id, { counter_increment: true });
    await user.client.post('/otp/bulk/generate', [one.id, two.id, 99, one.id], { token: user.token });
    expect(await stats()).toMatchObject({ total_generations: 4, total_validations: 0 });
    // Refused: nothing was made.
    await generate(user, two.id);
    await generate(user, 99);
    expect(await stats()).toMatchObject({ total_generations: 4 });

    await validate(user, one.id, codeOfCounter(one.entry, 1));
    await validate(user, one.id, codeOfCounter(one.entry, 1));
    await validate(user, one.id, wrongCode(one.entry, [1]));
    await validate(user, two.id, '000000');
    expect(await stats()).toMatchObject({ total_validations: 4, successful_validations: 1 });
    // Refused: nothing was decided.
    await validate(user, 99, '000000');
    await validate(user, one.id, 'abcdef');
    expect(await stats()).toMatchObject({ total_validations: 4, successful_validations: 1 });

    // An answer that is given again is no second act.
    const headers = { 'idempotency-key': 'once' };
    for (let time = 0; time < 3; time++) {
      await validate(user, one.id, codeOfCounter(one.entry, 2), {}, { headers });
    }
    expect(await stats()).toMatchObject({ total_validations: 5, successful_validations: 2 });

    // At once, each with a key, so that one that is told to try again counts once.
    const once = (ask: (options: { headers: Record<string, string> }) => Promise<Answer>) => {
      const options = { headers: { 'idempotency-key': randomUUID() } };
      return atLast(() => ask(options));
    };
    await Promise.all([
      ...Array.from({ length: 10 }, (_, at) =>
        once((options) => validate(user, one.id, codeOfCounter(one.entry, 3 + at), {}, options)),
      ),
      ...Array.from({ length: 10 }, () => once((options) => generate(user, one.id, {}, options))),
    ]);
    expect(await stats()).toMatchObject({ total_generations: 14, total_validations: 15 });

    await user.client.delete(`/otp/configs/${two.id}`, { token: user.token });
    const { total_generations, total_configs, active_configs } = await stats();
    expect([total_generations, total_configs, active_configs]).toEqual([14, 1, 1]);
  });

  it('is not for API keys, and needs somebody', async () => {
    const user = await seedUser(product);
    const key = await createKey(user, product.newClient());
    const byKey = await key.client.get('/otp/stats', { token: key.token });
    expect(byKey).toMatchObject({ status: 403, body: { code: 'user_token_required' } });
    expect(await user.client.get('/otp/stats')).toMatchObject({ status: 401 });
  });
});
