import { useMutation } from '@tanstack/react-query';
import { authenticate } from '../../../shared/api/token.ts';
import { call } from './client.ts';

/** What a new account is made of. */
export interface Registration {
  username: string;
  email: string;
  password: string;
  department?: string;
  job_title?: string;
}

/** Creates an account. */
export function useSignUp() {
  return useMutation({
    mutationFn: (registration: Registration) => call(authenticate, { body: { action: 'signup', ...registration } }),
  });
}
