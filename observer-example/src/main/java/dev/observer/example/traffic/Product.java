package dev.observer.example.traffic;

/** Something the shop sells, as far as its visitors care. */
record Product(String id, String name, int priceCents) {}
