package io.resticfleet.agent.job;

/** Names of a directory, each as a number of 64 bits: those of a million files fit into 16 MiB. */
final class HashedNames {

    private static final int FIRST_LENGTH = 16;

    private long[] table = new long[FIRST_LENGTH];
    private int size;

    /** Whether the name is new; of different names, one in billions is not. */
    boolean add(String name) {
        if (2 * size >= table.length) {
            var old = table;
            table = new long[2 * old.length];
            for (long hash : old) {
                if (hash != 0) {
                    table[place(hash)] = hash;
                }
            }
        }
        long hash = hash(name);
        int place = place(hash);
        if (table[place] == hash) {
            return false;
        }
        table[place] = hash;
        size++;
        return true;
    }

    boolean contains(String name) {
        long hash = hash(name);
        return table[place(hash)] == hash;
    }

    /** Where the number is, or can be put. */
    private int place(long hash) {
        int place = (int) hash & table.length - 1;
        while (table[place] != 0 && table[place] != hash) {
            place = place + 1 & table.length - 1;
        }
        return place;
    }

    static long hash(String name) {
        long hash = name.length();
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 32;
        }
        return hash == 0 ? 1 : hash;
    }
}
