import { codeAtInstant } from '../../infra/testing/authenticator.ts';
import { createConfig, generate, validate } from '../../infra/testing/otp-user.ts';
import { newPerson, type Person, theProduct } from './person.ts';

/** Somebody whose pages are full: configurations of every kind and state, events, keys, another session. */
export async function newBusyPerson(): Promise<Person> {
  const product = theProduct();
  const person = await newPerson(product);
  const bank = await createConfig(person, { name: 'Nordbank', issuer: 'Nordbank', account: 'ada@example.com' });
  await Promise.all([
    createConfig(person, { name: 'Mail', issuer: 'Posthorn', account: 'ada', algorithm: 'sha256', digits: 8 }),
    createConfig(person, {
      name: 'VPN of the office in Rotterdam, second floor, with a rather long name',
      interval: 60,
    }),
    createConfig(person, { name: 'Door', otp_type: 'hotp', issuer: 'Building 7', counter: 41 }),
    createConfig(person, { name: 'Old forum', issuer: 'Forum', account: 'lovelace' }),
  ]);
  const old = await createConfig(person, { name: 'Retired', issuer: 'Attic' });
  await person.client.patch(`/otp/configs/${old.id}`, { is_active: false }, { token: person.token });
  await generate(person, bank.id);
  await validate(person, bank.id, codeAtInstant(bank.entry, Date.now()));
  await validate(person, bank.id, '000000');
  for (const name of ['Shop back end', 'Nightly job'])
    await person.client.post('/api-keys', { name, scopes: ['otp:generate', 'otp:validate'] }, { token: person.token });
  await product.logIn(person.client, { username: person.username, password: person.password });
  return person;
}
