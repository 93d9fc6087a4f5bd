export function rrwebPatch(): import("vite").Plugin;
export function patched(code: string): string;
