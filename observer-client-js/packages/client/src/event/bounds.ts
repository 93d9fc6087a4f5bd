/**
 * Bounds kept on this side of the wire, below the server's (64 KiB a string, 1,000 items, 1 MiB a
 * body, 32 levels), so that an honest page is never refused. What is cut ends in `…`. A module of
 * constants, because a minifier writes those where they are used.
 */
export const messageBytes = 8 * 1024;
export const stackBytes = 48 * 1024;
export const causeStackBytes = 16 * 1024;
export const causes = 10;
export const nameBytes = 256;
export const urlBytes = 8 * 1024;
export const breadcrumbs = 50;
export const breadcrumbBytes = 1024;
/** Of all of an error together: it has to fit into what a page may send at its end. */
export const breadcrumbsBytes = 16 * 1024;
/** Of all that is inside one `properties`. */
export const properties = { depth: 8, values: 1000, bytes: 60 * 1024 } as const;
export const breadcrumbProperties = { depth: 3, values: 50, bytes: 2 * 1024 } as const;
