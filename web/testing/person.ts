import type { BrowserContext } from 'playwright-core';
import { inject } from 'vitest';
import { type MfaUser, newMfaUser } from '../../infra/local/testing/mfa-user.ts';
import { type ConnectedProduct, connect, type TestUser } from '../../infra/local/testing.ts';
import { seedUser } from '../../infra/testing/seeded-user.ts';

/** Somebody with an account and a session that goes along from one browser to the next. */
export interface Person extends TestUser {
  /** The refresh token that the session has come to. */
  refreshToken: string;
}

const cookieName = '__Host-otp_refresh';

/** The product that browsers look at, for what a test prepares by the API. */
export function theProduct(): ConnectedProduct {
  return connect(inject('generous'));
}

/** Somebody whose log-in asks for a code too. */
export function newPersonWithMfa(): Promise<MfaUser> {
  return triedAgain(() => newMfaUser(theProduct()));
}

/** On a machine that has much else to do, hashing a password may outlast its deadline. Then there is no user yet, and it is done again. */
export async function triedAgain<T>(prepare: () => Promise<T>): Promise<T> {
  for (let left = 5; ; left -= 1) {
    try {
      return await prepare();
    } catch (error) {
      if (left === 0 || !String(error).includes(': 503')) throw error;
    }
  }
}

/** Somebody with an account, and a session by the API. */
export async function newPerson(product = theProduct()): Promise<Person> {
  return { ...(await seedUser(product)) };
}

/** Gives a browser somebody's session, as a log-in would have: by the cookie. */
export async function putIn(context: BrowserContext, { refreshToken }: Person): Promise<void> {
  await context.addCookies([
    {
      name: cookieName,
      value: refreshToken,
      // An https address, since a browser is given no Secure cookie by hand for another; it sends it to a loopback all the same.
      url: inject('generous').console.replace('http:', 'https:'),
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
    },
  ]);
}

/** Takes note of how far the session has come in a browser, since each refresh token is good for one browser only. */
export async function takeOut(context: BrowserContext, person: Person): Promise<void> {
  const cookie = (await context.cookies()).find(({ name }) => name === cookieName);
  if (cookie !== undefined) person.refreshToken = cookie.value;
}
