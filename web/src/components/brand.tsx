import classes from './brand.module.css';

/** The mark and the name. */
export function Brand() {
  return (
    <span className={classes.brand}>
      <svg aria-hidden="true" width="28" height="28" viewBox="0 0 32 32">
        <rect width="32" height="32" rx="8" className={classes.ground} />
        <circle cx="16" cy="16" r="9" className={classes.track} />
        <path d="M16 7a9 9 0 1 1-8.56 6.2" className={classes.rest} />
        <circle cx="16" cy="16" r="2.5" className={classes.dot} />
      </svg>
      OTP Service
    </span>
  );
}
