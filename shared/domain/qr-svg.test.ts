import { describe, expect, it } from 'vitest';
import { buildOtpauthUri } from './otpauth-uri.ts';
import { qrSvg } from './qr-svg.ts';
import { darkModules, scanQrSvg } from './testing/scan-qr-svg.ts';

const uri = 'otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example';

describe('qrSvg', () => {
  it('paints what a reader reads again', async () => {
    expect(scanQrSvg(await qrSvg(uri))).toBe(uri);
  });

  it('leaves a quiet zone of four modules', async () => {
    const svg = await qrSvg(uri);
    const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    const positions = [...darkModules(svg)].flatMap((module) => module.split(',').map(Number));
    expect(Math.min(...positions)).toBe(4);
    expect(Math.max(...positions)).toBe(size - 5);
  });

  it('is one element without style, script or reference, sharp at any size', async () => {
    const svg = await qrSvg(uri);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^<>]*><path [^<>]*\/><path [^<>]*\/><\/svg>$/);
    expect(svg).toContain('shape-rendering="crispEdges"');
    expect(svg).not.toMatch(/style|script|href|url\(|on[a-z]+=/i);
    expect(svg).not.toContain('JBSWY3DP');
  });

  it('holds the longest URI that a configuration can have', async () => {
    const longest = buildOtpauthUri({
      otp_type: 'hotp',
      algorithm: 'sha512',
      digits: 8,
      counter: Number.MAX_SAFE_INTEGER,
      secret: new Uint8Array(128).fill(255),
      issuer: '漢'.repeat(64),
      account: '漢'.repeat(128),
    });
    expect(longest.length).toBeGreaterThan(2331);
    expect(darkModules(await qrSvg(longest)).size).toBeGreaterThan(10_000);
  });
});
