/**
 * An address without what it carries: `*` for each value of its query and, when it has a query in
 * it, of its fragment. `/search?q=lamp&page=2#a=b` is `/search?q=*&page=*#a=*`.
 */
export function scrubAddress(address: string): string {
  // What is after the comma of a picture in the address is no query.
  if (!/[?#]/.test(address) || /^(data|blob):/i.test(address)) return address;
  return address.replace(/([?&#;][^=&#?;]*=)[^&#]*/g, "$1*").replace(/\?[^=&#]+(?=[#&]|$)/g, "?*");
}
