/** The value of an option that counts something. */
export function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new Error(`--${option} is "${text}"; it is a whole number from 1`);
  }
  return Number(text);
}

/** Runs a program to its end, and tells its user what went wrong. */
export function runProgram(main: () => Promise<void>): void {
  main().then(
    // What was started on the cluster goes on; its handles must not keep this process.
    () => process.exit(),
    (error: Error) => {
      process.stderr.write(`error: ${error.message}\n`);
      process.exit(1);
    },
  );
}
