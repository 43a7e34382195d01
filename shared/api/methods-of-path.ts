import { contracts } from './index.ts';

const routes = contracts.map(({ method, path }) => ({
  method,
  // A parameter is one segment; one trailing slash more or less is the same route.
  pattern: new RegExp(
    `^${path
      .replaceAll('.', '\\.')
      .replace(/\{\w+\}/g, '[^/]+')
      .replace(/\/$/, '')}/?$`,
  ),
}));

/** The methods that a path takes; none where there is no such path. */
export function methodsOf(path: string): string[] {
  return [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))].sort();
}
