import { describe, expect, it } from 'vitest';
import { routeFinder } from './http-routes.ts';

const find = routeFinder(
  [
    '$default',
    'GET /',
    'GET /users',
    'GET /users/{user_id}',
    'GET /users/me',
    'DELETE /users/{user_id}/sessions',
    'DELETE /users/me/sessions',
    'ANY /users/{user_id}/sessions',
    'GET /files/{rest+}',
    'GET /files/{name}',
  ].map((key) => ({ key, operation: key })),
);
const keyOf = (method: string, path: string) => find(method, path)?.route.key;

describe('routeFinder', () => {
  it.each([
    ['GET', '/', 'GET /'],
    ['GET', '/users', 'GET /users'],
    ['GET', '/users/', 'GET /users'],
    ['GET', '/users//', '$default'],
    ['GET', '//users', '$default'],
    ['GET', '/users/me', 'GET /users/me'],
    ['GET', '/users/you', 'GET /users/{user_id}'],
    ['POST', '/users', '$default'],
    ['get', '/users', '$default'],
    ['DELETE', '/users/me/sessions', 'DELETE /users/me/sessions'],
    ['DELETE', '/users/you/sessions', 'DELETE /users/{user_id}/sessions'],
    ['GET', '/users/you/sessions', 'ANY /users/{user_id}/sessions'],
    ['GET', '/files/one', 'GET /files/{name}'],
    ['GET', '/files/one/two', 'GET /files/{rest+}'],
    ['GET', '/files', '$default'],
    ['GET', '/Users', '$default'],
  ])('%s %s is %s', (method, path, key) => {
    expect(keyOf(method, path)).toBe(key);
  });

  it('decodes the values of variables, and leaves what is not encoded well', () => {
    expect(find('GET', '/users/a%20b%2Fc')?.pathParameters).toEqual({ user_id: 'a b/c' });
    expect(find('GET', '/users/100%')?.pathParameters).toEqual({ user_id: '100%' });
    expect(find('GET', '/files/one/two')?.pathParameters).toEqual({ rest: 'one/two' });
  });

  it('finds nothing where the API has no default', () => {
    expect(routeFinder([{ key: 'GET /', operation: 'a' }])('GET', '/else')).toBeUndefined();
  });
});
