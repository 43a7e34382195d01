import type { IssuedTokens } from './issue-tokens.ts';

// The prefix makes the browser itself hold it to Secure, Path=/ and this host alone (RFC 6265bis §4.1.3.2).
const name = '__Host-otp_refresh';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** The cookie that carries a refresh token, for as long as the session can last. */
export function refreshCookie({ refreshToken, sessionExpiresAt }: IssuedTokens, now: number): string {
  const seconds = Math.max(0, Math.floor((sessionExpiresAt - now) / 1000));
  return `${name}=${refreshToken}; Max-Age=${seconds}; ${attributes}`;
}

/** Takes the cookie away. */
export const clearedCookie = `${name}=; Max-Age=0; ${attributes}`;

/** The refresh token among a request's cookies (`name=value` each). */
export function readCookie(cookies: readonly string[]): string | undefined {
  const cookie = cookies.find((text) => text.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1) || undefined;
}
