/** A route of the HTTP API and the function behind it. */
export interface Route {
  /** As the template has it: `GET /otp/configs/{config_id}`, `ANY /…` or `$default`. */
  readonly key: string;
  readonly operation: string;
}

/** The route that takes a request, with the values of its path's variables, decoded. */
export interface RouteMatch {
  readonly route: Route;
  readonly pathParameters: Record<string, string>;
}

interface Segments {
  readonly route: Route;
  readonly method: string;
  readonly segments: readonly string[];
}

/**
 * A finder of routes with API Gateway's order: the whole path before a greedy variable, a fixed segment before a variable, a named
 * method before ANY, `$default` last. A slash at the end of the path makes no difference.
 */
export function routeFinder(routes: readonly Route[]): (method: string, path: string) => RouteMatch | undefined {
  const byPrecedence = routes
    .filter(({ key }) => key !== '$default')
    .map(readRoute)
    .sort(precedence);
  const otherwise = routes.find(({ key }) => key === '$default');

  return (method, path) => {
    const asked = segmentsOf(path);
    for (const candidate of byPrecedence) {
      if (candidate.method !== method && candidate.method !== 'ANY') continue;
      const pathParameters = matchSegments(candidate.segments, asked);
      if (pathParameters !== undefined) return { route: candidate.route, pathParameters };
    }
    return otherwise && { route: otherwise, pathParameters: {} };
  };
}

function readRoute(route: Route): Segments {
  const [method = '', path = ''] = route.key.split(' ');
  return { route, method, segments: segmentsOf(path) };
}

function segmentsOf(path: string): string[] {
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed.split('/').slice(1);
}

function matchSegments(wanted: readonly string[], asked: readonly string[]): Record<string, string> | undefined {
  const last = wanted.at(-1);
  const isGreedy = last?.endsWith('+}') ?? false;
  if (isGreedy ? asked.length < wanted.length : asked.length !== wanted.length) return undefined;
  const values: Record<string, string> = {};
  for (const [at, segment] of wanted.entries()) {
    const isVariable = segment.startsWith('{');
    const isRest = isGreedy && at === wanted.length - 1;
    const value = isRest ? asked.slice(at).join('/') : (asked[at] ?? '');
    if (!isVariable && segment !== value) return undefined;
    // A variable stands for at least one character.
    if (isVariable && value === '') return undefined;
    if (isVariable) values[segment.replace(/^\{|\+?\}$/g, '')] = decode(value);
  }
  return values;
}

/** Decodes what is percent-encoded; a text that is not, as it stands. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function precedence(a: Segments, b: Segments): number {
  return weight(a).localeCompare(weight(b));
}

// Fixed segments sort first, then variables, then the greedy one; of equal paths the named method.
function weight({ method, segments }: Segments): string {
  const kinds = segments.map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0'));
  return `${kinds.join('')}${method === 'ANY' ? '1' : '0'}`;
}
