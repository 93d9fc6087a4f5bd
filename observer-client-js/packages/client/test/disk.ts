import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

/** A browser that has a database of its own, empty. Returns the undo. */
export function giveDatabase(): () => void {
  Reflect.set(globalThis, "indexedDB", new IDBFactory());
  Reflect.set(globalThis, "IDBKeyRange", IDBKeyRange);
  return () => {
    Reflect.deleteProperty(globalThis, "indexedDB");
    Reflect.deleteProperty(globalThis, "IDBKeyRange");
  };
}
