/** As much of it as the tests use; it brings no types. */
declare module "jsdom" {
  export class JSDOM {
    constructor(html: string, options: Readonly<Record<string, unknown>>);
    readonly window: Window & { eval(script: string): unknown };
  }
}
