import { registerUser } from '../../shared/api/users.ts';
import { refuseUnfit, signUp, signUpRefs } from '../../shared/flows/sign-up.ts';
import { userAnswer } from '../../shared/flows/user-answer.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import type { Operation } from '../../shared/http/operation.ts';

const register: Operation<typeof registerUser> = {
  spendsFirst: true,
  load: ({ body }) => signUpRefs(body),
  decide: async (known, facts) => {
    const { user, ...effects } = await signUp(known.body, known, facts);
    return { reply: userAnswer(user), ...effects };
  },
};

/** POST /users: an account for whoever asks, where registration is open (SPEC §6.1). */
export const handler = endpoint(registerUser, ({ body }) => {
  refuseUnfit(body);
  return register;
});
