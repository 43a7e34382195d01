import decodeQR from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { buildOtpauthUri } from './otpauth-uri.ts';
import { qrSvg } from './qr-svg.ts';

const uri = 'otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example';

/** The dark modules that a viewer would paint, as `x,y`. */
function darkModules(svg: string): Set<string> {
  const path = /fill="#000" d="([^"]*)"/.exec(svg)?.[1] ?? '';
  const dark = new Set<string>();
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let offset = 0; offset < Number(width); offset += 1) dark.add(`${Number(x) + offset},${y}`);
  }
  return dark;
}

/** What a camera reads that sees the picture, three pixels a module. */
function scan(svg: string): string {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const dark = darkModules(svg);
  const scale = 3;
  const width = size * scale;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isDark = dark.has(`${Math.floor(x / scale)},${Math.floor(y / scale)}`);
      if (isDark) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return decodeQR({ width, height: width, data });
}

describe('qrSvg', () => {
  it('paints what a reader reads again', () => {
    expect(scan(qrSvg(uri))).toBe(uri);
  });

  it('leaves a quiet zone of four modules', () => {
    const svg = qrSvg(uri);
    const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    const positions = [...darkModules(svg)].flatMap((module) => module.split(',').map(Number));
    expect(Math.min(...positions)).toBe(4);
    expect(Math.max(...positions)).toBe(size - 5);
  });

  it('is one element without style, script or reference, sharp at any size', () => {
    const svg = qrSvg(uri);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^<>]*><path [^<>]*\/><path [^<>]*\/><\/svg>$/);
    expect(svg).toContain('shape-rendering="crispEdges"');
    expect(svg).not.toMatch(/style|script|href|url\(|on[a-z]+=/i);
    expect(svg).not.toContain('JBSWY3DP');
  });

  it('holds the longest URI that a configuration can have', () => {
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
    expect(darkModules(qrSvg(longest)).size).toBeGreaterThan(10_000);
  });
});
