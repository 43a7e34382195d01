import * as z from 'zod/mini';
import type { Input } from '../../shared/api/route.ts';
import { listUsers } from '../../shared/api/users.ts';
import * as logins from '../../shared/data/logins.ts';
import * as userListing from '../../shared/data/user-listing.ts';
import * as users from '../../shared/data/users.ts';
import { canonicalUsername } from '../../shared/domain/ids.ts';
import { adminUserAnswer } from '../../shared/flows/user-answer.ts';
import { nextLink, readCursor } from '../../shared/http/cursor.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

const place = z.object({ after: z.record(z.string(), z.string()) });

/** GET /users: by creation, or whose name or e-mail begins with the search. The index names them, a second read brings them. */
export const handler = endpoint(listUsers, {
  // The first page is read beside the caller; where a later one begins is known only once its cursor is proven to be the caller's.
  load: ({ query }) => (query.cursor === undefined ? [rangeOf(query)] : []),
  decide: async (known, facts) => {
    const cursor = readCursor(listUsers, known);
    const range = rangeOf(known.query, cursor && place.parse(cursor).after);
    const { rows, next } = (cursor === undefined ? facts : await facts.more([range])).page(range);
    const refs = rows.flatMap(({ user_id }) => [users.ref(user_id), logins.ref(user_id)]);
    const found = await facts.more(refs);
    const listed = rows.flatMap((row) => {
      const user = found.get(users.ref(row.user_id));
      return user && !isListedByName(row, user, known.query.search) ? [user] : [];
    });
    return {
      reply: listed.map((user) => adminUserAnswer(user, found.get(logins.ref(user.id)), known.now)),
      headers: nextLink(listUsers, known, next && { after: next }),
    };
  },
});

type Query = Input<typeof listUsers, 'query'>;

function rangeOf({ search, limit }: Query, after?: Record<string, string>) {
  const page = { limit, after };
  // Names and addresses are folded by one rule.
  return search === undefined ? userListing.byCreation(page) : userListing.byBeginning(canonicalUsername(search), page);
}

// Whose name and address both begin so stands in the list once, where the name does.
function isListedByName(row: userListing.ListedUser, user: users.User, search = ''): boolean {
  return userListing.isByEmail(row) && canonicalUsername(user.username).startsWith(canonicalUsername(search));
}
