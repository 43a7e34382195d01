import { readMe } from '../../shared/api/users.ts';
import { userAnswer } from '../../shared/flows/user-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';

/** GET /users/me: who one is. */
export const handler = endpoint(readMe, { decide: ({ caller }) => ({ reply: userAnswer(caller.user) }) });
